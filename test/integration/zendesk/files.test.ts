import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fileOf, first, newComment, newTicket, refusalOf, startZendesk, troubleOf } from './kit.ts';

const megabyte = 1_000_000;
const bytes = Buffer.from('It failed, and failed again.');

/** A Zendesk with a ticket to which an agent attached a file. */
async function startWithFile(name = 'log.txt', type = 'text/plain', content: Uint8Array = bytes) {
  const started = await startZendesk();
  const { id } = await started.desk.createTicket(newTicket(), first);
  started.server.reply(Number(id), 'See here', { files: [{ name, type, bytes: content }] });
  const comment = (await started.desk.listComments(id, null)).at(-1);
  return { ...started, id, attachment: comment!.attachments[0]! };
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('a file to upload', () => {
  test('arrives whole, with its name and length, and hangs on the comment', async () => {
    const { server, desk } = await startZendesk();
    const large = Buffer.alloc(3 * megabyte, 'a file ');
    const attachments = [await desk.uploadFile(fileOf(large, { name: 'ä & b?.txt' }))];
    const { id } = await desk.createTicket(newTicket(), first);
    await desk.addComment(id, newComment({ attachments, isPublic: false }), first);
    const comment = (await desk.listComments(id, null)).at(-1);
    expect(comment?.attachments).toMatchObject([{ name: 'ä & b?.txt', type: 'text/plain', size: large.length }]);
    const opened = await desk.openFile(comment!.attachments[0]!, 5 * megabyte);
    expect((await collect(opened.bytes)).equals(large)).toBe(true);
    const upload = server.journal.find((entry) => entry.kind === 'request' && entry.path === '/api/v2/uploads');
    expect(upload).toMatchObject({ headers: { 'content-length': String(large.length), 'content-type': 'text/plain' } });
  });

  test('that is too large is not even opened', async () => {
    const { server, desk } = await startZendesk();
    const file = fileOf(bytes, { size: 60 * megabyte, open: () => Promise.reject(new Error('opened')) });
    expect((await refusalOf(desk.uploadFile(file))).reason).toBe('too_large');
    server.fault({ request: '*', kind: 'status', status: 413 });
    expect((await refusalOf(desk.uploadFile(fileOf(bytes)))).reason).toBe('too_large');
  });

  test('that is larger or smaller than it says is refused, and nothing is kept of it', async () => {
    const { server, desk } = await startZendesk();
    expect((await refusalOf(desk.uploadFile(fileOf(bytes, { size: 5 })))).reason).toBe('not_the_file');
    expect((await troubleOf(desk.uploadFile(fileOf(bytes, { size: 500 })))).message).toContain('cut off');
    expect(server.journal.filter(({ kind }) => kind === 'upload')).toEqual([]);
  });

  test('that fails while it is read is trouble', async () => {
    const { desk } = await startZendesk();
    async function* failing() {
      yield bytes;
      throw new Error('The disk is gone');
    }
    await troubleOf(desk.uploadFile(fileOf(bytes, { size: 500, open: async () => failing() })));
  });
});

describe('a file of a comment', () => {
  test('is opened with what it says', async () => {
    const { desk, attachment } = await startWithFile();
    const opened = await desk.openFile(attachment, megabyte);
    expect(opened).toMatchObject({ name: 'log.txt', type: 'text/plain', size: bytes.length });
    expect(await collect(opened.bytes)).toEqual(bytes);
  });

  test('that is empty is opened too', async () => {
    const { desk, attachment } = await startWithFile('empty.txt', 'text/plain', new Uint8Array());
    expect(await collect((await desk.openFile(attachment, megabyte)).bytes)).toHaveLength(0);
  });

  test('that is too large, or harmful, is not asked for', async () => {
    const { desk, server, attachment } = await startWithFile('eicar.txt');
    expect((await refusalOf(desk.openFile(attachment, megabyte))).reason).toBe('unsafe');
    expect((await refusalOf(desk.openFile({ ...attachment, isUnsafe: false }, 5))).reason).toBe('too_large');
    expect(server.journal.some((entry) => entry.kind === 'request' && entry.path.startsWith('/attachments'))).toBe(
      false,
    );
  });

  test('is not mistaken for a page to sign in on', async () => {
    const { desk, server, attachment } = await startWithFile();
    server.fault({ request: 'GET /attachments/*', kind: 'sign_in' });
    expect(await refusalOf(desk.openFile(attachment, megabyte))).toEqual({
      reason: 'not_the_file',
      message: 'Zendesk shows a web page in the place of the file log.txt.',
    });
  });

  test('may be a web page, but then of the right length', async () => {
    const { desk, server, attachment } = await startWithFile('a.html', 'text/html', Buffer.from('<html>Hello</html>'));
    expect(String(await collect((await desk.openFile(attachment, megabyte)).bytes))).toBe('<html>Hello</html>');
    server.fault({ request: 'GET /attachments/*', kind: 'sign_in' });
    const opened = await desk.openFile(attachment, megabyte);
    expect((await refusalOf(collect(opened.bytes))).reason).toBe('not_the_file');
  });

  test('that is cut off is trouble, not a shorter file', async () => {
    const { desk, server, attachment } = await startWithFile('big.txt', 'text/plain', Buffer.alloc(megabyte, 'x'));
    server.fault({ request: 'GET /attachments/*', kind: 'cut_off' });
    const reading = desk.openFile(attachment, megabyte).then(({ bytes }) => collect(bytes));
    expect((await troubleOf(reading)).message).toBe('The file big.txt was cut off.');
  });

  test('at another host is fetched without our credentials', async () => {
    const { desk, server, attachment } = await startWithFile();
    const elsewhere = await serveFile();
    server.fault({ request: 'GET /attachments/*', kind: 'redirect', location: `${elsewhere.url}/log.txt` });
    expect(await collect((await desk.openFile(attachment, megabyte)).bytes)).toEqual(bytes);
    const moved = { ...attachment, url: `${elsewhere.url}/moved.txt` };
    expect(await collect((await desk.openFile(moved, megabyte)).bytes)).toEqual(bytes);
    expect(elsewhere.requests).toEqual([
      { path: '/log.txt', authorization: undefined },
      { path: '/moved.txt', authorization: undefined },
    ]);
    const own = server.journal.filter((entry) => entry.kind === 'request' && entry.path.startsWith('/attachments'));
    expect(own).toMatchObject([{ auth: 'right' }]);
  });

  test('that is redirected for ever, to nowhere, or gone, is refused', async () => {
    const { desk, server, attachment } = await startWithFile();
    const request = 'GET /attachments/*';
    server.fault({ request, kind: 'redirect', location: attachment.url, count: 6 });
    server.fault({ request, kind: 'redirect', location: 'file:///etc/passwd' });
    server.fault({ request, kind: 'status', status: 404 });
    server.fault({ request, kind: 'status', status: 401 });
    const reasons: string[] = [];
    for (let index = 0; index < 4; index++) reasons.push((await refusalOf(desk.openFile(attachment, megabyte))).reason);
    expect(reasons).toEqual(['not_the_file', 'not_the_file', 'not_found', 'forbidden']);
    server.fault({ request, kind: 'rate_limited', retryAfter: 9 });
    expect((await troubleOf(desk.openFile(attachment, megabyte))).retryAt).toEqual(new Date('2026-11-20T09:00:09Z'));
  });
});

async function serveFile() {
  const requests: { path: string | undefined; authorization: string | undefined }[] = [];
  const server = createServer((req, res) => {
    requests.push({ path: req.url, authorization: req.headers.authorization });
    res.writeHead(200, { 'content-type': 'text/plain' }).end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}
