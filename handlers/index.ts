import { randomUUID } from 'node:crypto';
import type { App, BlockAction } from '@slack/bolt';
import type { Deps } from '../src/deps.ts';
import { UserError } from '../src/errors.ts';
import { type Asker, authorize } from '../src/slack/permissions.ts';
import { answerTo } from '../src/slack/response-url.ts';
import { actions } from './actions/index.ts';
import { commands } from './commands/index.ts';
import type { Request } from './types.ts';

/** Binds every command and action to Bolt. They are acknowledged first, but for those that store something. */
export function registerHandlers(app: App, deps: Deps): void {
  for (const { name, run, stores } of commands) {
    app.command(name, async ({ ack, body }) => {
      const isStored = stores?.(body.text ?? '') ?? false;
      if (!isStored) await ack();
      const asker = { userId: body.user_id, teamId: body.team_id, channelId: body.channel_id };
      const way = { responseUrl: body.response_url, acknowledge: isStored ? () => ack() : null };
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
      const way = { responseUrl: body.response_url, acknowledge: stores ? () => ack() : null };
      const given = {
        value: chosenIn(action),
        blockId: action.block_id ?? '',
        ephemeral: body.container.is_ephemeral === true,
      };
      await handle(actionId, asker, way, deps, (request) => run({ ...request, ...given }, deps));
    });
  }
  // Whoever gave us the request logs what failed; Bolt would log it a second time.
  app.error(async (error) => {
    throw error;
  });
}

/** How an answer is given; `acknowledge` tells Slack that the press was taken, `null` where it was told before. */
type Way = { responseUrl: string; acknowledge: (() => Promise<void>) | null };

/**
 * Lets `work` answer those who may see customer data. A fault of ours reaches the asker as a number, and the caller whole;
 * what was to be stored is then not acknowledged, so that Slack's client says so too.
 */
async function handle(
  what: string,
  asker: Asker,
  { responseUrl, acknowledge }: Way,
  deps: Deps,
  work: (request: Request) => Promise<void>,
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
    const decision = await authorize(deps, asker);
    if (!decision.allowed) return await respond({ text: decision.refusal });
    await work({ person: decision.person, channelId: asker.channelId, responseUrl, respond });
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
