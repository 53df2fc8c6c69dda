import type { AlertContext } from '../../blocks/alert-card.ts';
import { localDay } from '../../src/days.ts';
import type { ViewContext } from '../../src/db/alert-view.ts';
import type { Deps } from '../../src/deps.ts';

/** What alerts are read for. */
export function viewContext({ config, now, playbook }: Deps): ViewContext {
  const at = now();
  const { timeZone } = config;
  return { now: at, today: localDay(at, timeZone), timeZone, indicators: playbook.indicators.list };
}

/** What alerts are drawn for, to be read by the person with this email. */
export function alertContext(deps: Deps, ownerEmail: string | null): AlertContext {
  const { now, today } = viewContext(deps);
  return { pack: deps.playbook, now, today, ownerEmail };
}
