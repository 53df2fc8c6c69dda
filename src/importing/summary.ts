import type { ImportSummary } from './run.ts';

/** What an import did, in lines for people. */
export function describeSummary(summary: ImportSummary): string[] {
  const { kind, input, dryRun, rows, inserted, updated, unchanged, repeated, skipped, rejected } = summary;
  const counts = [
    `${show(inserted)} new`,
    `${show(updated)} changed`,
    `${show(unchanged)} unchanged`,
    ...(repeated > 0 ? [`${show(repeated)} superseded by a later row`] : []),
    ...(skipped > 0 ? [`${show(skipped)} ${kind === 'metrics' ? 'values empty' : 'rows not in the mapping'}`] : []),
    ...(rejected > 0 ? [`${show(rejected)} rejected`] : []),
  ];
  const { createdAccounts, createdUsers } = summary;
  const lines = [
    `${dryRun ? 'Would import' : 'Imported'} ${kind} from ${input}, ${show(rows)} ${rows === 1 ? 'row' : 'rows'}: ${counts.join(', ')}.`,
  ];
  if (createdAccounts + createdUsers > 0) {
    lines.push(
      `Named by these rows and not there before: ${show(createdAccounts)} accounts, ${show(createdUsers)} users.`,
    );
  }
  for (const { line, column, value, reason } of summary.faults) {
    lines.push(`  line ${line}${column === null ? '' : `, ${column}`}: ${value === '' ? '' : `"${value}" `}${reason}`);
  }
  if (rejected > summary.faults.length) lines.push(`  and ${show(rejected - summary.faults.length)} more`);
  if (summary.rejects !== null) lines.push(`The rejected rows are in ${summary.rejects}.`);
  if (inserted + updated + createdAccounts + createdUsers === 0) lines.push('Nothing has changed.');
  return [...lines, ...summary.warnings];
}

function show(count: number): string {
  return count.toLocaleString('en');
}
