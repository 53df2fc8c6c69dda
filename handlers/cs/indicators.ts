import { indicatorCard, indicatorReport } from '../../blocks/indicator-report.ts';
import { findIndicatorFigures, findLastFirings } from '../../src/db/indicator-report.ts';
import type { Deps } from '../../src/deps.ts';
import { UserError } from '../../src/errors.ts';
import { mrkdwn } from '../../src/slack/escape.ts';
import type { Message } from '../../src/slack/response-url.ts';
import { unescaped, unquoted } from '../metrics/words.ts';
import type { Subcommand } from '../types.ts';

const DAYS = 90;
const FIRINGS = 10;

/** `/cs indicators`: how well the indicators do, or one of them. */
export const indicators: Subcommand = {
  name: 'indicators',
  explain: ({ indicators: { list } }) => [
    { example: 'indicators', does: 'how often each indicator fired, was acted on and was called noise' },
    ...list.slice(0, 1).map(({ id }) => ({ example: `indicators ${id}`, does: 'its rule and last firings' })),
  ],
  async run(args, deps) {
    const words = unquoted(unescaped(args.text));
    await args.respond(words === '' ? await report(deps) : await single(words, deps));
  },
};

async function report({ db, playbook, now }: Deps): Promise<Message> {
  const figures = await findIndicatorFigures(db, { now: now(), days: DAYS });
  return indicatorReport(figures, { pack: playbook, days: DAYS });
}

async function single(words: string, { db, playbook, now, config }: Deps): Promise<Message> {
  const { list } = playbook.indicators;
  const indicator = list.find(({ id, name }) => [id, name.toLowerCase()].includes(words.toLowerCase()));
  if (!indicator) {
    const known = list.slice(0, 30).map(({ id }) => `\`${id}\``);
    throw new UserError(
      `There is no indicator called “${mrkdwn(words, 100)}”. ${known.length > 0 ? `There are ${known.join(', ')}.` : 'This playbook has none.'}`,
    );
  }
  const [all, firings] = await Promise.all([
    findIndicatorFigures(db, { now: now(), days: DAYS }),
    findLastFirings(db, indicator.id, { limit: FIRINGS, timeZone: config.timeZone }),
  ]);
  const figures = all.find((each) => each.indicator === indicator.id) ?? null;
  return indicatorCard(indicator, { figures, firings, days: DAYS });
}
