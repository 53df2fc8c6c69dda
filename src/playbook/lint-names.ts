import { didYouMean } from '../metrics/fault.ts';
import type { NameUse } from '../metrics/types.ts';
import { namesSchema, type WrittenNames } from './names-schema.ts';
import type { Finding } from './types.ts';
import type { YamlPath, YamlSource } from './yaml-source.ts';

type Report = (path: YamlPath, what: string, name: string, known: Iterable<string>) => void;

/** Names in names.yml that no equation of the pack reads, so that they change nothing. */
export function lintNames(source: YamlSource, uses: readonly NameUse[]): Finding[] {
  const findings: Finding[] = [];
  const report: Report = (path, what, name, known) => {
    const message = `No equation reads ${what} "${name}"${didYouMean(name, known)}. Mend its spelling, or remove it.`;
    const at = source.keyPlace(path);
    findings.push({ severity: 'warning', code: 'unknown-name', message, file: source.file, ...at });
  };
  const written = namesSchema.parse(source.value);
  const of = (kind: NameUse['kind']) => uses.filter((use) => use.kind === kind);
  const events = new Set(of('event').map(({ name }) => name));
  for (const [name, list] of Object.entries(written.events)) {
    if (!events.has(name)) {
      report(['events', name], 'the event', name, events);
      continue;
    }
    const here = of('property').filter(({ event }) => event === name);
    const isList = Array.isArray((source.value as { events: Record<string, unknown> }).events[name]);
    for (const [place, { properties }] of list.entries()) {
      const path = ['events', name, ...(isList ? [place] : []), 'properties'];
      lintAttributes(properties, here, path, `the property of "${name}"`, report);
    }
  }
  lintAttributes(written.properties, of('property'), ['properties'], 'the property', report);
  lintAttributes(written.user_traits, of('user_trait'), ['user_traits'], 'the trait of a user', report);
  lintAttributes(written.account_traits, of('account_trait'), ['account_traits'], 'the trait of an account', report);
  return findings;
}

function lintAttributes(
  written: WrittenNames['properties'],
  uses: readonly NameUse[],
  path: YamlPath,
  what: string,
  report: Report,
): void {
  const known = new Set(uses.map(({ name }) => name));
  for (const [name, { values }] of Object.entries(written)) {
    if (!known.has(name)) {
      report([...path, name], what, name, known);
      continue;
    }
    const here = uses.filter((use) => use.name === name);
    // The value of an account's trait is read as it is, and bands may ask for any.
    if (here.some(({ kind }) => kind === 'account_trait')) continue;
    const asked = new Set(here.flatMap((use) => use.values.map(String)));
    for (const value of Object.keys(values)) {
      if (!asked.has(value)) report([...path, name, 'values', value], `of "${name}" the value`, value, asked);
    }
  }
}
