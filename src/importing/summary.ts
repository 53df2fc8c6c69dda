import type { ImportSummary } from './run.ts';

/** What an import did, in lines for people. */
export function describeSummary(summary: ImportSummary): string[] {
  const { kind, input, dryRun, rows, inserted, updated, unchanged, repeated, skipped, rejected } = summary;
  const counts = [
    `${show(inserted)} new`,
    `${show(updated)} changed`,
    `${show(unchanged)} unchanged`,
    ...(repeated > 0 ? [`${show(repeated)} superseded by a later row`] : []),
    ...(skipped > 0
      ? [kind === 'metrics' ? counted(skipped, 'empty value') : `${counted(skipped, 'row')} not in the mapping`]
      : []),
    ...(rejected > 0 ? [`${show(rejected)} rejected`] : []),
  ];
  const { createdAccounts, createdUsers } = summary;
  const lines = [
    `${dryRun ? 'Would import' : 'Imported'} ${kind} from ${input}, ${counted(rows, 'row')}: ${counts.join(', ')}.`,
  ];
  if (createdAccounts + createdUsers > 0) {
    lines.push(
      `Named by these rows and not there before: ${counted(createdAccounts, 'account')}, ${counted(createdUsers, 'user')}.`,
    );
  }
  const { differing = 0 } = summary;
  if (differing > 0) {
    lines.push(
      `${counted(differing, 'value')} ${differing === 1 ? 'is' : 'are'} not what the account has, as another source owns the field: \`bellwether sync conflicts\` lists them.`,
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

/** `1 row`, `2 rows`. */
function counted(count: number, noun: string): string {
  return `${show(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function show(count: number): string {
  return count.toLocaleString('en');
}
