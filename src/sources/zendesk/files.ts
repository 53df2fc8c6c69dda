import { Readable } from 'node:stream';
import { z } from 'zod';
import { checkedBytes } from '../../helpdesk/checked-bytes.ts';
import { HelpDeskRefused } from '../../helpdesk/errors.ts';
import { fileBytes } from '../../helpdesk/file-bytes.ts';
import type { Attachment, FileToUpload, OpenedFile } from '../../helpdesk/types.ts';
import { authorization, type Connection, exchange, reach, read } from './connection.ts';
import { troubleOf } from './failures.ts';

/** What Zendesk takes, in bytes. */
const largestUpload = 50 * 1024 * 1024;
const mostRedirects = 5;

const uploadSchema = z.object({ upload: z.object({ token: z.string().min(1) }) });

/** Uploads a file as it comes, without holding it, and answers with the token to attach it by. */
export async function uploadFile(zendesk: Connection, file: FileToUpload): Promise<string> {
  const what = `the file ${file.name}`;
  if (file.size > largestUpload)
    throw new HelpDeskRefused('too_large', `Zendesk takes files up to 50 MB; ${what} is larger.`);
  const bytes = checkedBytes(await file.open(), file);
  const answer = await exchange(
    zendesk,
    { method: 'POST', path: 'uploads', query: { filename: file.name } },
    zendesk.fileMs,
    {
      headers: { 'content-type': file.type, 'content-length': String(file.size) },
      body: Readable.toWeb(Readable.from(bytes)) as ReadableStream,
      duplex: 'half',
    },
  );
  return read(zendesk, answer, what, uploadSchema, true).upload.token;
}

/** Opens a file of a comment: it must be what it says, and no page to sign in on. */
export async function openFile(zendesk: Connection, attachment: Attachment, largest: number): Promise<OpenedFile> {
  const { name, type, size } = attachment;
  if (attachment.isUnsafe)
    throw new HelpDeskRefused('unsafe', `Zendesk withholds the file ${name}: it may be harmful.`);
  if (size > largest) throw tooLarge(name, largest);
  const response = await follow(zendesk, attachment);
  const bytes = await fileBytes(response, { name, type, from: 'Zendesk' });
  return { name, type, size, bytes: checkedBytes(bytes, attachment) };
}

/** Follows redirects by hand, for our credentials are for Zendesk's own address alone. */
async function follow(zendesk: Connection, { name, url }: Attachment): Promise<Response> {
  const home = new URL(zendesk.url);
  let address = URL.parse(url, home);
  const signal = AbortSignal.timeout(zendesk.fileMs);
  for (let redirects = 0; redirects <= mostRedirects; redirects++) {
    if (!address || !['https:', home.protocol].includes(address.protocol))
      throw new HelpDeskRefused('not_the_file', `The file ${name} is at no safe address.`);
    const headers = address.origin === home.origin ? authorization(zendesk) : {};
    const response = await reach(zendesk, address.href, false, { headers, redirect: 'manual', signal });
    if (response.ok) return response;
    await response.body?.cancel();
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null) throw notOpened(zendesk, name, response);
    address = URL.parse(location, address);
  }
  throw new HelpDeskRefused('not_the_file', `The file ${name} is redirected again and again.`);
}

function notOpened(zendesk: Connection, name: string, { status, headers }: Response): Error {
  return (
    troubleOf(status, headers, false, zendesk.now()) ??
    (status === 401 || status === 403
      ? new HelpDeskRefused('forbidden', `Zendesk does not let us have the file ${name}.`)
      : new HelpDeskRefused('not_found', `Zendesk does not have the file ${name} any more.`))
  );
}

function tooLarge(name: string, largest: number): HelpDeskRefused {
  const megabytes = Number((largest / 1_000_000).toFixed(1));
  return new HelpDeskRefused('too_large', `The file ${name} is larger than ${megabytes} MB.`);
}
