import type { NameUse } from '../metrics/types.ts';
import { compileRenewals, type WrittenRenewals } from '../renewals/compile.ts';
import type { Lead, RenewalSettings } from '../renewals/types.ts';
import { checkShape } from './issues.ts';
import type { ReadMetrics } from './read-metrics.ts';
import { renewalsSchema } from './renewals-schema.ts';
import type { Finding } from './types.ts';
import type { YamlPath, YamlSource } from './yaml-source.ts';

/** What the pack says of renewals, and the names that this reads; none where it has no file and the usual holds. */
export type ReadRenewals = { renewals: RenewalSettings; uses: NameUse[] };

/** Reads renewals.yml of a pack and of those it extends, the nearest first: each of its keys goes before theirs. */
export function readRenewals(
  sources: readonly YamlSource[],
  metrics: ReadMetrics,
): { read: ReadRenewals; findings: Finding[] } {
  const findings: Finding[] = [];
  let written: WrittenRenewals = {};
  for (const source of sources.toReversed()) {
    const { value, findings: faults } = checkShape(renewalsSchema, source);
    findings.push(...faults);
    if (!value) continue;
    const said = {
      firstMonths: value.first_months,
      firstMonthsQuiet: value.first_months_quiet,
      firstMonthsCredit: value.first_months_credit,
      quietDays: value.quiet_days,
      steps: value.steps,
      usageMetric: value.usage_metric,
      usageMonth: value.usage_month,
    };
    written = { ...written, ...Object.fromEntries(Object.entries(said).filter(([, given]) => given !== undefined)) };
    findings.push(...check(written, source, metrics));
  }
  const isSound = findings.length === 0;
  const { renewals, uses } = compileRenewals(isSound ? written : {}, metrics);
  return { read: { renewals, uses: sources.length > 0 ? uses : [] }, findings };
}

/** About how many days. */
const daysOf = ({ months, days }: Lead) => months * 30.4 + days;

function check(written: WrittenRenewals, source: YamlSource, { metrics }: ReadMetrics): Finding[] {
  const findings: Finding[] = [];
  const report = (code: string, message: string, at: YamlPath) =>
    findings.push({ severity: 'error', code, message, file: source.file, ...source.place(at) });
  const first = written.firstMonths ?? 2;
  if ((written.firstMonthsQuiet ?? 3) < first)
    report('bad-order', '"first_months_quiet" must not be less than "first_months": quiet accounts take longer.', [
      'first_months_quiet',
    ]);
  if (written.firstMonthsCredit !== undefined && written.firstMonthsCredit < first)
    report('bad-order', '"first_months_credit" must not be less than "first_months": credit takes longer to use up.', [
      'first_months_credit',
    ]);
  let before = daysOf({ months: first, days: 0 });
  for (const [index, { id, lead }] of (written.steps ?? []).entries()) {
    if (daysOf(lead) >= before)
      report('bad-order', `"${id}" must be nearer to the renewal date than what comes before it.`, ['steps', index]);
    before = daysOf(lead);
  }
  const { usageMetric } = written;
  if (usageMetric === undefined) return findings;
  const metric = metrics.find(({ id }) => id === usageMetric);
  if (!metric)
    report('unknown-metric', `"${usageMetric}" is an unknown metric: name one of the pack.`, ['usage_metric']);
  else if (metric.type !== 'number')
    report('unknown-metric', `"${usageMetric}" is no number: name a metric that is one.`, ['usage_metric']);
  return findings;
}
