import type { State } from './state.ts';

/** Counts a call against `perMinute`, with bursts up to `burst`; answers the seconds to wait when it is one too many. */
export function overRate(
  state: State,
  key: string,
  { perMinute, burst = perMinute }: { perMinute: number; burst?: number },
) {
  const now = state.now().getTime();
  const before = state.rates.get(key) ?? { tokens: burst, at: now };
  const tokens = Math.min(burst, before.tokens + ((now - before.at) / 60_000) * perMinute);
  const isOver = tokens < 1;
  state.rates.set(key, { tokens: isOver ? tokens : tokens - 1, at: now });
  return isOver ? Math.max(1, Math.ceil(((1 - tokens) / perMinute) * 60)) : null;
}
