import pino, { type Logger } from 'pino';

/** A log on standard output (1) or standard error (2). What it cannot write is lost, which must not end the process. */
export function createLog(level: string, output: 1 | 2): Logger {
  const destination = pino.destination(output);
  destination.on('error', () => undefined);
  return pino({ level }, destination);
}
