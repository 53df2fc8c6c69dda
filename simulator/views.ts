import { createHash } from 'node:crypto';
import type { AnyBlock } from '@slack/types';
import { fillIds } from './block-fill.ts';
import { checkView } from './blocks.ts';
import { isUsableFile } from './files.ts';
import { pageView } from './page-json.ts';
import type { ViewPayload } from './schemas/blocks.ts';
import { nextId, SlackRefusal, type State, type StoredView } from './state.ts';
import { initialState } from './view-state.ts';

const DEEPEST = 3;

/** Checks a view an app sent; refuses with Slack's words. */
export function parseView(state: State, payload: unknown, type: 'modal' | 'home'): ViewPayload {
  const checked = checkView(payload, isUsableFile(state));
  if (!checked.ok) throw refusal(checked.problems);
  if (JSON.stringify(checked.value).length > 250_000) throw new SlackRefusal('view_too_large');
  if (checked.value.type !== type) throw refusal([`must be one of: ${type} [json-pointer:/view/type]`]);
  return checked.value;
}

const refusal = (problems: string[]) =>
  new SlackRefusal('invalid_arguments', { response_metadata: { messages: problems.map((each) => `[ERROR] ${each}`) } });

export const stackOf = (state: State, user: string): StoredView[] =>
  (state.stacks.get(user) ?? []).flatMap((id) => state.views.get(id) ?? []);

function store(
  state: State,
  user: string,
  payload: ViewPayload,
  place: Pick<StoredView, 'id' | 'root_view_id' | 'previous_view_id'>,
  before?: StoredView,
) {
  const taken = [...state.views.values()].some(
    (view) => payload.external_id && view.external_id === payload.external_id && view.id !== place.id,
  );
  if (taken) throw new SlackRefusal('duplicate_external_id');
  const blocks = fillIds(state, payload.blocks as AnyBlock[]);
  const revision = nextId(state, 'revision');
  const view: StoredView = {
    ...place,
    user,
    type: payload.type,
    title: payload.type === 'modal' ? payload.title : null,
    submit: payload.type === 'modal' ? (payload.submit ?? null) : null,
    close: payload.type === 'modal' ? (payload.close ?? null) : null,
    blocks,
    private_metadata: payload.private_metadata ?? '',
    callback_id: payload.callback_id ?? '',
    external_id: payload.external_id ?? '',
    clear_on_close: payload.type === 'modal' ? (payload.clear_on_close ?? false) : false,
    notify_on_close: payload.type === 'modal' ? (payload.notify_on_close ?? false) : false,
    hash: `${Math.floor(state.now().getTime() / 1000)}.${createHash('sha256').update(revision).digest('hex').slice(0, 8)}`,
    state: { values: initialState(blocks, before?.state.values) },
  };
  state.views.set(view.id, view);
  return view;
}

const record = (state: State, change: 'open' | 'push' | 'update' | 'publish' | 'close', view: StoredView) =>
  state.journal.add({ kind: 'view', change, user: view.user, view_id: view.id, callback_id: view.callback_id });

const showStack = (state: State, user: string) =>
  state.stream.publish([user], { type: 'views', views: stackOf(state, user).map((view) => pageView(state, view)) });

/** Opens a modal in place of any that the person has open. */
export function openView(state: State, user: string, payload: ViewPayload): StoredView {
  const id = nextId(state, 'V');
  const view = store(state, user, payload, { id, root_view_id: id, previous_view_id: null });
  for (const old of stackOf(state, user)) state.views.delete(old.id);
  state.stacks.set(user, [id]);
  record(state, 'open', view);
  showStack(state, user);
  return view;
}

/** Puts a modal on top of the open one; three deep at most. */
export function pushView(state: State, user: string, payload: ViewPayload): StoredView {
  const stack = stackOf(state, user);
  const [root, top] = [stack[0], stack.at(-1)];
  if (!root || !top) throw new SlackRefusal('not_found');
  if (stack.length >= DEEPEST) throw new SlackRefusal('push_limit_reached');
  const view = store(state, user, payload, { id: nextId(state, 'V'), root_view_id: root.id, previous_view_id: top.id });
  state.stacks.set(user, [...stack.map(({ id }) => id), view.id]);
  record(state, 'push', view);
  showStack(state, user);
  return view;
}

/** Replaces what a view shows; what the person entered stays where block_id and action_id are the same. */
export function updateView(state: State, old: StoredView, payload: ViewPayload): StoredView {
  const { id, root_view_id, previous_view_id } = old;
  const view = store(state, old.user, payload, { id, root_view_id, previous_view_id }, old);
  record(state, 'update', view);
  if (view.type === 'home') state.stream.publish([view.user], { type: 'home', view: pageView(state, view) });
  else showStack(state, view.user);
  return view;
}

/** Publishes a person's Home. */
export function publishHome(state: State, user: string, payload: ViewPayload): StoredView {
  const before = state.views.get(state.homes.get(user) ?? '');
  const id = before?.id ?? nextId(state, 'V');
  const view = store(state, user, payload, { id, root_view_id: id, previous_view_id: null }, before);
  state.homes.set(user, id);
  record(state, 'publish', view);
  state.stream.publish([user], { type: 'home', view: pageView(state, view) });
  return view;
}

/** Takes the topmost modal away, or all of them. */
export function closeViews(state: State, user: string, which: 'top' | 'all'): void {
  const stack = stackOf(state, user);
  const closed = which === 'all' ? stack : stack.slice(-1);
  for (const view of closed) {
    state.views.delete(view.id);
    record(state, 'close', view);
  }
  state.stacks.set(
    user,
    stack.slice(0, stack.length - closed.length).map(({ id }) => id),
  );
  showStack(state, user);
}
