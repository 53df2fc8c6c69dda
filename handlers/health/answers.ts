import { healthCard } from '../../blocks/health-card.ts';
import { healthChange, nothingToExplain } from '../../blocks/health-change.ts';
import { unchangedModelOf } from '../../blocks/labels.ts';
import { myAccounts, noAccountsOfMine, PAGE_SIZE } from '../../blocks/my-accounts.ts';
import { type TrendPicture, trendOf } from '../../blocks/trend-image.ts';
import { fingerprintOf } from '../../src/chart/parts.ts';
import { trendSvg } from '../../src/chart/trend.ts';
import { addDays, localDay } from '../../src/days.ts';
import { findEarlierScore, type HealthView } from '../../src/db/health-view.ts';
import { findMyAccounts } from '../../src/db/my-accounts.ts';
import { findTrendDays, findTrendPicture } from '../../src/db/trend-pictures.ts';
import type { Deps } from '../../src/deps.ts';
import { UserError } from '../../src/errors.ts';
import { explainChange } from '../../src/health/explain.ts';
import type { Message } from '../../src/slack/response-url.ts';
import type { Request } from '../types.ts';
import type { Period } from './parse.ts';

/** A response_url works for 30 minutes; a picture later than that has nowhere to go. */
const PICTURE_MINUTES = 29;

/** Answers with an account's card at once; its picture comes with it when Slack has it already, else a job brings it. */
export async function answerWithCard(
  request: Request,
  view: HealthView,
  { asked, replace }: { asked: string | null; replace: boolean },
  deps: Deps,
): Promise<void> {
  const card = { ...cardContext(deps), asked };
  const picture = await currentPicture(view, request.person.id, deps);
  if (picture && (await accepted(request, healthCard(view, { ...card, picture }), { replace }, deps))) return;
  await request.respond(healthCard(view, card), { replace });
  if (!view.latest) return;
  const target = { kind: 'answer', responseUrl: request.responseUrl, replace, asked, until: untilWhen(card.now) };
  await orderPicture('send-trend-picture', { accountId: view.account.id, userId: request.person.id, target }, deps);
}

/** Until when an answer that is asked for now can be given. */
export function untilWhen(now: Date): string {
  return new Date(now.getTime() + PICTURE_MINUTES * 60_000).toISOString();
}

/** Leaves a picture to a job. The answer is out by now, and stands without it when no job can be had. */
export async function orderPicture(job: string, payload: object, { queue, log }: Deps): Promise<void> {
  try {
    await queue.enqueue(job, payload);
  } catch (error) {
    log.warn({ err: error }, 'the picture of an answer could not be ordered');
  }
}

/** What every card is made for. */
export function cardContext({ config, now, playbook }: Deps) {
  const at = now();
  return { pack: playbook, now: at, today: localDay(at, config.timeZone) };
}

/** The picture that the person has, if the trend is still what it shows. */
async function currentPicture(
  { account, latest }: HealthView,
  slackUserId: string,
  deps: Deps,
): Promise<TrendPicture | null> {
  const picture = await findTrendPicture(deps.db, { accountId: account.id, slackUserId, shows: 'health' });
  if (!picture || !latest) return null;
  const trend = trendOf(await findTrendDays(deps.db, account.id, latest.day), deps.playbook);
  if (!trend || fingerprintOf(trendSvg(trend)) !== picture.fingerprint) return null;
  return { fileId: picture.fileId, trend };
}

/** Whether Slack took the message: it refuses a whole answer for a picture that somebody has deleted meanwhile. */
export async function accepted(
  request: Request,
  message: Message,
  options: { replace: boolean },
  { log }: Deps,
): Promise<boolean> {
  try {
    await request.respond(message, options);
    return true;
  } catch (error) {
    log.warn({ err: error }, 'an answer with its picture was refused; it goes without');
    return false;
  }
}

/** The change of an account's score since a time, taken apart. Throws a UserError for a day that is not in the past. */
export async function explanation(view: HealthView, period: Period, { db, playbook }: Deps): Promise<Message> {
  const { account, latest } = view;
  if (!latest) return nothingToExplain(account.name, null);
  const wanted = 'day' in period ? period.day : addDays(latest.day, -period.days);
  if (wanted >= latest.day)
    throw new UserError(
      `The newest score is of ${latest.day}; give me a day before it, as in \`why ${addDays(latest.day, -30)}\`.`,
    );
  const before = await findEarlierScore(db, account.id, wanted, latest.day);
  if (!before) return nothingToExplain(account.name, latest);
  const change = explainChange(before, latest, unchangedModelOf(playbook, latest));
  return healthChange({ account, before, after: latest, wanted, change }, playbook);
}

/** One page of the accounts whose CSM the person is; a page that is not there becomes the last. */
export async function accountsOf(
  { person }: Request,
  page: number,
  { db, playbook, config, now }: Deps,
): Promise<Message> {
  if (person.email === null) return noAccountsOfMine(null);
  const today = localDay(now(), config.timeZone);
  const read = (wanted: number) =>
    findMyAccounts(db, person.email ?? '', { today, limit: PAGE_SIZE, offset: (wanted - 1) * PAGE_SIZE });
  let shown = Math.max(1, Math.trunc(page) || 1);
  let found = await read(shown);
  if (found.total === 0) return noAccountsOfMine(person.email);
  const last = Math.ceil(found.total / PAGE_SIZE);
  if (shown > last) {
    shown = last;
    found = await read(shown);
  }
  return myAccounts(found, { pack: playbook, page: shown, today });
}
