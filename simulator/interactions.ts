import { type Element, findElement } from './block-fill.ts';
import { deliver, VERIFICATION_TOKEN } from './deliver.ts';
import { createHook } from './hooks.ts';
import { messageJson, viewJson } from './json.ts';
import { findSeen } from './lookup.ts';
import { suggestions } from './schemas/elements.ts';
import { nextId, nextTs, type Reply, type State, type StoredMessage, type StoredView } from './state.ts';
import { createTrigger } from './triggers.ts';
import type { GivenValues, InputValue, OptionValue, Outcome, PageAction, Place } from './types.ts';
import { initialState, mergeState } from './view-state.ts';
import { type Channel, canSee, findChannel, findUser } from './workspace.ts';

/** Where an interaction happens, found and seen by the person. */
type Found = { kind: 'message'; channel: Channel; message: StoredMessage } | { kind: 'view'; view: StoredView };

/** The message or view, if the person sees it. */
export function findPlace(state: State, user: string, place: Place): Found | null {
  if ('view_id' in place) {
    const view = state.views.get(place.view_id);
    return view?.user === user ? { kind: 'view', view } : null;
  }
  const channel = findChannel(state.workspace, place.channel);
  if (!channel || !canSee(state.workspace, channel, user)) return null;
  const message = findSeen(state, place.channel, place.ts, user);
  return message ? { kind: 'message', channel, message } : null;
}

/** What every interaction says of who, where and for which app. */
export function envelope(state: State, userId: string): Record<string, unknown> {
  const { team, app, teams } = state.workspace;
  const user = findUser(state.workspace, userId);
  const home = teams.find((each) => each.id === user?.team_id) ?? team;
  return {
    team: { id: home.id, domain: home.domain },
    enterprise: null,
    is_enterprise_install: false,
    user: { id: userId, username: user?.name ?? '', name: user?.name ?? '', team_id: home.id },
    api_app_id: app.id,
    token: VERIFICATION_TOKEN,
  };
}

/** Why Slack's client says an interaction failed. */
export const outcomeOf = (reply: Reply): Outcome => {
  if (reply.ok) return { ok: true };
  return { ok: false, error: reply.reason === 'http_timeout' ? 'operation_timeout' : 'dispatch_failed' };
};

/** A person uses an element of a message, modal or Home: its value is kept, and the bot is told unless it is a plain input. */
export async function act(
  state: State,
  user: string,
  place: Place,
  action: Partial<PageAction> & { action_id: string },
  given: GivenValues = {},
): Promise<Outcome> {
  const found = findPlace(state, user, place);
  if (!found) return { ok: false, error: 'not_found' };
  const { blocks } = found.kind === 'view' ? found.view : found.message;
  const hit = findElement(blocks, action.action_id, action.block_id);
  if (!hit) return { ok: false, error: 'no_such_element' };
  const { block, element } = hit;
  const value = { ...action, type: element.type };
  const problem = choiceProblem(element, value);
  if (problem) return { ok: false, error: problem };

  const before = found.kind === 'view' ? found.view.state.values : initialState(blocks);
  const own = { [block.block_id ?? '']: { [action.action_id]: withoutIds(value) } };
  const values = mergeState(mergeState(before, given), own);
  if (found.kind === 'view') found.view.state = { values };
  if (block.type === 'input' && !(block as { dispatch_action?: boolean }).dispatch_action) return { ok: true };

  const id = nextId(state, 'X');
  const reply = await deliver(state, 'interaction', id, {
    type: 'block_actions',
    ...envelope(state, user),
    ...(found.kind === 'view' ? viewPart(state, user, found.view) : messagePart(state, user, found)),
    state: { values },
    actions: [actionJson(state, block.block_id ?? '', element, value)],
  });
  return outcomeOf(reply);
}

function viewPart(state: State, user: string, view: StoredView): Record<string, unknown> {
  return {
    trigger_id: createTrigger(state, user, view.type === 'modal' ? view.id : null),
    container: { type: 'view', view_id: view.id },
    view: viewJson(state, view),
  };
}

function messagePart(
  state: State,
  user: string,
  { channel, message }: { channel: Channel; message: StoredMessage },
): Record<string, unknown> {
  const isEphemeral = message.ephemeral_to !== null;
  return {
    trigger_id: createTrigger(state, user),
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: channel.id,
      is_ephemeral: isEphemeral,
      ...(message.thread_ts && { thread_ts: message.thread_ts }),
    },
    channel: { id: channel.id, name: channel.kind === 'im' ? 'directmessage' : channel.name },
    // An ephemeral message is not stored, so Slack cannot send it along.
    ...(!isEphemeral && { message: messageJson(state, message, { metadata: true }) }),
    response_url: createHook(state, {
      user,
      channel: channel.id,
      thread_ts: message.thread_ts,
      original: message,
    }),
  };
}

const withoutIds = ({ block_id: _block, action_id: _action, ...value }: InputValue & Partial<PageAction>) =>
  value as InputValue;

function actionJson(state: State, block_id: string, element: Element, value: InputValue & { action_id: string }) {
  const { type, text, style, placeholder, confirm } = element;
  const common = {
    type,
    action_id: value.action_id,
    block_id,
    ...(text !== undefined && { text }),
    ...(style !== undefined && { style }),
    ...(placeholder !== undefined && { placeholder }),
    ...(confirm !== undefined && { confirm }),
    action_ts: nextTs(state),
  };
  const initial = Object.fromEntries(Object.entries(element).filter(([key]) => key.startsWith('initial_')));
  if (type === 'button' || type === 'workflow_button' || type === 'icon_button') {
    return { ...common, ...(element.value !== undefined && { value: element.value }) };
  }
  return { ...common, ...initial, ...withoutIds(value) };
}

/** All options of a static element, groups laid flat. */
export function optionsOf(element: Element): OptionValue[] {
  const groups = (element.option_groups as { options: OptionValue[] }[] | undefined) ?? [];
  return [...((element.options as OptionValue[] | undefined) ?? []), ...groups.flatMap((group) => group.options)];
}

function choiceProblem(element: Element, value: InputValue): string | null {
  if (element.options === undefined && element.option_groups === undefined) return null;
  const chosen = [value.selected_option ?? [], value.selected_options ?? []].flat();
  const known = new Set(optionsOf(element).map((option) => option.value));
  return chosen.every((option) => known.has(option.value)) ? null : 'no_such_option';
}

type Offer = { options?: OptionValue[]; option_groups?: unknown };

/** Asks the bot what an external select offers for what was typed. */
export async function suggest(
  state: State,
  user: string,
  place: Place,
  { action_id, block_id, value }: { action_id: string; block_id?: string | undefined; value: string },
): Promise<Outcome & Offer> {
  const found = findPlace(state, user, place);
  if (!found) return { ok: false, error: 'not_found' };
  const hit = findElement(found.kind === 'view' ? found.view.blocks : found.message.blocks, action_id, block_id);
  if (!hit) return { ok: false, error: 'no_such_element' };
  const {
    trigger_id: _,
    response_url: __,
    ...where
  } = found.kind === 'view' ? viewPart(state, user, found.view) : messagePart(state, user, found);
  const reply = await deliver(state, 'options', nextId(state, 'X'), {
    type: 'block_suggestion',
    ...envelope(state, user),
    ...where,
    action_id,
    block_id: hit.block.block_id,
    value,
  });
  if (!reply.ok) return outcomeOf(reply);
  const offer = suggestions.safeParse(reply.body);
  return offer.success ? { ok: true, ...(offer.data as Offer) } : { ok: false, error: 'invalid_options' };
}
