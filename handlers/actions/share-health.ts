import { healthCard, SHARE_HEALTH } from '../../blocks/health-card.ts';
import { postMessage } from '../../src/slack/messages.ts';
import { cardContext, orderPicture } from '../health/answers.ts';
import { findAccountById } from '../health/find-account.ts';
import type { ActionDefinition } from '../types.ts';

/** "Share to channel" on a card. */
export const shareHealth: ActionDefinition = {
  actionId: SHARE_HEALTH,
  async run(args, deps) {
    const { person, channelId, respond } = args;
    const view = await findAccountById(args.value, deps);
    const card = healthCard(view, { ...cardContext(deps), sharedBy: person.id });
    const ts = await postMessage(deps.slack, channelId, card);
    await respond({ text: 'Shared: everybody in this channel, guests too, can see the card now.' });
    if (!view.latest) return;
    const target = { kind: 'message', channelId, ts };
    await orderPicture('send-trend-picture', { accountId: view.account.id, userId: person.id, target }, deps);
  },
};
