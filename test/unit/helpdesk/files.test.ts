import { expect, test } from 'vitest';
import { checkedBytes } from '../../../src/helpdesk/checked-bytes.ts';
import { isPageInstead } from '../../../src/helpdesk/web-page.ts';

const page = { type: 'text/html; charset=utf-8', start: Buffer.from('<!DOCTYPE html><html>') };

test('a page is known by its type or its start, unless a page was wanted', () => {
  expect(isPageInstead('image/png', page)).toBe(true);
  expect(isPageInstead('image/png', { type: 'image/png', start: page.start })).toBe(true);
  expect(isPageInstead('image/png', { type: '', start: Buffer.from('\uFEFF \n<HTML lang="en">') })).toBe(true);
  expect(isPageInstead('image/png', { type: 'TEXT/HTML', start: Buffer.from('PNG') })).toBe(true);
  expect(isPageInstead('text/html', page)).toBe(false);
  expect(isPageInstead('text/plain', { type: 'text/plain', start: Buffer.from('I said <html>') })).toBe(false);
  expect(isPageInstead('text/xml', { type: 'text/xml', start: Buffer.from('<htmlish/>') })).toBe(false);
  expect(isPageInstead('text/plain', { type: 'text/plain', start: new Uint8Array() })).toBe(false);
});

test('bytes pass as they are, and no others than were said', async () => {
  const read = async (size: number) => {
    const seen: number[] = [];
    async function* chunks() {
      yield Uint8Array.of(1, 2);
      yield Uint8Array.of(3);
    }
    for await (const chunk of checkedBytes(chunks(), { name: 'a', size })) seen.push(...chunk);
    return seen;
  };
  expect(await read(3)).toEqual([1, 2, 3]);
  await expect(read(2)).rejects.toMatchObject({ reason: 'not_the_file' });
  await expect(read(4)).rejects.toMatchObject({ code: 'help_desk_unavailable', mayBeDone: false });
});
