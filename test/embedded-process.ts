/**
 * A process that uses the embedded database in the folder it is told, as bot when told so. It prints one line of JSON when
 * it is up or refused, and leaves when its standard input ends. It survives Ctrl-C.
 */
import pino from 'pino';
import { startEmbeddedPostgres } from '../src/db/embedded.ts';

const [dataDir = '', role] = process.argv.slice(2);
process.on('SIGINT', () => undefined);
const told = new Promise((resolve) => process.stdin.on('end', resolve).resume());
const server = await startEmbeddedPostgres({ dataDir, log: pino({ level: 'error' }, pino.destination(2)) });
try {
  if (role === 'bot') await server.lockInstance();
  process.stdout.write(`${JSON.stringify({ url: server.url, adopted: server.adopted })}\n`);
  await told;
} catch (error) {
  process.stdout.write(`${JSON.stringify({ refused: (error as Error).message })}\n`);
} finally {
  await server.stop();
}
