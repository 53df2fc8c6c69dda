import { compileRule, partsToCompute, placeholdersOf, RuleFault, type RuleScope } from '../indicators/compile.ts';
import { invoiceMetrics } from '../indicators/invoice-metrics.ts';
import type { DeliverySettings, FactTemplate, Indicator, Indicators, Rule } from '../indicators/types.ts';
import { faultWithExcerpt } from '../metrics/fault.ts';
import { ownEvents } from '../metrics/names.ts';
import type { Names, NameUse } from '../metrics/types.ts';
import { indicatorsSchema, type WrittenDelivery, type WrittenIndicator } from './indicators-schema.ts';
import { checkShape } from './issues.ts';
import type { ReadMetrics } from './read-metrics.ts';
import type { Finding } from './types.ts';
import type { YamlPath, YamlSource } from './yaml-source.ts';

/** The pack's indicators, and the names that they read. */
export type ReadIndicators = { indicators: Indicators; uses: NameUse[] };

/** What holds where no file says otherwise. */
const usualDelivery: DeliverySettings = {
  quietHours: { from: '19:00', to: '08:00' },
  quietWeekend: true,
  digestAt: '09:00',
  holdAbovePercent: 25,
  holdFromAccounts: 5,
};

/** What a sentence may name besides metrics. */
const words = ['value', 'threshold', 'previous', 'subject'];

type Place = { source: YamlSource; path: YamlPath };
type Draft = { written: WrittenIndicator; place: Place };

/** What indicators.yml is read with: the pack's metrics, and what the deployment calls what it names. */
export type IndicatorScope = { metrics: ReadMetrics; names: Names };

/** A pack without indicators. */
export function noIndicators(): Indicators {
  return { list: [], delivery: usualDelivery, computed: [] };
}

/**
 * Compiles indicators.yml of a pack and of those it extends, the nearest first: it replaces indicators of the others, and
 * leaves out those that it lists under `without`.
 */
export function readIndicators(
  sources: readonly YamlSource[],
  scope: IndicatorScope,
): { read: ReadIndicators; findings: Finding[] } {
  const findings: Finding[] = [];
  const drafts = new Map<string, Draft>();
  let delivery = usualDelivery;
  for (const source of sources.toReversed()) {
    const { value, findings: faults } = checkShape(indicatorsSchema, source);
    findings.push(...faults);
    if (!value) continue;
    delivery = { ...delivery, ...deliveryOf(value.delivery) };
    for (const [place, id] of value.without.entries()) {
      if (drafts.delete(id)) continue;
      const message = `There is no indicator "${id}" in the packs that this one extends: take it off the list.`;
      findings.push({
        ...finding('unknown-indicator', message),
        file: source.file,
        ...source.place(['without', place]),
      });
    }
    for (const [index, written] of value.indicators.entries()) {
      const place = { source, path: ['indicators', index] };
      if (drafts.get(written.id)?.place.source === source) {
        const message = `There already is an indicator "${written.id}": remove or rename one of them.`;
        findings.push({
          ...finding('duplicate-id', message),
          file: source.file,
          ...source.place([...place.path, 'id']),
        });
        continue;
      }
      drafts.set(written.id, { written, place });
    }
  }
  const uses: NameUse[] = [];
  const list = [...drafts.values()].flatMap((draft) => {
    const { indicator, findings: faults, uses: used } = compileIndicator(draft, scope);
    findings.push(...faults);
    uses.push(...used);
    return indicator ? [indicator] : [];
  });
  const indicators = { list, delivery, computed: partsToCompute(list, scope.metrics.metrics) };
  return { read: { indicators, uses }, findings };
}

function finding(code: string, message: string): Pick<Finding, 'severity' | 'code' | 'message'> {
  return { severity: 'error', code, message };
}

