import pg from 'pg';

/** At which step a process dies, counted from 1, and of that step: before it is asked for, while that is under way, or when it is done. */
export type Kill = { step: number; when: 'before' | 'during' | 'after' };

/**
 * Has this process die by SIGKILL at one of its steps: a statement to the database, or a request, which `nameOf` names.
 * Returns the names of the steps so far.
 */
export function dieAt(kill: Kill | null, nameOf: (url: string, method: string) => string): readonly string[] {
  const steps: string[] = [];
  const die = () => process.kill(process.pid, 'SIGKILL');

  async function step<T>(what: string, run: () => Promise<T>): Promise<T> {
    steps.push(what);
    const when = steps.length === kill?.step ? kill.when : null;
    if (when === 'before') die();
    const running = run();
    // What was asked for has left, and the answer is not here yet, or only just.
    if (when === 'during') setImmediate(() => setImmediate(die));
    const result = await running;
    if (when === 'after') die();
    return result;
  }

  const { query } = pg.Client.prototype;
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const ask = () => (query as (...args: unknown[]) => Promise<unknown>).apply(this, args);
    return step(String(args[0]).trim().split(/\s+/).slice(0, 3).join(' '), ask);
  } as typeof query;
  const { fetch } = globalThis;
  globalThis.fetch = (url, init) => step(nameOf(String(url), init?.method ?? 'GET'), () => fetch(url, init));
  return steps;
}
