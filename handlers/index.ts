import { randomUUID } from 'node:crypto';
import type { App, BlockAction } from '@slack/bolt';
import type { Deps } from '../src/deps.ts';
import { UserError } from '../src/errors.ts';
import { type Asker, authorize } from '../src/slack/permissions.ts';
import { answerTo } from '../src/slack/response-url.ts';
import { actions } from './actions/index.ts';
import { commands } from './commands/index.ts';
import type { Request } from './types.ts';

/** Binds every command and action to Bolt. Nothing of them must be stored, so they are acknowledged first. */
export function registerHandlers(app: App, deps: Deps): void {
  for (const { name, run } of commands) {
    app.command(name, async ({ ack, body }) => {
      await ack();
      const asker = { userId: body.user_id, teamId: body.team_id, channelId: body.channel_id };
      await handle(name, asker, body.response_url, deps, (request) => run({ ...request, text: body.text ?? '' }, deps));
    });
  }
  for (const { actionId, run } of actions) {
    app.action<BlockAction>(actionId, async ({ ack, body, action }) => {
      await ack();
      const asker = {
        userId: body.user.id,
        teamId: body.user.team_id ?? body.team?.id ?? '',
        channelId: body.channel?.id ?? '',
      };
      const value = chosenIn(action);
      const ephemeral = body.container.is_ephemeral === true;
      await handle(actionId, asker, body.response_url, deps, (request) => run({ ...request, value, ephemeral }, deps));
    });
  }
  // Whoever gave us the request logs what failed; Bolt would log it a second time.
  app.error(async (error) => {
    throw error;
  });
}

/** Lets `work` answer those who may see customer data. A fault of ours reaches the asker as a number, and the caller whole. */
async function handle(
  what: string,
  asker: Asker,
  responseUrl: string,
  deps: Deps,
  work: (request: Request) => Promise<void>,
): Promise<void> {
  const respond: Request['respond'] = (message, options) => answerTo(responseUrl, message, options);
  try {
    const decision = await authorize(deps, asker);
    if (!decision.allowed) return await respond({ text: decision.refusal });
    await work({ person: decision.person, channelId: asker.channelId, responseUrl, respond });
  } catch (error) {
    if (error instanceof UserError) return respond({ text: error.message });
    const id = randomUUID().slice(0, 8);
    const apology = `Sorry, that did not work, and it is my fault. Please try again; if it stays so, tell whoever runs me about error ${id}.`;
    await respond({ text: apology }).catch((failure: unknown) =>
      deps.log.warn({ err: failure, id }, 'the asker could not be told of an error'),
    );
    throw new Error(`${what} failed, error ${id}`, { cause: error });
  }
}

function chosenIn(action: BlockAction['actions'][number]): string {
  if ('value' in action && typeof action.value === 'string') return action.value;
  return 'selected_option' in action && action.selected_option ? (action.selected_option.value ?? '') : '';
}
