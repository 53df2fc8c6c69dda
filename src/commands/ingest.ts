import type { Command } from 'commander';
import { addDays } from '../days.ts';
import {
  findIngestDays,
  findRefusalCounts,
  findRefusalSamples,
  findUncounted,
  findWaiting,
  type IngestDay,
  type RefusalCount,
  type RefusalSample,
  type Waiting,
  type WaitingFor,
} from '../db/ingest-status.ts';
import { UserError } from '../errors.ts';
import { formatAge, formatNumber } from '../format.ts';
import { kindOfReason } from '../ingest/refusals.ts';
import type { Door } from '../ingest/types.ts';
import type { Cli } from './types.ts';

const doors: readonly Door[] = ['segment', 'posthog', 'posthog-webhook', 'import', 'tickets'];
const outcomes = ['stored', 'duplicate', 'waiting', 'applied', 'refused'] as const;
const MOST_DAYS = 366;
const SAMPLES = 3;
const MOST_WAITING = 10;
const SAMPLE_LENGTH = 200;

type StatusOptions = { days: string; door?: string };
type Refused = RefusalCount & { samples: { at: Date; sample: string }[] };
type Status = {
  from: string;
  days: IngestDay[];
  refusals: Refused[];
  waiting: Waiting;
  uncounted: { batches: number; oldest: Date | null };
};

/** `bellwether ingest status`. */
export function register(command: Command, cli: Cli): void {
  command
    .command('status')
    .description(
      'what came in by each door, what was refused and why, and what waits; exit status 1 when something was refused',
    )
    .option('--days <n>', 'how many days to look back, today included (UTC)', '7')
    .option('--door <name>', `one door only: ${doors.join(', ')}`)
    .action((options: StatusOptions) => showStatus(cli, options));
}

async function showStatus(cli: Cli, options: StatusOptions): Promise<void> {
  const days = readDays(options.days);
  const door = readDoor(options.door);
  const { db } = await cli.connect();
  const now = cli.now();
  const from = addDays(now.toISOString().slice(0, 10), 1 - days);
  const period = { from, door };
  const counts = await findRefusalCounts(db, period);
  const samples = await findRefusalSamples(db, period, SAMPLES);
  const status: Status = {
    from,
    days: await findIngestDays(db, period),
    refusals: counts.map((refused) => withSamples(refused, samples)),
    waiting: await findWaiting(db, MOST_WAITING),
    uncounted: await findUncounted(db),
  };
  if (cli.json) cli.printJson(status);
  else for (const line of describe(status, now)) cli.print(line);
  if (status.refusals.length > 0) cli.exitWith(1);
}

/** Refusals are counted by the kind of reason; the samples have it in full. */
function withSamples(refused: RefusalCount, all: readonly RefusalSample[]): Refused {
  const own = all.filter(({ door, reason }) => door === refused.door && kindOfReason(reason) === refused.reason);
  const samples = own.slice(0, SAMPLES).map(({ at, sample }) => ({ at, sample }));
  return { ...refused, reason: own[0]?.reason ?? refused.reason, samples };
}

function readDays(text: string): number {
  const days = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (days < 1 || days > MOST_DAYS) throw new UserError(`--days must be a whole number, 1 to ${MOST_DAYS}.`);
  return days;
}

function readDoor(name: string | undefined): Door | null {
  if (name === undefined) return null;
  const door = doors.find((known) => known === name);
  if (!door) throw new UserError(`There is no door ${name}; the doors are ${doors.join(', ')}.`);
  return door;
}

function describe({ from, days, refusals, waiting, uncounted }: Status, now: Date): string[] {
  return [
    ...(days.length > 0 ? describeDays(days) : [`Nothing came in since ${from} (UTC).`]),
    '',
    ...(refusals.length > 0 ? ['Refused:', ...refusals.flatMap(describeRefusal)] : ['Nothing was refused.']),
    '',
    ...describeWaiting(waiting, now),
    '',
    describeUncounted(uncounted, now),
  ];
}

function describeDays(days: readonly IngestDay[]): string[] {
  const rows = [
    ['day (UTC)', 'door', ...outcomes],
    ...days.map((day) => [day.day, day.door, ...outcomes.map((outcome) => formatNumber(day[outcome]))]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('  '),
  );
}

function describeRefusal({ door, reason, count, samples }: Refused): string[] {
  return [
    `  ${formatNumber(count)} at ${door}: ${printable(reason)}`,
    ...samples.map(({ at, sample }) => `    ${at.toISOString()}  ${printable(sample)}`),
  ];
}

function describeWaiting({ events, oldest, users, for: waitingFor }: Waiting, now: Date): string[] {
  const told = users > 0 ? [`What was told of ${count(users, 'user')} waits for an account to put them into.`] : [];
  if (events === 0 || !oldest) return ['No events wait for their account.', ...told];
  return [
    `${count(events, 'event')} ${events === 1 ? 'waits' : 'wait'} for an account, the oldest came ${formatAge(oldest, now)}:`,
    ...waitingFor.map((who) => `  ${formatNumber(who.events)} of ${describeWaitedFor(who)}`),
    'They count once the account is known: send a group call for it, or run `bellwether import accounts` with this id or alias;',
    'for a user in no account, send a group call that puts the user into one.',
    ...told,
  ];
}

function count(number: number, what: string): string {
  return `${formatNumber(number)} ${what}${number === 1 ? '' : 's'}`;
}

function describeWaitedFor({ account, userId, anonymousId }: WaitingFor): string {
  if (account !== null) return `account ${printable(account)}`;
  if (userId !== null) return `user ${printable(userId)}, who is in no account`;
  return `the anonymous ${printable(anonymousId ?? '')}, of whom nobody has told who it is`;
}

function describeUncounted({ batches, oldest }: Status['uncounted'], now: Date): string {
  if (batches === 0 || !oldest) return 'All events are in the series.';
  const text = `${formatNumber(batches)} ${batches === 1 ? 'batch is' : 'batches are'} not in the series yet, the oldest came ${formatAge(oldest, now)}.`;
  return now.getTime() - oldest.getTime() < 60_000
    ? text
    : `${text}\nA worker counts them: is one running? \`bellwether jobs list\` shows how count-events fares.`;
}

/** Without what could change what a terminal shows. */
function printable(text: string): string {
  const cut = text.length > SAMPLE_LENGTH ? `${text.slice(0, SAMPLE_LENGTH)}…` : text;
  return cut.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ').toWellFormed();
}
