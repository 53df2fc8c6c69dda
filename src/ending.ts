import type { Logger } from 'pino';

/** How a person asks a process to end: `asked` with the first signal, `hurry` with the next. */
export type Ending = { asked: AbortSignal; hurry: AbortSignal };

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Ctrl-C may come twice below npm, which passes it on to those who have it already. */
const ONE_PRESS_MS = 400;
/** From then on a further signal ends the process, whatever it has not let go of. */
const PATIENCE_MS = 5_000;

/**
 * Starts a program; when the process is told to end, by SIGINT, SIGTERM or SIGHUP (its terminal was closed), closes the
 * program and ends. While it starts it is asked to give up. Never resolves once told to end; throws what `start` throws.
 */
export async function runUntilSignal<Program extends { close(): Promise<void> }>(
  start: (ending: Ending) => Promise<Program>,
  log: Logger,
): Promise<Program> {
  const ending = listenToSignals(log);
  const starting = start(ending);
  ending.asked.addEventListener('abort', () => end(starting, ending, log));
  try {
    const program = await starting;
    if (!ending.asked.aborted) return program;
  } catch (error) {
    if (!ending.asked.aborted) throw error;
  }
  return new Promise(() => undefined);
}

async function end(starting: Promise<{ close(): Promise<void> }>, { hurry }: Ending, log: Logger): Promise<void> {
  try {
    const program = await starting.catch(() => null);
    await program?.close();
  } catch (error) {
    log.error({ err: error }, 'did not end cleanly');
    process.exit(1);
  }
  process.exit(hurry.aborted ? 1 : 0);
}

function listenToSignals(log: Logger): Ending {
  const asked = new AbortController();
  const hurry = new AbortController();
  let askedAt = 0;
  const onSignal = (signal: string) => {
    const waited = performance.now() - askedAt;
    if (!asked.signal.aborted) {
      askedAt = performance.now();
      log.info({ signal }, 'draining; a second signal cuts off what is under way');
      asked.abort();
    } else if (hurry.signal.aborted && waited > PATIENCE_MS) {
      process.exit(1);
    } else if (waited > ONE_PRESS_MS) {
      hurry.abort();
    }
  };
  for (const signal of signals) process.on(signal, onSignal);
  return { asked: asked.signal, hurry: hurry.signal };
}
