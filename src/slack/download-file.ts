import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { HelpDeskRefused, HelpDeskUnavailable } from '../helpdesk/errors.ts';
import { fileBytes } from '../helpdesk/file-bytes.ts';
import { refusalOf } from './failures.ts';
import type { SlackFile } from './slack-message.ts';

const fileMs = 120_000;
const mostRedirects = 3;

const infoSchema = z.object({
  file: z.object({
    name: z.string().nullish(),
    mimetype: z.string().nullish(),
    size: z.number().int().nullish(),
    url_private: z.string().nullish(),
    permalink: z.string().nullish(),
  }),
});

/** What matters of a file of Slack's; of files from other workspaces Slack tells only when asked. `null`: it is not there any more. */
export async function describeFile(
  slack: WebClient,
  file: SlackFile,
): Promise<{
  id: string;
  name: string;
  type: string;
  size: number | null;
  url: string | null;
  link: string | null;
} | null> {
  if (file.mode === 'tombstone' || file.mode === 'hidden_by_limit') return null;
  const known = file.file_access === 'check_file_info' || !file.url_private ? await findFile(slack, file.id) : file;
  const { name, mimetype, size, url_private, permalink } = { ...file, ...known };
  return {
    id: file.id,
    name: name || file.title || 'file',
    type: mimetype || 'application/octet-stream',
    size: size ?? null,
    // What lies elsewhere, at Google for instance, is only linked.
    url: file.is_external || file.mode === 'external' ? null : (url_private ?? null),
    link: permalink ?? url_private ?? null,
  };
}

async function findFile(slack: WebClient, id: string): Promise<z.output<typeof infoSchema>['file'] | null> {
  try {
    return infoSchema.parse(await slack.files.info({ file: id })).file;
  } catch (error) {
    if (refusalOf(error) !== null) return null;
    throw error;
  }
}

/**
 * Opens a file of Slack's. The bot's token goes to Slack's own hosts and nowhere else, and is not sent on when it is
 * redirected; what comes must be the file, and no page to sign in on.
 * @throws {HelpDeskRefused} where it is not to be had
 * @throws {HelpDeskUnavailable} where it is not to be had now
 */
export async function openSlackFile(
  { token, slackApiUrl }: Pick<WebClient, 'token' | 'slackApiUrl'>,
  { name, type, url }: { name: string; type: string; url: string },
): Promise<AsyncIterable<Uint8Array>> {
  const parsed = URL.parse(url);
  if (!parsed || !isSlackAddress(parsed, slackApiUrl))
    throw new HelpDeskRefused('not_the_file', `The file ${name} is not at an address of Slack's.`);
  let address: URL = parsed;
  let headers: Record<string, string> = { authorization: `Bearer ${token ?? ''}` };
  const signal = AbortSignal.timeout(fileMs);
  for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
    const response = await reach(address.href, { headers, redirect: 'manual', signal }, name);
    if (response.ok) return fileBytes(response, { name, type, from: 'Slack' });
    await response.body?.cancel();
    const { status } = response;
    const location = response.headers.get('location');
    if (status === 429 || status >= 500)
      throw new HelpDeskUnavailable(`Slack does not hand out the file ${name} now (status ${status}).`, {
        mayBeDone: false,
      });
    const next: URL | null = status >= 300 && status < 400 && location !== null ? URL.parse(location, address) : null;
    if (!next || !['https:', new URL(slackApiUrl).protocol].includes(next.protocol))
      throw new HelpDeskRefused('not_found', `Slack does not hand out the file ${name} (status ${status}).`);
    address = next;
    headers = {};
  }
  throw new HelpDeskRefused('not_the_file', `The file ${name} is redirected again and again.`);
}

/** Whether an address is Slack's own, or that of the Web API that we talk to. */
export function isSlackAddress(address: URL, apiUrl: string): boolean {
  if (address.origin === new URL(apiUrl).origin) return true;
  return address.protocol === 'https:' && /(?:^|\.)slack\.com$/.test(address.hostname) && address.port === '';
}

async function reach(url: string, init: RequestInit, name: string): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch {
    throw new HelpDeskUnavailable(`Slack does not hand out the file ${name} now.`, { mayBeDone: false });
  }
}
