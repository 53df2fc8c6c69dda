import { SlackRefusal, type State } from './state.ts';

const LIFE = 3000;

/** Makes a trigger_id: good once, for 3 seconds. `view` is the modal it came from. */
export function createTrigger(state: State, user: string, view: string | null = null): string {
  const count = state.triggers.size + 1;
  const id = `${1_000_000_000 + count}.${2_000_000_000}.${count.toString(16).padStart(32, '0')}`;
  state.triggers.set(id, { user, view, used: false, expires: state.now().getTime() + LIFE });
  return id;
}

/** Spends a trigger_id; refuses one that is unknown, used or too old. */
export function spendTrigger(state: State, id: string): { user: string; view: string | null } {
  const trigger = state.triggers.get(id);
  if (!trigger) throw new SlackRefusal('invalid_trigger_id');
  if (trigger.used) throw new SlackRefusal('exchanged_trigger_id');
  if (state.now().getTime() > trigger.expires) throw new SlackRefusal('expired_trigger_id');
  trigger.used = true;
  return trigger;
}
