import { type BlockMessage, section } from './text.ts';

/** What can be typed after `/health`; `metric` is one that there is. */
export function healthHelp(metric: string): BlockMessage {
  const text = [
    '*What I can tell you*',
    '`/health` your accounts, the worst first',
    '`/health acme` the card of an account: by its id, domain, alias, channel or name; a typo or a part of the name will do',
    '`/health acme why` why its score changed in the last 7 days',
    '`/health acme why 30d` the same for any number of days, or since a date: `why 2026-11-01`',
    '`/health acme trend` its metrics and what they are today',
    `\`/health acme trend ${metric}\` a metric of the last 90 days, as a picture and in figures; \`30d\` after it, or any number from 7 to 730, for other days`,
    '`/health "The Why Company"` quotes keep a name together',
    '`/cs help` lists over all accounts',
    'Only you see my answers. *Share to channel* on a card shows it to everybody there, guests too.',
  ].join('\n');
  return { text, blocks: [section(text)] };
}
