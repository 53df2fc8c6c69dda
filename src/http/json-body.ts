import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { RequestFault } from '../sources/faults.ts';
import { readBody } from './server.ts';

const unzip = promisify(gunzip);

/**
 * A request's body as text, unpacked when it is gzip, whatever its headers say: PostHog's older clients say nothing. Never
 * more than `limit` bytes of it are unpacked.
 * @throws {RequestFault} when it is larger, or broken
 */
export async function readText(request: IncomingMessage, limit: number): Promise<string> {
  const tooLarge = () => new RequestFault(`The body is larger than ${limit / 1024} kB; send less at once.`);
  const raw = await readBody(request, limit);
  if (raw === null) throw tooLarge();
  if (!(raw[0] === 0x1f && raw[1] === 0x8b)) return raw.toString();
  try {
    return (await unzip(raw, { maxOutputLength: limit, chunkSize: 64 * 1024 })).toString();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw new RequestFault('The body is not what gzip makes; it may have been cut off.');
  }
}

/**
 * What JSON text says.
 * @throws {RequestFault} when it is none
 */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new RequestFault('The body is not JSON.');
  }
}
