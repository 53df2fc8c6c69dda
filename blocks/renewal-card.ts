import type { Button, KnownBlock } from '@slack/types';
import { addMonths, daysBetween } from '../src/days.ts';
import { bandSymbol, bandWord, formatChange, formatDay, formatDistance, formatMoney } from '../src/format.ts';
import type { Playbook } from '../src/playbook/types.ts';
import type { RenewalBrief } from '../src/renewals/read-brief.ts';
import { mrkdwn, plain } from '../src/slack/escape.ts';
import { type AlertPack, counted, indicatorName, instantLabel, kindSymbol, personLabel } from './alert-words.ts';
import { scoreLabel } from './labels.ts';
import { OPEN_ACCOUNT } from './my-accounts.ts';
import { billingLines, earlyLines, earlyWords } from './renewal-billing.ts';
import { linesOfUse } from './renewal-use.ts';
import { type BlockMessage, button, context, header, plainText, section } from './text.ts';

/** The contract is renewed, for a year; the value is our id of it. */
export const RENEWED = 'renewal_renewed';
/** It is not; the value is our id of it. */
export const LOST_RENEWAL = 'renewal_lost';
/** Another day was chosen for it; the block's id is a renewal's place. */
export const MOVE_RENEWAL = 'renewal_moved';
/** Its task is done; the value is our id of it. */
export const FINISH_RENEWAL_TASK = 'renewal_task_done';
/** A picture of the use is wanted; the value is our id of it. */
export const SHOW_RENEWAL_USE = 'renewal_use';

/** What a pack says of the things in the message. */
type RenewalPack = AlertPack & Pick<Playbook, 'renewals'>;
type Context = { pack: RenewalPack; today: string };

/** How a contract is written in a block's id. */
export function writeRenewalPlace(id: number): string {
  return `renewal ${id}`;
}

/** Reads a contract's id from a button's value or a block's id; `null` when it is none of ours. */
export function readRenewalPlace(value: string): number | null {
  const [, id] = /^(?:renewal )?(\d{1,15})$/.exec(value) ?? [];
  return id === undefined ? null : Number(id);
}

/** What a CSM needs for the talk about a renewal, or what became of it. */
export function renewalMessage(brief: RenewalBrief, card: Context): BlockMessage {
  const { message, account } = brief;
  const title = `Renewal · ${plain(account.name, 90)}`;
  const detour = detourOf(message);
  const { text, lines } = brief.use ? openParts(brief, card) : endedParts(brief);
  const blocks: KnownBlock[] = [
    ...(detour === null ? [] : [context(detour)]),
    header(`${symbolOf(brief)} ${title}`),
    ...lines.filter((part) => part.length > 0).map((part) => section(part.join('\n'))),
    ...(brief.use ? [controls(brief)] : []),
  ];
  return { text: `${mrkdwn(account.name, 90)}: ${text}`, blocks };
}

function symbolOf({ renewal, message }: RenewalBrief): string {
  if (message.newer) return '🔁';
  return { open: '🔁', past: '⏰', moved: '📅', churned: '🔁', renewed: '✅', lost: '❌' }[renewal.state];
}

/** Why somebody reads it who is not meant. */
function detourOf({ detour, ownerEmail }: RenewalBrief['message']): string | null {
  if (detour === null) return null;
  const meant = ownerEmail === null ? '' : ` Meant for ${mrkdwn(ownerEmail, 100)}.`;
  return `This is here because ${mrkdwn(detour, 400).replace(/\.$/, '')}.${meant}`;
}

type Parts = { text: string; lines: string[][] };

function openParts(brief: RenewalBrief, card: Context): Parts {
  const { renewal, account, use } = brief;
  const { today, pack } = card;
  const day = `${formatDay(renewal.date)} (${formatDistance(renewal.date, today)})`;
  const arr = account.arr === null ? 'ARR: no data' : `ARR *${formatMoney(account.arr, account.currency)}*`;
  const isPast = daysBetween(today, renewal.date) < 0;
  const usage = { ...pack.renewals.usage, currency: account.currency };
  const { quietDays } = pack.renewals;
  const early = earlyWords(brief, card);
  const worth = account.arr === null ? '' : `, ${formatMoney(account.arr, account.currency)}`;
  return {
    text: isPast
      ? `the renewal date ${day} has passed. What became of it?`
      : `${early === null ? '' : `${early}, `}renews ${day}${worth}`,
    lines: [
      [
        isPast ? `The renewal date *${day}* has passed. What became of it?` : `Renews *${day}*`,
        ...earlyLines(brief, card),
        arr,
        ...(account.renewedBefore ? [renewedLine(account.renewedBefore)] : []),
        ...(brief.isQuiet
          ? [`⚠️ *Quiet*: nobody was seen and nobody talked with them in the last ${counted(quietDays, 'day')}.`]
          : []),
      ],
      use ? linesOfUse(use, usage) : [],
      billingLines(brief, card),
      [healthLine(brief, pack), championLine(brief), channelLine(brief)],
      [alertsLine(brief, pack), workLine(brief), taskLine(brief, today)],
    ],
  };
}

