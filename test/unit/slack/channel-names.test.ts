import { expect, test } from 'vitest';
import { namesInChannel } from '../../../src/slack/channel-names.ts';

test.each([
  ['acme', ['acme']],
  ['acme-shared', ['acme-shared', 'acme']],
  ['ext-acme', ['ext-acme', 'acme']],
  ['ext-acme-corp-support', ['ext-acme-corp-support', 'acme-corp']],
  ['shared_acme', ['shared_acme', 'acme']],
  ['customer-support', ['customer-support', 'support']],
  ['shared', ['shared']],
  ['Acme', ['acme']],
  ['', []],
])('the channel %s may be of %o', (channel, names) => {
  expect(namesInChannel(channel)).toEqual(names);
});
