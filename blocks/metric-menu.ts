import type { KnownBlock } from '@slack/types';
import { formatDay } from '../src/format.ts';
import type { MetricValue } from '../src/health/types.ts';
import { mrkdwn, plain } from '../src/slack/escape.ts';
import { type Pack, valueLabel } from './labels.ts';
import { type BlockMessage, context, plainText, section, sections } from './text.ts';

/** Somebody chose a metric of an account from a menu; the value names both, see readChoice. */
export const PICK_METRIC = 'pick_metric';

const MAX_OPTIONS = 100;
/** Slack's limit for the value of an option. */
const VALUE_LIMIT = 150;
/**
 * A message above about 12 kB, its text and blocks together, may be refused: how much of one the list may take, and beside a
 * menu, and the menu.
 */
const LIST_BYTES = 9_000;
const SHORT_LIST_BYTES = 4_500;
const MENU_BYTES = 4_500;
/** What is told to those who do not see the blocks is shorter. */
const TEXT_BYTES = 1_500;

type MetricChoice = { account: string; metric: string };

/** What an option of the menu stands for; `null` when it is none of ours. */
export function readChoice(value: string): MetricChoice | null {
  // An id of a metric has no blanks.
  const [, metric, account] = /^(\S+) ([\s\S]+)$/.exec(value) ?? [];
  return metric && account ? { account, metric } : null;
}

/** An account's metrics with their newest values, and a menu that shows the trend of one. `fault` is told first. */
export function accountMetrics(
  account: { id: string; name: string; currency: string },
  values: ReadonlyMap<string, { day: string; value: MetricValue }>,
  { pack, today, fault }: { pack: Pack; today: string; fault: string | null },
): BlockMessage {
  const title = `*${mrkdwn(account.name, 90)}*: which metric? Choose one, or type it: \`/health ${mrkdwn(account.id, 60)} trend ${pack.metrics[0]?.id ?? 'metric'} 90d\``;
  const intro = [...(fault ? [fault] : []), title];
  const lines = pack.metrics.map(({ id, name }) => {
    const known = values.get(id);
    const value = known
      ? valueLabel(pack, id, known.value, { bands: null, currency: account.currency })
      : 'no value yet';
    const old = known && known.day !== today ? ` on ${formatDay(known.day)}` : '';
    return `• \`${id}\` ${mrkdwn(name, 80)}: *${value}*${old}`;
  });
  const all = pack.metrics.slice(0, MAX_OPTIONS).map(({ id, name }) => ({
    text: plainText(plain(name, 75)),
    value: `${id} ${account.id}`,
  }));
  const options = within(all, MENU_BYTES);
  // An id may be too long for a menu; then it goes without.
  const fits = options.length > 0 && options.every(({ value }) => value.length <= VALUE_LIMIT);
  const menu: KnownBlock = {
    type: 'actions',
    elements: [{ type: 'static_select', action_id: PICK_METRIC, placeholder: plainText('Choose a metric'), options }],
  };
  return {
    text: [...intro, ...cut(lines, TEXT_BYTES)].join('\n'),
    blocks: [...sections(intro), ...(fits ? [menu] : []), ...sections(cut(lines, SHORT_LIST_BYTES))],
  };
}

/** Every metric there is, with what it says. */
export function metricMenu(pack: Pack): BlockMessage {
  if (pack.metrics.length === 0) {
    const text = 'This playbook has no metrics.';
    return { text, blocks: [section(text)] };
  }
  const title = `*${pack.metrics.length} metrics.* \`/cs metric ${pack.metrics[0]?.id}\` lists the accounts by one of them, the worst first.`;
  const short = pack.metrics.map(({ id, name }) => `• \`${id}\` ${mrkdwn(name, 80)}`);
  const long = pack.metrics.map(({ description }, index) => `${short[index]}: ${mrkdwn(description, 150)}`);
  const lines = Buffer.byteLength(JSON.stringify(long)) <= LIST_BYTES ? long : cut(short, LIST_BYTES);
  return {
    text: [title, ...cut(short, TEXT_BYTES)].join('\n'),
    blocks: [section(title), ...sections(lines), context('`/cs help` tells what can follow the metric.')],
  };
}

/** As many lines as fit. */
function cut(lines: readonly string[], bytes: number): string[] {
  const shown = within(lines, bytes);
  const more = lines.length - shown.length;
  return more > 0 ? [...shown, `… and ${more} more metrics`] : shown;
}

function within<T>(items: readonly T[], bytes: number): T[] {
  let sum = 0;
  return items.filter((item) => {
    sum += Buffer.byteLength(JSON.stringify(item));
    return sum <= bytes;
  });
}
