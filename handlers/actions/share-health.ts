import { ErrorCode, type WebAPIPlatformError } from '@slack/web-api';
import { healthCard, SHARE_HEALTH } from '../../blocks/health-card.ts';
import { UserError } from '../../src/errors.ts';
import { cardContext, orderPicture } from '../health/answers.ts';
import { findAccountById } from '../health/find-account.ts';
import type { ActionDefinition } from '../types.ts';

const notHere =
  'I am not a member of this channel, so I cannot post here. Type `/invite @Bellwether`, then press Share to channel again.';
const refusals: Record<string, string> = {
  not_in_channel: notHere,
  channel_not_found: notHere,
  is_archived: 'This channel is archived, so nothing can be posted here.',
  restricted_action: 'Your workspace does not let me post in this channel.',
};

export const shareHealth: ActionDefinition = {
  actionId: SHARE_HEALTH,
  async run(args, deps) {
    const { person, channelId, respond } = args;
    const view = await findAccountById(args.value, deps);
    const card = healthCard(view, { ...cardContext(deps), sharedBy: person.id });
    const ts = await post();
    await respond({ text: 'Shared: everybody in this channel can see the card now.' });
    if (!view.latest) return;
    const target = { kind: 'message', channelId, ts };
    await orderPicture({ accountId: view.account.id, userId: person.id, target }, deps);

    async function post(): Promise<string> {
      try {
        const posted = await deps.slack.chat.postMessage({ channel: channelId, ...card, unfurl_links: false });
        return posted.ts ?? '';
      } catch (error) {
        const { code, data } = error as Partial<WebAPIPlatformError>;
        const refusal = code === ErrorCode.PlatformError ? refusals[data?.error ?? ''] : undefined;
        throw refusal ? new UserError(refusal) : error;
      }
    }
  },
};
