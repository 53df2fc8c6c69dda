import type { WebClient } from '@slack/web-api';
import { findHome } from './identity.ts';

/** The address of a thread in our workspace; `null` where Slack does not say where that is. */
export async function findThreadLink(
  slack: WebClient,
  { channelId, threadTs }: { channelId: string; threadTs: string },
): Promise<string | null> {
  const url = await findHome(slack).then(
    (home) => home.url,
    () => null,
  );
  if (url === null || !/^https:\/\/[a-z0-9.-]+\/$/i.test(url)) return null;
  return `${url}archives/${channelId}/p${threadTs.replace('.', '')}`;
}