function renewedLine({ date, note }: { date: string; note: string | null }): string {
  return `Last renewed for ${formatDay(date)}${note === null ? '' : `: ${mrkdwn(note, 200)}`}`;
}

function healthLine({ health }: RenewalBrief, pack: RenewalPack): string {
  if (!health || health.score === null) return `Health: ${bandSymbol(null)} no data`;
  const { label, band } = scoreLabel(pack, health.model, health.score);
  const { before } = health;
  const change =
    before?.score == null
      ? 'no score 90 days ago'
      : `${formatChange(health.score - before.score)} in 90 days${before.model === health.model ? '' : ', by another model then'}`;
  return `Health *${label}* / 10 ${bandSymbol(band)} ${bandWord(band)} · ${change}`;
}

function championLine({ hasChampion }: RenewalBrief): string {
  if (hasChampion === null) return 'Champion: no data';
  return hasChampion ? 'Champion: active' : 'Champion: ⚠️ none active';
}

function channelLine({ account: { slackChannelId } }: RenewalBrief): string {
  if (slackChannelId === null) return 'Shared channel: none known';
  return `Shared channel: <#${slackChannelId}> (ask there first who is the right contact now)`;
}

function alertsLine({ alerts }: RenewalBrief, pack: RenewalPack): string {
  if (alerts.total === 0) return 'Open alerts: none';
  const named = alerts.list.map(
    ({ kind, indicator, subject }) => `${kindSymbol(kind)} ${mrkdwn(indicatorName(pack, indicator, subject), 80)}`,
  );
  const more = alerts.total - named.length;
  return `Open alerts: ${named.join(' · ')}${more > 0 ? ` · and ${more} more` : ''}`;
}

function workLine({ openTickets, otherTasks }: RenewalBrief): string {
  return `Open tickets: ${openTickets} · other open tasks: ${otherTasks}`;
}

function taskLine({ task }: RenewalBrief, today: string): string {
  if (!task) return 'Task: none';
  const whose = task.assigneeEmail === null ? 'Task for nobody yet' : `Task for ${mrkdwn(task.assigneeEmail, 100)}`;
  if (task.isDone) return `✅ ${whose}, done by ${personLabel(task.doneBy)}; no more reminders`;
  const due = task.due === null ? '' : `, due ${formatDay(task.due)} (${formatDistance(task.due, today)})`;
  return `📌 ${whose}${due}`;
}

/** A contract that has ended, or a message that a newer one stands for. */
function endedParts({ message, renewal }: RenewalBrief): Parts {
  const { state, changedBy, changedAt, nextDate, note } = renewal;
  const date = formatDay(renewal.date);
  const by = changedBy === null ? '' : ` by ${personLabel(changedBy)} · ${instantLabel(changedAt)}`;
  const next = nextDate === null ? 'not known now' : `now ${formatDay(nextDate)}`;
  const said = {
    open: message.newer && newerLine(message, message.newer),
    past: message.newer && newerLine(message, message.newer),
    moved: `The renewal date was ${date} and is ${next}${by}.`,
    churned: `The account has churned; it was to renew ${date}.`,
    renewed: `*Renewed*${by}. The renewal date was ${date} and is ${next}.`,
    lost: `*Lost*${by}. It was to renew ${date}.`,
  }[state];
  const line = said ?? `It was to renew ${date}.`;
  return { text: line, lines: [[line, ...(note === null ? [] : [`📝 ${mrkdwn(note, 800)}`])]] };
}

function newerLine({ ownerEmail }: RenewalBrief['message'], newer: { ownerEmail: string | null }): string {
  if (newer.ownerEmail === ownerEmail) return 'There is a newer message about this renewal.';
  return newer.ownerEmail === null
    ? 'The account has no CSM now; it is asked in the fallback channel.'
    : `Now with ${mrkdwn(newer.ownerEmail, 100)}.`;
}

function controls({ renewal, account, task }: RenewalBrief): KnownBlock {
  const id = String(renewal.id);
  return {
    type: 'actions',
    block_id: writeRenewalPlace(renewal.id),
    elements: [
      asked(button(RENEWED, 'Renewed', id), renewedText(account.name, renewal.date), 'Renewed'),
      asked(button(LOST_RENEWAL, 'Lost', id), 'There will be no more reminders of this renewal.', 'Lost'),
      { type: 'datepicker', action_id: MOVE_RENEWAL, placeholder: plainText('Moved to …') },
      ...(task && !task.isDone ? [button(FINISH_RENEWAL_TASK, 'Task done', id)] : []),
      button(SHOW_RENEWAL_USE, 'Picture of use', id),
      button(OPEN_ACCOUNT, 'Open', account.id),
    ],
  };
}

/** What *Renewed* does, plain, within the 300 characters that Slack takes. */
function renewedText(name: string, date: string): string {
  return `${plain(name, 90)}: the renewal date becomes ${formatDay(addMonths(date, 12))}, a year after ${formatDay(date)}.`;
}

/** A button that asks once more. */
function asked(pressed: Button, text: string, label: string): Button {
  return {
    ...pressed,
    confirm: { title: plainText('Sure?'), text: plainText(text), confirm: plainText(label), deny: plainText('Cancel') },
  };
}
