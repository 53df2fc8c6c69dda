import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readAll, rowsOf, sourceOf } from './read-text.ts';

describe('the format of an input', () => {
  it.each([
    [',', 'id,name,arr\na,"x,y",1\n'],
    [';', 'id;name;arr\na;x,y;1\n'],
    ['tab', 'id\tname\tarr\na\tx,y\t1\n'],
    ['|', 'id|name|arr\na|x,y|1\n'],
  ])('finds the delimiter %s', async (_, text) => {
    const { cells } = await readAll(text);
    expect(cells).toEqual([['a', 'x,y', '1']]);
  });

  it('prefers the delimiter that brings known columns over the one that brings most', async () => {
    const source = await sourceOf('id;name, in full, with title\na;b\n');
    expect(source.columns).toEqual(['id', 'name, in full, with title']);
  });

  it('takes a file without a delimiter as one of a single column', async () => {
    expect((await readAll('id\na\nb')).cells).toEqual([['a'], ['b']]);
  });

  it('tells JSON lines by their content', async () => {
    const source = await sourceOf('\n{"id": "a", "seats": 5}\n');
    expect(source.format).toBe('json-lines');
  });

  it.each([
    ['CSV', 'id,name\na,é\n'],
    ['JSON lines', '{"id":"a","name":"é"}\n'],
  ])('reads gzip by its content: %s', async (_, text) => {
    expect((await readAll(gzipSync(text))).cells).toEqual([['a', 'é']]);
  });

  it('drops a byte order mark', async () => {
    expect((await sourceOf('\ufeffid,name\na,b\n')).columns).toEqual(['id', 'name']);
    expect((await readAll('\ufeff{"id":"a"}\n')).cells).toEqual([['a']]);
  });

  it.each([
    ['CR LF', 'id,name\r\na,b\r\nc,"d"\r\n'],
    ['CR', 'id,name\ra,b\rc,"d"\r'],
    ['none after the last line', 'id,name\na,b\nc,"d"'],
  ])('reads lines ended by %s', async (_, text) => {
    expect((await readAll(text)).cells).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  it('numbers the lines of a file with CR alone', async () => {
    expect((await rowsOf('id,name\ra,b\r\rc,d\r')).map(({ line }) => line)).toEqual([2, 4]);
  });

  it.each([
    ['nothing', '', 'standard input is empty.'],
    ['blank lines only', '\n\r\n\n', 'standard input is empty.'],
    ['a JSON list', '[\n{"id": 1}\n]', 'is one JSON list; write one object a line'],
    ['JSON over several lines', '{\n "id": 1\n}', 'is JSON over several lines'],
    ['UTF-16', Buffer.from('\ufeffid,name\n', 'utf16le'), 'is in UTF-16. Save it as UTF-8'],
    ['UTF-16 without a mark', Buffer.from('id,name\n', 'utf16le'), 'is not text in UTF-8'],
    ['an Excel file', Buffer.from('PK\u0003\u0004....'), 'is a zip or Excel file. Save the sheet as CSV'],
    ['an Excel file in gzip', gzipSync('PK\u0003\u0004....'), 'is a zip or Excel file'],
    ['gzip that ends early', gzipSync('id,name\n'.repeat(9999)).subarray(0, 40), 'ends in the middle: only its first'],
    ['gzip that is damaged', damaged(), 'is damaged'],
    ['a doubled header', 'id,name,name\n', 'has two columns called name; rename one'],
    ['__proto__ as header', 'id,__proto__\n', 'Column 2 of standard input may not be called "__proto__"'],
    ['constructor as header', 'id,constructor\n', 'may not be called "constructor"'],
    ['NUL in the header', 'id,na\u0000me\n', 'is not text in UTF-8'],
    ['an unclosed quote in the header', 'id,"name\n1,a\n', 'The header of standard input cannot be read'],
    ['a header of 2 MB', 'x'.repeat(2_000_000), 'has a first line of more than 1 MB'],
    ['3,000 columns', Array.from({ length: 3000 }, (_, index) => `c${index}`).join(','), 'has more than 2000 columns'],
  ])('refuses %s', async (_, content, message) => {
    await expect(readAll(content, 'accounts', 10_000)).rejects.toThrow(message);
  });

  it('has no rows when there is only a header', async () => {
    expect((await readAll('id,name\n')).cells).toEqual([]);
    expect((await readAll('id,name')).cells).toEqual([]);
  });
});

function damaged(): Buffer {
  const bytes = gzipSync(Array.from({ length: 5000 }, (_, index) => `${index},${index ** 3}`).join('\n'));
  bytes.fill(0xff, 2000, 2100);
  return bytes;
}

describe('faulty rows', () => {
  it('rejects a line of 10 MB and reads the rest, in CSV', async () => {
    const text = `id,name\na,b\n${'x'.repeat(10_000_000)}\nc,d\n`;
    const { cells, faults } = await readAll(text, 'accounts', 65_536);
    expect(faults).toEqual(['3: is longer than 1 MB']);
    expect(cells).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  it.each([65_536, 20_000_000])(
    'rejects a line of 10 MB and reads the rest, in JSON lines in chunks of %i',
    async (size) => {
      const text = `{"id":"${'x'.repeat(10_000_000)}"}\n{"id":"c"}\n`;
      const { cells, faults } = await readAll(text, 'accounts', size);
      expect(faults).toEqual(['1: is longer than 1 MB']);
      expect(cells).toEqual([['c']]);
    },
  );

  it('rejects rows with too few or too many cells', async () => {
    const { cells, faults } = await readAll('id,name\na\nb,c,d\ne,f\n');
    expect(faults).toEqual(['2: has 1 cells where the header has 2', '3: has 3 cells where the header has 2']);
    expect(cells).toEqual([['e', 'f']]);
  });

  it('rejects a row that is not UTF-8, also when a character is cut by a chunk', async () => {
    const bytes = Buffer.concat([Buffer.from('id,name\na,é\nb,'), Buffer.from([0xe9]), Buffer.from('\nc,😀\n')]);
    for (const size of [1, 2, 3, 100]) {
      const { cells, faults } = await readAll(bytes, 'accounts', size);
      expect(faults).toEqual(['3: is not UTF-8; save the file as UTF-8']);
      expect(cells).toEqual([
        ['a', 'é'],
        ['c', '😀'],
      ]);
    }
  });

  it('rejects NUL in CSV', async () => {
    const { cells, faults } = await readAll('id,name\na,b\u0000\nc,d\n');
    expect(faults).toEqual(['2: contains a NUL character']);
    expect(cells).toEqual([['c', 'd']]);
  });

  it.each([
    ['not JSON', '{"id":', 'is not JSON'],
    ['a list', '[1, 2]', 'is not a JSON object'],
    ['null', 'null', 'is not a JSON object'],
    ['NUL', '{"id":"a\\u0000"}', 'contains a NUL character'],
    ['NUL deep down', '{"id":"a","x":{"y":["\\u0000"]}}', 'contains a NUL character'],
    ['NUL in a key', '{"id":"a","x\\u0000":1}', 'its name contains a NUL character'],
    ['a lone surrogate', '{"id":"\\ud83d"}', 'contains half of a character'],
    ['a lone surrogate in a nested key', '{"id":"a","x":{"\\udc00":1}}', 'its name contains half of a character'],
    ['__proto__', '{"id":"a","__proto__":{"admin":true}}', 'may not be called "__proto__"'],
    ['__proto__ deep down', '{"id":"a","x":[{"__proto__":1}]}', 'may not be called "__proto__"'],
    ['a huge number', '{"id":"a","x":1e999}', 'is too large a number'],
    [
      'a whole number that would be rounded',
      '{"id":12345678901234567890}',
      'is a whole number too large to keep exactly',
    ],
    ['deep nesting', `{"id":"a","x":${'['.repeat(50)}${']'.repeat(50)}}`, 'is nested more than 20 deep'],
    ['very deep nesting', `{"id":"a","x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'is nested more than 20 deep'],
    ['a key of 300 characters', `{"id":"a","${'x'.repeat(300)}":1}`, 'has a name of more than 255 characters'],
  ])('rejects a line of JSON with %s', async (_, line, reason) => {
    const { cells, faults } = await readAll(`{"id":"first"}\n${line}\n{"id":"last"}\n`, 'accounts', 50_000);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(`2: ${reason}`);
    expect(cells.map(([id]) => id)).toEqual(['first', 'last']);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it('rejects lines that bring ever more keys, and keeps those with known ones', async () => {
    const lines = Array.from({ length: 2100 }, (_, index) => `{"id":"a","k${index}":1}`);
    const { cells, faults } = await readAll([...lines, '{"id":"z"}'].join('\n'), 'accounts', 50_000);
    expect(faults).toHaveLength(101);
    expect(cells.at(-1)?.[0]).toBe('z');
  });
});
