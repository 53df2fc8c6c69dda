import { addWorkingDays, localDay } from '../../days.ts';
import { endHold, findHolds, type Hold } from '../../db/alert-holds.ts';
import { formatNumber } from '../../format.ts';
import type { Cli } from '../types.ts';

/** Working days until the task of a released alert is due. */
const TASK_DAYS = 2;

/** `bellwether indicators holds`. */
export async function listHolds(cli: Cli): Promise<void> {
  const { db } = await cli.connect();
  const holds = await findHolds(db);
  if (cli.json) cli.printJson(holds);
  else for (const line of holds.length > 0 ? holds.flatMap(linesOf) : ['Nothing is held back.']) cli.print(line);
  if (holds.length > 0) cli.exitWith(1);
}

function linesOf({ id, at, changed, accounts, indicators, messages }: Hold): string[] {
  const most = Object.entries(indicators).sort(([, a], [, b]) => b - a);
  return [
    `${id}: ${at.toISOString()}, ${formatNumber(changed)} of ${formatNumber(accounts)} accounts changed at once`,
    `  waiting    ${formatNumber(messages)} ${messages === 1 ? 'message' : 'messages'}`,
    ...most.map(([indicator, count]) => `  ${formatNumber(count).padStart(9)}  ${indicator}`),
    `  to send them: \`bellwether indicators release ${id}\`; never: \`bellwether indicators discard ${id}\``,
  ];
}

/** `bellwether indicators release` and `discard`. */
export async function endOneHold(cli: Cli, id: number, outcome: 'released' | 'discarded'): Promise<void> {
  const { db, url } = await cli.connect();
  const { timeZone } = await cli.config();
  const taskDue = addWorkingDays(localDay(cli.now(), timeZone), TASK_DAYS);
  const ended = await endHold(db, id, outcome, { now: cli.now(), taskDue });
  if (ended !== 'ended') {
    const message = ended === 'unknown' ? `There is no held run ${id}.` : `The held run ${id} was ended before.`;
    const code = ended === 'unknown' ? 'no_hold' : 'hold_ended';
    cli.stderr.write(`${cli.json ? JSON.stringify({ error: { code, message } }) : message}\n`);
    cli.exitWith(1);
    return;
  }
  const hint = outcome === 'released' ? await askForDelivery(cli, url) : null;
  if (cli.json) cli.printJson({ id, outcome });
  else cli.print(`The held run ${id} is ${outcome}. ${hint ?? 'Its messages are never sent.'}`);
}

/** Leaves the sending to the bot, which looks every minute in any case. */
async function askForDelivery(cli: Cli, databaseUrl: string): Promise<string> {
  const { redisUrl } = await cli.config();
  try {
    const { createQueue } = await import('../../queue/queue.ts');
    const queue = await createQueue({ databaseUrl, redisUrl, log: await cli.log() });
    cli.defer(queue.close);
    await queue.enqueue('deliver-messages', {}, { key: 'deliver-messages' });
    // Alerts that were to end may do so now.
    await queue.enqueue('evaluate-indicators', {}, { key: 'evaluate-indicators' });
    return 'Its messages go out while the bot runs.';
  } catch (error) {
    return `Its messages go out within a minute while the bot runs; it could not be asked (${(error as Error).message}).`;
  }
}