function deliveryOf(written: WrittenDelivery): Partial<DeliverySettings> {
  return {
    ...(written.quiet_hours && { quietHours: written.quiet_hours === 'none' ? null : written.quiet_hours }),
    ...(written.quiet_weekend !== undefined && { quietWeekend: written.quiet_weekend }),
    ...(written.digest_at && { digestAt: written.digest_at }),
    ...(written.hold_above_percent && { holdAbovePercent: written.hold_above_percent }),
    ...(written.hold_from_accounts && { holdFromAccounts: written.hold_from_accounts }),
  };
}

function compileIndicator({ written, place: { source, path } }: Draft, scope: IndicatorScope) {
  const findings: Finding[] = [];
  const uses: NameUse[] = [];
  const report = (code: string, message: string, at: YamlPath) =>
    findings.push({ ...finding(code, message), file: source.file, ...source.place([...path, ...at]) });
  const rules = compileRules({ written, place: { source, path } }, scope, findings, uses);
  const { units } = scope.metrics;
  const { without_invoices: without } = written;
  const sentences = [
    { says: written.says, ofInvoice: written.for_each !== undefined, path: ['says'] },
    ...(without ? [{ says: without.says ?? written.says, ofInvoice: false, path: ['without_invoices', 'says'] }] : []),
  ];
  for (const { says, ofInvoice, path: at } of sentences) {
    for (const word of placeholdersOf(says)) {
      const isFigure = rules.some(({ terms }) => terms.some(({ metric }) => metric === word));
      if (words.includes(word) || units.has(word) || (invoiceMetrics.has(word) ? ofInvoice : isFigure)) continue;
      const message = invoiceMetrics.has(word)
        ? `${ofInvoiceOnly(word)}: write a sentence without it${without ? ' under "without_invoices"' : ''}.`
        : `{${word}} is none of ${words.join(', ')} nor a metric's id: mend it.`;
      report('unknown-placeholder', message, at);
    }
  }
  const own = written.facts.map((fact, index) => ({ fact, path: ['facts', index], ofInvoice: written.for_each }));
  const ofRules = (written.each ?? []).flatMap(({ facts }, place) =>
    facts.map((fact, index) => ({ fact, path: ['each', place, 'facts', index], ofInvoice: undefined })),
  );
  const ofOthers = (without?.facts ?? []).map((fact, index) => {
    return { fact, path: ['without_invoices', 'facts', index], ofInvoice: undefined };
  });
  for (const { fact, path: at, ofInvoice } of [...own, ...ofRules, ...ofOthers]) {
    if ('invoice' in fact && ofInvoice === undefined) {
      const message = 'There is no invoice to tell of: "invoice" is for indicators with "for_each: invoice".';
      report('no-invoice', message, [...at, 'invoice']);
    }
    if ('metric' in fact && fact.as === 'date' && (units.get(fact.metric) ?? 'days') !== 'days') {
      const message = `"${fact.metric}" is not in days, so it says no date: take "as" off.`;
      report('not-days', message, [...at, 'as']);
    }
    if ('metric' in fact && !units.has(fact.metric))
      report('unknown-metric', `"${fact.metric}" is an unknown metric: name one of the pack.`, [...at, 'metric']);
    uses.push(...usesOfFact(fact, written.id));
  }
  if (findings.length > 0) return { indicator: null, findings, uses };
  const indicator: Indicator = {
    id: written.id,
    name: written.name,
    kind: written.kind,
    severity: written.severity,
    rules,
    says: written.says,
    action: written.action,
    task: written.task ?? null,
    links: written.links,
    facts: written.facts.map((fact) => factOf(fact, scope.names)),
    evaluationsInARow: written.evaluations_in_a_row,
    coolDownDays: written.cool_down_days,
    segments: written.segments,
    exceptSegments: written.except_segments,
    churned: written.churned_accounts,
  };
  return { indicator, findings, uses };
}

function ofInvoiceOnly(word: string): string {
  return `{${word}} is of an invoice`;
}

const keys = { when: 'when', clearsWhen: 'clears_when', minimumVolume: 'minimum_volume' } as const;

