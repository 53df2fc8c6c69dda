import { setTimeout as sleep } from 'node:timers/promises';
import {
  findStoredTickets,
  findUnhandledEvents,
  hasWorkOnTickets,
  retryEvents,
  type StoredTicket,
} from '../../db/ticket-doctor.ts';
import type { Deps } from '../../deps.ts';
import { UserError } from '../../errors.ts';
import { formatNumber } from '../../format.ts';
import { type Diagnosis, type Doctor, examineTicket, repairDiagnosed } from '../../tickets/doctor.ts';
import { createDeps } from '../jobs.ts';
import type { Cli } from '../types.ts';

/** What `doctor` is given. */
export type DoctorOptions = { repair?: boolean; ticket?: string; days: number };

type Events = { count: number; why: string | null };
type State = { diagnoses: Diagnosis[]; events: Events };

const graceMs = 60_000;
const dayMs = 86_400_000;
const progressEveryMs = 2_000;
/** Rounds of work after a repair, a second apart: Slack takes about a post a second and channel. */
const mostRounds = 90;
const roundMs = 1_000;

/** `bellwether tickets doctor`. */
export async function examineTickets(cli: Cli, options: DoctorOptions): Promise<void> {
  const config = await cli.config();
  if (config.slack.botToken === undefined)
    throw new UserError('SLACK_BOT_TOKEN is not set; without it the threads cannot be read.');
  const connection = await cli.connect();
  const deps = await createDeps(cli, connection);
  const { db, slack, desk, now } = deps;
  const { supportChannel, ticketStaffIsPublic: isStaffPublic } = config;
  const doctor: Doctor = { db, slack, desk, now, supportChannel, isStaffPublic, graceMs };
  const tickets = await findAll(deps, options);
  const found = await examine(cli, doctor, tickets);
  const left = options.repair && differs(found) ? await repair(cli, doctor, deps, found, options) : found;
  const mended = options.repair ? mendedOf(found, left) : [];
  if (cli.json) cli.printJson(toAnswer(tickets.length, left, mended));
  else for (const line of toLines(tickets.length, left, mended, options)) cli.print(line);
  if (differs(left)) cli.exitWith(1);
}

function findAll({ db, now }: Deps, { ticket, days }: DoctorOptions): Promise<StoredTicket[]> {
  const at = now();
  return findStoredTickets(db, { since: new Date(at.getTime() - days * dayMs), number: ticket ?? null, now: at });
}

async function examine(cli: Cli, doctor: Doctor, tickets: readonly StoredTicket[]): Promise<State> {
  let shownAt = performance.now();
  const diagnoses: Diagnosis[] = [];
  for (const [index, ticket] of tickets.entries()) {
    if (cli.signal.aborted) break;
    const diagnosis = await examineTicket(doctor, ticket);
    if (diagnosis.findings.length > 0) diagnoses.push(diagnosis);
    if (performance.now() - shownAt < progressEveryMs) continue;
    shownAt = performance.now();
    cli.stderr.write(`${formatNumber(index + 1)} of ${formatNumber(tickets.length)} tickets\n`);
  }
  const before = new Date(doctor.now().getTime() - doctor.graceMs);
  return { diagnoses, events: await findUnhandledEvents(doctor.db, before) };
}

/** Has it all done again, here and now, and looks what is left. */
async function repair(
  cli: Cli,
  doctor: Doctor,
  deps: Deps,
  { diagnoses }: State,
  options: DoctorOptions,
): Promise<State> {
  await retryEvents(deps.db, deps.now());
  for (const diagnosis of diagnoses) await repairDiagnosed(doctor, diagnosis);
  const ids = diagnoses.map(({ ticket }) => ticket.id);
  for (let round = 0; round < mostRounds && !cli.signal.aborted; round++) {
    for (const job of ['handle-slack-events', 'work-on-tickets', 'deliver-messages']) await deps.queue.enqueue(job, {});
    if (!(await hasWorkOnTickets(deps.db, ids, deps.now()))) break;
    await sleep(roundMs);
  }
  const again = new Set(ids);
  return examine(
    cli,
    doctor,
    (await findAll(deps, options)).filter(({ id }) => again.has(id)),
  );
}

function differs({ diagnoses, events }: State): boolean {
  return diagnoses.length > 0 || events.count > 0;
}

type Mended = { ticket: StoredTicket; words: string[] };

/** What was found and is not there any more. */
function mendedOf(found: State, left: State): Mended[] {
  const still = new Map(left.diagnoses.map(({ ticket, findings }) => [ticket.id, findings.map(({ kind }) => kind)]));
  return found.diagnoses.flatMap(({ ticket, findings }) => {
    const words = findings.filter(({ kind }) => !still.get(ticket.id)?.includes(kind)).map((finding) => finding.words);
    return words.length > 0 ? [{ ticket, words }] : [];
  });
}

function toAnswer(examined: number, { diagnoses, events }: State, mended: readonly Mended[]) {
  return {
    examined,
    differing: diagnoses.map(({ ticket, findings }) => ({ ...named(ticket), findings })),
    mended: mended.map(({ ticket, words }) => ({ ...named(ticket), words })),
    unhandledEvents: events,
  };
}

function named({ id, deskTicketId, desk, channelId, threadTs, accountName }: StoredTicket) {
  return { id, number: deskTicketId, desk, channelId, threadTs, account: accountName };
}

function toLines(
  examined: number,
  { diagnoses, events }: State,
  mended: readonly Mended[],
  { repair: isRepair }: DoctorOptions,
): string[] {
  const lines = mended.flatMap(({ ticket, words }) => [
    titleOf(ticket),
    ...words.map((each) => `  set right: ${each}`),
  ]);
  for (const { ticket, findings } of diagnoses) {
    lines.push(titleOf(ticket));
    for (const { words, isMendable } of findings)
      lines.push(`  ${isMendable ? (isRepair ? 'still' : 'differs') : 'for you'}: ${words}`);
  }
  if (events.count > 0)
    lines.push(
      `${formatNumber(events.count)} of Slack’s events wait to be handled${events.why === null ? '' : ` (${events.why})`}`,
    );
  const isFirst = !isRepair && diagnoses.some(({ repair: wanted }) => wanted !== null);
  if (isFirst) lines.push('To set right what can be: `bellwether tickets doctor --repair`');
  if (lines.length === 0)
    lines.push(
      examined === 0
        ? 'There are no tickets.'
        : `Nothing differs in ${formatNumber(examined)} ${examined === 1 ? 'ticket' : 'tickets'}.`,
    );
  return lines;
}

function titleOf({ deskTicketId, desk, accountName, subject, channelId, threadTs }: StoredTicket): string {
  const number = deskTicketId === null ? `(not in ${desk})` : `#${deskTicketId}`;
  const text = `${accountName ?? 'Unknown account'}: ${subject}`.replace(/[\s\p{C}]+/gu, ' ').trim();
  return `${number} ${text} (${channelId}/${threadTs})`;
}
