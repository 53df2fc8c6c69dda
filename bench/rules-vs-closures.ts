import { randomNumbers } from '../simulator/demo/random.ts';
import { compileRule } from '../src/indicators/compile.ts';
import { inputOf, readRule, type Values } from '../src/indicators/evaluate.ts';
import type { Rule } from '../src/indicators/types.ts';
import { compileMetrics } from '../src/metrics/compile.ts';
import { compare, round } from './measure.ts';
import type { Benchmark } from './types.ts';

const ACCOUNTS = 100_000;
const RULES = 15;
/** One value in twenty is missing. */
const MISSING = 0.05;

/** Whether a rule is met: 1, 0, or NaN for no data. */
type Closure = (values: Values) => number;

/** Reading rules as the evaluation does, against closures composed by hand over the same accounts. */
export const rulesVsClosures: Benchmark = {
  name: 'rules_vs_closures',
  goal: { atMost: 3 },
  async run() {
    const accounts = makeAccounts();
    const rules = Array.from({ length: RULES }, (_, place) => makeRule(place));
    const closures = Array.from({ length: RULES }, (_, place) => makeClosure(place));
    const [ours, reference] = [new Float64Array(RULES), new Float64Array(RULES)];
    const times = await compare(
      7,
      () => {
        ours.fill(0);
        for (const values of accounts) {
          const input = inputOf(values);
          for (let place = 0; place < RULES; place += 1) {
            if (readRule(rules[place] as Rule, values, input).met) ours[place] = (ours[place] as number) + 1;
          }
        }
      },
      () => {
        reference.fill(0);
        for (const values of accounts) {
          for (let place = 0; place < RULES; place += 1) {
            if ((closures[place] as Closure)(values) === 1) reference[place] = (reference[place] as number) + 1;
          }
        }
      },
    );
    const wrong = ours.findIndex((count, place) => count !== reference[place]);
    if (wrong !== -1) throw new Error(`The two disagree on rule ${wrong}: ${ours[wrong]} and ${reference[wrong]}`);
    return {
      ratio: times.ours / times.reference,
      detail: { oursMs: round(times.ours), closuresMs: round(times.reference), accounts: ACCOUNTS, rules: RULES },
    };
  },
};

const idOf = (place: number) => `metric_${place}`;
const volumeId = 'volume';
const limitOf = (place: number) => 10 + place;

/** A third compare one metric, a third two of them, a third have a minimum volume and another threshold to clear. */
function equationsOf(place: number): { when: string; clearsWhen: string | null; minimumVolume: string | null } {
  const metric = (of: number) => `metric("${idOf(of % RULES)}")`;
  const when = `${metric(place)} > ${limitOf(place)}`;
  if (place % 3 === 0) return { when, clearsWhen: null, minimumVolume: null };
  if (place % 3 === 1) return { when: `${when} || ${metric(place + 1)} < 2`, clearsWhen: null, minimumVolume: null };
  return {
    when,
    clearsWhen: `${metric(place)} <= ${limitOf(place) - 2}`,
    minimumVolume: `metric("${volumeId}") >= 20`,
  };
}

function makeRule(place: number): Rule {
  const ids = [...Array.from({ length: RULES }, (_, of) => idOf(of)), volumeId];
  const definitions = ids.map((id) => ({ id, name: id, unit: 'number' as const, description: '' }));
  const { metrics, compileFurther } = compileMetrics(definitions);
  const scope = { metrics, units: new Map(definitions.map(({ id, unit }) => [id, unit])), compileFurther };
  return compileRule('bench', place, { subject: '', ...equationsOf(place), windowDays: null }, scope).rule;
}

const compared =
  (id: string, holds: (value: number) => boolean): Closure =>
  (values) => {
    const value = values[id];
    return typeof value === 'number' ? Number(holds(value)) : Number.NaN;
  };
const either =
  (left: Closure, right: Closure): Closure =>
  (values) => {
    const known = left(values);
    if (known === 1) return 1;
    const other = right(values);
    return other === 1 ? 1 : known + other;
  };
const ifEnough =
  (enough: Closure, rule: Closure): Closure =>
  (values) =>
    enough(values) === 1 ? rule(values) : Number.NaN;

function makeClosure(place: number): Closure {
  const limit = limitOf(place);
  const rule = compared(idOf(place), (value) => value > limit);
  if (place % 3 === 0) return rule;
  if (place % 3 === 1)
    return either(
      rule,
      compared(idOf((place + 1) % RULES), (value) => value < 2),
    );
  return ifEnough(
    compared(volumeId, (value) => value >= 20),
    rule,
  );
}

/** As values come out of JSON: objects of one shape. */
function makeAccounts(): Values[] {
  const random = randomNumbers(20261128);
  const value = () => (random() < MISSING ? null : random() * 40);
  const metrics = Array.from({ length: RULES }, (_, place) => idOf(place));
  return Array.from({ length: ACCOUNTS }, () => {
    const values = [...metrics.map((id) => [id, value()]), [volumeId, value()]];
    return JSON.parse(JSON.stringify(Object.fromEntries(values)));
  });
}
