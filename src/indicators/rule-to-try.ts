import { UserError } from '../errors.ts';
import { compileMetrics } from '../metrics/compile.ts';
import { didYouMean, faultWithExcerpt } from '../metrics/fault.ts';
import type { CompiledMetric } from '../metrics/types.ts';
import type { Playbook } from '../playbook/types.ts';
import { compileRule, partsToCompute, RuleFault, type RuleScope, type WrittenRule } from './compile.ts';
import type { Indicator } from './types.ts';

/** What is tried instead of what the pack says; undefined leaves that as it is. */
export type RuleChanges = {
  clearsWhen?: string | undefined;
  minimumVolume?: string | undefined;
  inARow?: number | undefined;
  coolDown?: number | undefined;
};

/** A rule ready to be replayed. `id` null: it is an equation, no indicator of the pack. */
export type RuleToTry = {
  id: string | null;
  indicator: Indicator;
  /** What has to be computed for it. */
  computed: readonly CompiledMetric[];
};

/** Where a fault in a rule stands on the command line. */
const options: Record<RuleFault['part'], string> = {
  when: 'The rule',
  clearsWhen: '--clears-when',
  minimumVolume: '--minimum-volume',
};

/**
 * An indicator of the pack by its id, or an equation that is true or false, with what is changed of it.
 * @throws {UserError} that says what is wrong, and where
 */
export function readRuleToTry(playbook: Playbook, rule: string, changes: RuleChanges): RuleToTry {
  const id = /^[a-z][a-z0-9_]*$/.test(rule.trim()) ? rule.trim() : null;
  const base = id === null ? equationAsIndicator(rule) : findIndicator(playbook, id);
  if (base.indicator.rules.some(({ forEach }) => forEach !== null)) throw new UserError(noPast(base.indicator));
  const scope = scopeOf(playbook);
  const rules = base.written.map((written, place) => {
    const { clearsWhen = written.clearsWhen, minimumVolume = written.minimumVolume } = changes;
    return compile(base.indicator.id, place, { ...written, clearsWhen, minimumVolume }, scope);
  });
  const { evaluationsInARow, coolDownDays } = base.indicator;
  const indicator: Indicator = {
    ...base.indicator,
    rules,
    evaluationsInARow: changes.inARow ?? evaluationsInARow,
    coolDownDays: changes.coolDown ?? coolDownDays,
  };
  return { id, indicator, computed: partsToCompute([indicator], scope.metrics) };
}

/** The mirror of Stripe has each invoice as it is now, so a rule cannot be read on a day before. */
function noPast({ id, rules }: Indicator): string {
  const other = rules.find(({ forEach }) => forEach === null);
  const hint = other
    ? ` Its rule for accounts without invoices can: \`bellwether indicators try '${other.text}'\`.`
    : '';
  return `${id} is read of each invoice, and how invoices were on past days is not known, so it cannot be tried.${hint}`;
}

type Base = { indicator: Indicator; written: readonly WrittenRule[] };

function findIndicator({ id: pack, indicators }: Playbook, id: string): Base {
  const indicator = indicators.list.find((each) => each.id === id);
  if (indicator) {
    const written = indicator.rules.map(({ subject, when, clears, volume, windowDays }) => ({
      subject,
      when: when.equation ?? '',
      clearsWhen: clears?.equation ?? null,
      minimumVolume: volume?.equation ?? null,
      windowDays,
    }));
    return { indicator, written };
  }
  const ids = indicators.list.map((each) => each.id);
  const hint = didYouMean(id, ids) || '; `bellwether indicators list` shows those there are';
  throw new UserError(`The playbook ${pack} has no indicator "${id}"${hint}${hint.endsWith('?') ? '' : '.'}`);
}

function equationAsIndicator(when: string): Base {
  const written = { subject: '', when, clearsWhen: null, minimumVolume: null, windowDays: null };
  const indicator: Indicator = {
    id: 'tried',
    name: 'Tried',
    kind: 'risk',
    severity: 'medium',
    rules: [],
    says: '',
    action: '',
    task: null,
    links: [],
    facts: [],
    evaluationsInARow: 1,
    coolDownDays: 0,
    segments: [],
    exceptSegments: [],
    churned: false,
  };
  return { indicator, written: [written] };
}

/** The pack's metrics compiled anew, since only those that were compiled together can be computed together. */
function scopeOf({ metrics: known, names }: Playbook): RuleScope {
  const definitions = known.map(({ equation, ...metric }) => ({ ...metric, equation: equation ?? undefined }));
  const { metrics, compileFurther } = compileMetrics(definitions, names);
  return { metrics, units: new Map(metrics.map(({ id, unit }) => [id, unit])), compileFurther };
}

function compile(indicator: string, place: number, written: WrittenRule, scope: RuleScope) {
  try {
    return compileRule(indicator, place, written, scope).rule;
  } catch (error) {
    if (!(error instanceof RuleFault)) throw error;
    const text = { ...written, when: written.when }[error.part] ?? '';
    throw new UserError(`${options[error.part]} cannot be read: ${faultWithExcerpt(text, error.fault)}`);
  }
}
