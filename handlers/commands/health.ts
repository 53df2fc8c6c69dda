import { healthHelp } from '../../blocks/health-help.ts';
import type { Deps } from '../../src/deps.ts';
import { accountsOf, answerWithCard, explanation } from '../health/answers.ts';
import { findAccount } from '../health/find-account.ts';
import { type HealthRequest, parseHealthRequest } from '../health/parse.ts';
import { parseTrendWords } from '../metrics/parse-trend.ts';
import { answerWithTrend, metricsToChoose } from '../metrics/trend.ts';
import { exampleMetric, unknownMetric } from '../metrics/words.ts';
import type { CommandArgs, CommandDefinition } from '../types.ts';

/** `/health`: a card, an explanation, a metric's trend, the list of one's accounts, or help. */
export const health: CommandDefinition = {
  name: '/health',
  description: 'The health of a customer account, or of all of yours',
  usage: '[account] [why [7d|30d|date] | trend [metric] [30d|90d|365d]] | help',
  async run(args, deps) {
    const wanted = parseHealthRequest(args.text);
    if (wanted.kind === 'help') return args.respond(healthHelp(exampleMetric(deps.playbook)));
    if (wanted.kind === 'mine') return args.respond(await accountsOf(args, 1, deps));
    if (wanted.kind === 'trend') return answerTrend(args, wanted, deps);
    const found = await findAccount(wanted, deps);
    if ('instead' in found) return args.respond(found.instead);
    if (wanted.why) return args.respond(await explanation(found.view, wanted.why, deps));
    await answerWithCard(args, found.view, { asked: found.asked, replace: false }, deps);
  },
};

type TrendRequest = Extract<HealthRequest, { kind: 'trend' }>;

async function answerTrend(args: CommandArgs, { readings, whole }: TrendRequest, deps: Deps): Promise<void> {
  const { metrics } = deps.playbook;
  const read = readings.map(({ account, rest }) => ({ account, ...parseTrendWords(rest, metrics) }));
  const reading = read.find(({ metric }) => metric !== null) ?? read[0];
  if (!reading) return;
  const { metric, days, words } = reading;
  if (!metric && whole) {
    // Nobody said which metric: the word may be part of the account's name.
    const named = await findAccount(whole, deps);
    if ('view' in named && named.asked === null)
      return answerWithCard(args, named.view, { asked: null, replace: false }, deps);
  }
  const found = await findAccount(reading.account, deps);
  if ('instead' in found) return args.respond(found.instead);
  if (metric) return answerWithTrend(args, found.view, { metric, days, asked: found.asked, replace: false }, deps);
  const fault = words === '' ? null : unknownMetric(metrics, words);
  await args.respond(await metricsToChoose(found.view, fault, deps));
}
