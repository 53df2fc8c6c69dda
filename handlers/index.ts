import { randomUUID } from 'node:crypto';
import type { App, BlockAction, MessageShortcut, ViewOutput, ViewSubmitAction } from '@slack/bolt';
import type { Deps } from '../src/deps.ts';
import { UserError } from '../src/errors.ts';
import { type Asker, authorize, authorizePerson } from '../src/slack/permissions.ts';
import { answerTo } from '../src/slack/response-url.ts';
import { actions, openActions } from './actions/index.ts';
import { commands } from './commands/index.ts';
import { events } from './events/index.ts';
import { shortcuts } from './shortcuts/index.ts';
import { keepEvent } from './tickets/handle-events.ts';
import type { OpenActionArgs, Request, ViewAnswer, ViewDefinition } from './types.ts';
import { views } from './views/index.ts';

/** Binds every command and action to Bolt. They are acknowledged first, but for those that store something. */
export function registerHandlers(app: App, deps: Deps): void {
  for (const { name, run, stores } of commands) {
    app.command(name, async ({ ack, body }) => {
      const isStored = stores?.(body.text ?? '') ?? false;
      if (!isStored) await ack();
      const asker = { userId: body.user_id, teamId: body.team_id, channelId: body.channel_id };
      const { response_url: responseUrl, trigger_id: triggerId } = body;
      const way = { responseUrl, triggerId, acknowledge: isStored ? () => ack() : null };
      await handle(name, asker, way, deps, (request) => run({ ...request, text: body.text ?? '' }, deps));
    });
  }
  for (const { actionId, run, stores } of actions) {
    app.action<BlockAction>(actionId, async ({ ack, body, action }) => {
      if (!stores) await ack();
      const asker = {
        userId: body.user.id,
        teamId: body.user.team_id ?? body.team?.id ?? '',
        channelId: body.channel?.id ?? '',
      };
      const { response_url: responseUrl, trigger_id: triggerId } = body;
      const way = { responseUrl, triggerId, acknowledge: stores ? () => ack() : null };
      const given = {
        value: chosenIn(action),
        blockId: action.block_id ?? '',
        ephemeral: body.container.is_ephemeral === true,
      };
      await handle(actionId, asker, way, deps, (request) => run({ ...request, ...given }, deps));
    });
  }
  for (const { actionId, run } of openActions) {
    app.action<BlockAction>(actionId, async ({ ack, body }) => {
      const { container } = body;
      const args = {
        userId: body.user.id,
        channelId: body.channel?.id ?? '',
        ts: container.type === 'message' ? String(container.message_ts ?? '') : '',
        values: (body.state?.values ?? {}) as OpenActionArgs['values'],
      };
      const way = { responseUrl: body.response_url, acknowledge: () => ack() };
      await answering(actionId, way, deps, (respond) => run({ ...args, respond }, deps));
    });
  }
  for (const { callbackId, run } of views) {
    app.view<ViewSubmitAction>(callbackId, async ({ ack, body, view }) => {
      const answer = await submit(body, view, deps, run);
      if (!answer) await ack();
      else if ('errors' in answer) await ack({ response_action: 'errors', errors: { ...answer.errors } });
      else await ack({ response_action: 'update', view: answer.view });
    });
  }
  for (const { callbackId, run } of shortcuts) {
    app.shortcut<MessageShortcut>({ callback_id: callbackId, type: 'message_action' }, async ({ ack, shortcut }) => {
      const { user, channel, message_ts: ts, action_ts: pressedAt, response_url: responseUrl } = shortcut;
      await run({ userId: user.id, channelId: channel.id, ts, pressedAt, responseUrl }, deps);
      await ack();
    });
  }
  for (const definition of events) {
    // The receiver acknowledges an event when its listeners are done.
    for (const type of definition.types) app.event(type, async ({ body }) => keepEvent(body, definition, deps));
  }
  // Whoever gave us the request logs what failed; Bolt would log it a second time.
  app.error(async (error) => {
    throw error;
  });
}

/** Lets `run` take a modal from those who may see customer data. */
async function submit(
  { user, team }: ViewSubmitAction,
  view: ViewOutput,
  deps: Deps,
  run: ViewDefinition['run'],
): Promise<ViewAnswer | undefined> {
  const first = view.blocks.find(({ type }) => type === 'input')?.block_id ?? '';
  const refuse = (why: string) => ({ errors: { [first]: why } });
  try {
    const decision = await authorizePerson(deps, { userId: user.id, teamId: user.team_id ?? team?.id ?? '' });
    if (!decision.allowed) return refuse(decision.refusal);
    const { id: viewId, private_metadata: metadata, state } = view;
    return await run({ person: decision.person, viewId, metadata, values: state.values }, deps);
  } catch (error) {
    if (error instanceof UserError) return refuse(error.message);
    // Slack's client says that it failed, and leaves the modal as it is.
    throw new Error(`${view.callback_id} failed`, { cause: error });
  }
}

/** How an answer is given; `acknowledge` tells Slack that the press was taken, `null` where it was told before. */
type Way = { responseUrl: string; triggerId: string; acknowledge: (() => Promise<void>) | null };

/** Lets `work` answer those who may see customer data, and tells the others that they may not. */
function handle(
  what: string,
  asker: Asker,
  { triggerId, ...way }: Way,
  deps: Deps,
  work: (request: Request) => Promise<void>,
): Promise<void> {
  return answering(what, way, deps, async (respond) => {
    const decision = await authorize(deps, asker);
    if (!decision.allowed) return respond({ text: decision.refusal });
    const { responseUrl } = way;
    await work({ person: decision.person, channelId: asker.channelId, responseUrl, triggerId, respond });
  });
}

/**
 * Lets `work` answer. A fault of ours reaches the asker as a number, and the caller whole;
 * what was to be stored is then not acknowledged, so that Slack's client says so too.
 */
async function answering(
  what: string,
  { responseUrl, acknowledge }: Omit<Way, 'triggerId'>,
  deps: Deps,
  work: (respond: Request['respond']) => Promise<void>,
): Promise<void> {
  let isTaken = acknowledge === null;
  const take = async () => {
    if (isTaken) return;
    isTaken = true;
    await acknowledge?.();
  };
  // Nothing is answered before it is stored, and Slack waits for three seconds only.
  const respond: Request['respond'] = async (message, options) => {
    await take();
    await answerTo(responseUrl, message, options);
  };
  try {
    await work(respond);
    await take();
  } catch (error) {
    if (error instanceof UserError) return respond({ text: error.message });
    const id = randomUUID().slice(0, 8);
    const apology = `Sorry, that did not work, and it is my fault. Please try again; if it stays so, tell whoever runs me about error ${id}.`;
    await answerTo(responseUrl, { text: apology }).catch((failure: unknown) =>
      deps.log.warn({ err: failure, id }, 'the asker could not be told of an error'),
    );
    throw new Error(`${what} failed, error ${id}`, { cause: error });
  }
}

function chosenIn(action: BlockAction['actions'][number]): string {
  if ('value' in action && typeof action.value === 'string') return action.value;
  if ('selected_option' in action && action.selected_option) return action.selected_option.value ?? '';
  if ('selected_options' in action && action.selected_options)
    return action.selected_options.map(({ value }) => value ?? '').join(' ');
  if ('selected_date' in action) return action.selected_date ?? '';
  return 'selected_user' in action ? (action.selected_user ?? '') : '';
}
