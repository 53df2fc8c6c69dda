import { everyBlock } from './block-fill.ts';
import { deliver } from './deliver.ts';
import { createHook } from './hooks.ts';
import { envelope, outcomeOf } from './interactions.ts';
import { viewJson } from './json.ts';
import { nextId, SlackRefusal, type State, type StoredView } from './state.ts';
import { createTrigger } from './triggers.ts';
import type { GivenValues, Outcome, ViewOutcome } from './types.ts';
import { clientErrors, mergeState } from './view-state.ts';
import { closeViews, parseView, pushView, stackOf, updateView } from './views.ts';

type Answer = { response_action?: string; errors?: Record<string, string>; view?: unknown };

/** A person sends the topmost modal; the bot's answer closes, changes or keeps it. */
export async function submitView(
  state: State,
  user: string,
  viewId: string,
  given: GivenValues = {},
): Promise<ViewOutcome> {
  const view = stackOf(state, user).at(-1);
  if (view?.id !== viewId) return { ok: false, error: 'not_found' };
  view.state = { values: mergeState(view.state.values, given) };
  const errors = clientErrors(view.blocks, view.state.values);
  if (Object.keys(errors).length > 0) return { ok: false, errors };
  const reply = await deliver(state, 'interaction', nextId(state, 'X'), {
    type: 'view_submission',
    ...envelope(state, user),
    trigger_id: createTrigger(state, user, view.id),
    view: viewJson(state, view),
    response_urls: responseUrls(state, view),
  });
  if (!reply.ok) return outcomeOf(reply) as ViewOutcome;
  return apply(state, view, typeof reply.body === 'object' && reply.body !== null ? (reply.body as Answer) : {});
}

function apply(state: State, view: StoredView, answer: Answer): ViewOutcome {
  try {
    switch (answer.response_action) {
      case undefined:
        closeViews(state, view.user, 'top');
        return { ok: true };
      case 'clear':
        closeViews(state, view.user, 'all');
        return { ok: true };
      case 'update':
        updateView(state, view, parseView(state, answer.view, 'modal'));
        return { ok: true };
      case 'push':
        pushView(state, view.user, parseView(state, answer.view, 'modal'));
        return { ok: true };
      case 'errors': {
        const inputs = new Set(
          everyBlock(view.blocks)
            .filter(({ type }) => type === 'input')
            .map((block) => block.block_id),
        );
        const errors = answer.errors ?? {};
        const isKnown = Object.keys(errors).length > 0 && Object.keys(errors).every((id) => inputs.has(id));
        return isKnown ? { ok: false, errors } : { ok: false, error: 'invalid_response_errors' };
      }
      default:
        return { ok: false, error: 'invalid_response_action' };
    }
  } catch (error) {
    if (!(error instanceof SlackRefusal)) throw error;
    // Slack's client only says "We had some trouble connecting"; the reason is worth more here.
    const { messages } = (error.answer.response_metadata ?? {}) as { messages?: string[] };
    return { ok: false, error: [error.answer.error, ...(messages ?? [])].join(' ') };
  }
}

function responseUrls(state: State, view: StoredView): unknown[] {
  return everyBlock(view.blocks).flatMap((block) => {
    const element = (block as { element?: { type: string; action_id?: string; response_url_enabled?: boolean } })
      .element;
    if (!element?.response_url_enabled) return [];
    const value = view.state.values[block.block_id ?? '']?.[element.action_id ?? ''];
    const channel = value?.selected_conversation ?? value?.selected_channel;
    if (!channel) return [];
    const url = createHook(state, { user: view.user, channel });
    return [{ block_id: block.block_id, action_id: element.action_id, channel_id: channel, response_url: url }];
  });
}

/** A person closes the topmost modal, and with clear_on_close all; the bot hears of it if it asked to. */
export async function closeView(state: State, user: string, viewId: string): Promise<Outcome> {
  const view = stackOf(state, user).at(-1);
  if (view?.id !== viewId) return { ok: false, error: 'not_found' };
  closeViews(state, user, view.clear_on_close ? 'all' : 'top');
  if (!view.notify_on_close) return { ok: true };
  const reply = await deliver(state, 'interaction', nextId(state, 'X'), {
    type: 'view_closed',
    ...envelope(state, user),
    view: viewJson(state, view),
    is_cleared: view.clear_on_close,
  });
  return outcomeOf(reply);
}