function compileRules(
  { written, place: { source, path } }: Draft,
  { metrics, names }: IndicatorScope,
  findings: Finding[],
  uses: NameUse[],
): Rule[] {
  const scope: RuleScope = metrics;
  const list = writtenRules(written);
  return list.flatMap(({ rule: one, path: at, forEach, says }, index) => {
    const rulePath = [...path, ...at];
    if (one.when === undefined) {
      const message = '"when" is missing: add it.';
      findings.push({ ...finding('missing-key', message), file: source.file, ...source.place(rulePath) });
      return [];
    }
    if (written.each && list.findIndex(({ rule: { subject } }) => subject === one.subject) < index) {
      const message = `There already is a rule for "${one.subject}": remove or rename one of them.`;
      findings.push({
        ...finding('duplicate-id', message),
        file: source.file,
        ...source.place([...rulePath, 'subject']),
      });
    }
    const texts = { when: one.when, clearsWhen: one.clears_when ?? null, minimumVolume: one.minimum_volume ?? null };
    try {
      const facts = one.facts.map((fact) => factOf(fact, names));
      const rule = { subject: one.subject, ...texts, windowDays: one.window_days ?? null, facts, forEach, says };
      const compiled = compileRule(written.id, index, rule, scope, says ?? written.says);
      uses.push(...compiled.uses);
      return [compiled.rule];
    } catch (error) {
      if (!(error instanceof RuleFault)) throw error;
      const { part, fault } = error;
      const message = `${written.id}: ${faultWithExcerpt(texts[part] ?? '', fault)}`;
      const spot = source.placeWithin([...rulePath, keys[part]], fault.start);
      findings.push({ ...finding('bad-equation', message), file: source.file, ...spot });
      return [];
    }
  });
}

type RuleOfDraft = {
  rule: NonNullable<WrittenIndicator['each']>[number];
  path: YamlPath;
  forEach: Rule['forEach'];
  says: string | null;
};

/** The rules of an indicator, and where each stands in it. */
function writtenRules(written: WrittenIndicator): RuleOfDraft[] {
  const { each, for_each: forEach, without_invoices: without } = written;
  if (each) return each.map((rule, index) => ({ rule, path: ['each', index], forEach: null, says: null }));
  const main = { rule: { ...written, subject: '', facts: [] }, path: [], forEach: forEach ?? null, says: null };
  if (!without) return [main];
  const other = { rule: { ...without, subject: '' }, path: ['without_invoices'], forEach: null };
  return [main, { ...other, says: without.says ?? null }];
}

type WrittenFact = WrittenIndicator['facts'][number];

/** In the deployment's own names. */
function factOf(fact: WrittenFact, names: Names): FactTemplate {
  if ('metric' in fact) return { kind: 'metric', metric: fact.metric, ...(fact.as && { as: fact.as }) };
  if ('invoice' in fact) return { kind: 'invoice', what: fact.invoice };
  const { title, event, days } = 'top' in fact ? fact.top : fact.latest;
  const own = event.flatMap((name) => ownEvents(name === '*' ? null : name, names));
  const property = (key: string) => own[0]?.property(key) ?? key;
  const events = own.map(({ name, where }) => ({ name, where }));
  if ('latest' in fact) {
    return { kind: 'latest', title, events, properties: fact.latest.properties.map(property), days };
  }
  return { kind: 'top', title, events, by: fact.top.by === 'user' ? null : property(fact.top.by), days };
}

function usesOfFact(fact: WrittenFact, metric: string): NameUse[] {
  if ('metric' in fact || 'invoice' in fact) return [];
  const { event } = 'top' in fact ? fact.top : fact.latest;
  const properties = 'top' in fact ? [fact.top.by].filter((by) => by !== 'user') : fact.latest.properties;
  const use = { values: [], metric };
  return event
    .filter((name) => name !== '*')
    .flatMap((name) => [
      { kind: 'event' as const, event: null, name, ...use },
      ...properties.map((key) => ({ kind: 'property' as const, event: name, name: key, ...use })),
    ]);
}
