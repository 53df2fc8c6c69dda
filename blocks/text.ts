import type {
  ActionsBlock,
  Button,
  ContextBlock,
  HeaderBlock,
  KnownBlock,
  MrkdwnElement,
  PlainTextElement,
  SectionBlock,
} from '@slack/types';

/** A message; `text` is what notifications and screen readers get, and mrkdwn as well. */
export type BlockMessage = { text: string; blocks: KnownBlock[] };

/** Below Slack's 3000 characters for a section. */
const SECTION_LIMIT = 2900;

/** Literal text; colons in it never become emoji. Foreign text goes through `plain` first. */
export function plainText(text: string): PlainTextElement {
  return { type: 'plain_text', text, emoji: false };
}

/** Formatted text in which Slack makes no links of its own. Foreign text goes through `mrkdwn` first. */
function formatted(text: string): MrkdwnElement {
  return { type: 'mrkdwn', text, verbatim: true };
}

/** A header of at most 150 characters. */
export function header(text: string): HeaderBlock {
  return { type: 'header', text: plainText(text) };
}

/** A paragraph of at most 3000 characters. */
export function section(text: string): SectionBlock {
  return { type: 'section', text: formatted(text) };
}

/** Lines as few sections as hold them. */
export function sections(lines: readonly string[]): SectionBlock[] {
  const texts: string[] = [];
  for (const line of lines) {
    const last = texts.at(-1);
    if (last !== undefined && last.length + 1 + line.length <= SECTION_LIMIT)
      texts[texts.length - 1] = `${last}\n${line}`;
    else texts.push(line);
  }
  return texts.map(section);
}

/** Small print, one line an element. */
export function context(...lines: string[]): ContextBlock {
  return { type: 'context', elements: lines.map(formatted) };
}

/** A row of up to 25 buttons. */
export function buttons(...elements: Button[]): ActionsBlock {
  return { type: 'actions', elements };
}

/** A button with a label of at most 75 and a value of at most 2000 characters. */
export function button(actionId: string, label: string, value: string): Button {
  return { type: 'button', action_id: actionId, text: plainText(label), value };
}
