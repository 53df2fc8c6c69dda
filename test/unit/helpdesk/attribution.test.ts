import { expect, test } from 'vitest';
import { withAuthor } from '../../../src/helpdesk/attribution.ts';

test('a name stands in one line above the text, if there is a name', () => {
  expect(withAuthor('Maya Lind', 'On it.\nSoon.')).toBe('Maya Lind:\n\nOn it.\nSoon.');
  expect(withAuthor(' Maya\n\nSupport  Team ', 'On it.')).toBe('Maya Support Team:\n\nOn it.');
  expect(withAuthor(' ', 'On it.')).toBe('On it.');
});
