import type { KnownBlock } from '@slack/types';

const ANSWER_MS = 5_000;

/** A message as blocks build it; `text` is what notifications and screen readers get. */
export type Message = { text: string; blocks?: KnownBlock[] };

/**
 * Answers a command or a button for the asker's eyes only. `replace` puts the answer in the place of the message that the
 * button stands in; Slack has no such thing for a command, whose second answer is a second message.
 * Throws when Slack refuses it, for instance at the sixth answer or after 30 minutes.
 */
export async function answerTo(responseUrl: string, message: Message, { replace = false } = {}): Promise<void> {
  const response = await fetch(responseUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ response_type: 'ephemeral', replace_original: replace, ...message }),
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  const said = await response.text();
  if (!response.ok) throw new Error(`Slack refused an answer: ${response.status} ${said.slice(0, 300)}`);
}
