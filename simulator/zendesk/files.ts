import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody, send } from '../http.ts';
import { fileJson } from './json.ts';
import { ZendeskRefusal } from './refusal.ts';
import type { Reply } from './routes.ts';
import { nextId, type State, type StoredFile } from './state.ts';

const tokenMs = 60 * 60_000;

/** Keeps a file, without a comment as yet. */
export function storeFile(state: State, name: string, type: string, bytes: Uint8Array): StoredFile {
  const file = { id: nextId(state, 'other'), token: randomBytes(12).toString('hex'), name, type, bytes };
  state.files.set(file.token, file);
  return file;
}

/** POST /api/v2/uploads?filename=a.png */
export async function receiveUpload(state: State, name: string | undefined, req: IncomingMessage): Promise<Reply> {
  const bytes = await readBody(req);
  if (!name)
    throw new ZendeskRefusal(400, {
      error: 'ParameterMissing',
      description: 'Required parameter is missing: filename',
    });
  state.journal.add({ kind: 'upload', name, size: bytes.length });
  const file = storeFile(state, name, req.headers['content-type'] ?? 'application/octet-stream', bytes);
  const token = randomBytes(8).toString('hex');
  state.uploads.set(token, { file, expires: state.now().getTime() + tokenMs });
  const attachment = fileJson(state, file);
  return { status: 201, body: { upload: { token, attachment, attachments: [attachment] } } };
}

/** A file at its address, which is secret enough to need no credentials. */
export function sendFile(state: State, token: string, res: ServerResponse, isCutOff: boolean): number {
  const file = state.files.get(token);
  if (!file) {
    send(res, 404, 'There is no such file');
    return 404;
  }
  const headers = { 'content-type': file.type, 'content-length': String(file.bytes.length) };
  if (!isCutOff) {
    send(res, 200, file.bytes, headers);
  } else {
    res.writeHead(200, headers);
    res.write(file.bytes.subarray(0, Math.floor(file.bytes.length / 2)), () => res.destroy());
  }
  return 200;
}
