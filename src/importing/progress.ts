import cliProgress from 'cli-progress';

/** A progress bar for people at a terminal; elsewhere nothing but what is said. */
export type Progress = {
  /** `total` null is not known. */
  show(phase: 'reading' | 'writing', done: number, total: number | null): void;
  /** Writes a line above the bar. */
  say(line: string): void;
  /** Takes the bar away. */
  stop(): void;
};

/** A bar on `stream`, when that is a terminal. */
export function createProgress(stream: NodeJS.WriteStream): Progress {
  const bar = stream.isTTY
    ? new cliProgress.SingleBar({
        stream,
        format: '{phase} [{bar}] {percentage}% {shown}',
        hideCursor: true,
        clearOnComplete: true,
      })
    : null;
  let phase = '';
  return {
    show(next, done, total) {
      if (!bar || total === null || total === 0) return;
      const shown = next === 'reading' ? `${(done / 1e6).toFixed(1)} MB` : `${done.toLocaleString('en')} records`;
      if (next !== phase) {
        phase = next;
        bar.start(total, done, { phase, shown });
      } else bar.update(Math.min(done, total), { phase, shown });
    },
    say(line) {
      bar?.stop();
      phase = '';
      stream.write(`${line}\n`);
    },
    stop: () => bar?.stop(),
  };
}
