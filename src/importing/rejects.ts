import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { UserError } from '../errors.ts';
import type { Fault } from './types.ts';

const SHOWN = 10;
const HEADER = 'line,column,reason,value\n';
const BUFFER_CHARACTERS = 64 * 1024;

/** Where faulty rows are told: counted, the first kept for showing, all written to the rejects file if there is one. */
export type Rejects = {
  count(): number;
  first(): readonly Fault[];
  /** Throws UserError when the file cannot be written. */
  add(fault: Fault): void;
  /** Completes the file; the path when there is one. */
  close(): string | null;
};

/** A collector of faults; the file is made with the first of them. Without a path there is no file. */
export function createRejects(path: string | null): Rejects {
  const shown: Fault[] = [];
  let count = 0;
  let file: number | null = null;
  let text = '';

  const flush = () => {
    if (file !== null && text !== '') writeSync(file, text);
    text = '';
  };
  return {
    count: () => count,
    first: () => shown,
    add(fault) {
      count += 1;
      if (shown.length < SHOWN) shown.push(fault);
      if (path === null) return;
      if (file === null) {
        file = open(path);
        text = HEADER;
      }
      text += `${fault.line},${quoted(fault.column ?? '')},${quoted(fault.reason)},${quoted(fault.value)}\n`;
      if (text.length > BUFFER_CHARACTERS) flush();
    },
    close() {
      if (file === null) {
        if (count === 0 && path !== null) removeStale(path);
        return null;
      }
      flush();
      closeSync(file);
      file = null;
      return path;
    },
  };
}

function open(path: string): number {
  try {
    return openSync(path, 'w');
  } catch (error) {
    throw new UserError(
      `The rejects file cannot be written (${(error as Error).message}). Name another with --rejects FILE.`,
    );
  }
}

/** A rejects file of an earlier run would speak of rows that are now in. */
function removeStale(path: string): void {
  const start = Buffer.alloc(HEADER.length);
  try {
    const file = openSync(path, 'r');
    readSync(file, start);
    closeSync(file);
    if (start.toString() === HEADER) rmSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
