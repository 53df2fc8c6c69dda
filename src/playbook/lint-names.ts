import { didYouMean } from '../metrics/fault.ts';
import type { NameUse } from '../metrics/types.ts';
import { namesSchema, type WrittenNames } from './names-schema.ts';
import type { Finding } from './types.ts';
import type { YamlPath, YamlSource } from './yaml-source.ts';

/** Tells of the name at the end of `path`; `what` says whose it is. */
type Report = (path: YamlPath, what: (name: string) => string, known: Iterable<string>) => void;

/** Names in names.yml that no equation of the pack reads, so that they change nothing. */
export function lintNames(source: YamlSource, uses: readonly NameUse[]): Finding[] {
  const findings: Finding[] = [];
  const report: Report = (path, what, known) => {
    const name = String(path.at(-1));
    const hint = didYouMean(name, known) || '.';
    const message = `No equation reads ${what(`"${name}"`)}${hint} Mend its spelling, or remove it.`;
    const at = source.keyPlace(path);
    findings.push({ severity: 'warning', code: 'unknown-name', message, file: source.file, ...at });
  };
  const written = namesSchema.parse(source.value);
  const of = (kind: NameUse['kind']) => uses.filter((use) => use.kind === kind);
  const events = new Set(of('event').map(({ name }) => name));
  for (const [event, list] of Object.entries(written.events)) {
    if (!events.has(event)) {
      report(['events', event], (name) => `the event ${name}`, events);
      continue;
    }
    const here = of('property').filter((use) => use.event === event);
    const isList = Array.isArray((source.value as { events: Record<string, unknown> }).events[event]);
    for (const [place, { properties }] of list.entries()) {
      const path = ['events', event, ...(isList ? [place] : []), 'properties'];
      lintAttributes(properties, here, path, (name) => `the property ${name} of "${event}"`, report);
    }
  }
  lintAttributes(written.properties, of('property'), ['properties'], (name) => `the property ${name}`, report);
  lintAttributes(
    written.user_traits,
    of('user_trait'),
    ['user_traits'],
    (name) => `the trait ${name} of a user`,
    report,
  );
  // The value of an account's trait is read as it is, and bands may ask for any.
  const ofAccounts = of('account_trait');
  const known = new Set(ofAccounts.map(({ name }) => name));
  for (const trait of Object.keys(written.account_traits)) {
    if (!known.has(trait)) report(['account_traits', trait], (name) => `the trait ${name} of an account`, known);
  }
  return findings;
}

function lintAttributes(
  written: WrittenNames['properties'],
  uses: readonly NameUse[],
  path: YamlPath,
  what: (name: string) => string,
  report: Report,
): void {
  const known = new Set(uses.map(({ name }) => name));
  for (const [key, { values }] of Object.entries(written)) {
    if (!known.has(key)) {
      report([...path, key], what, known);
      continue;
    }
    const compared = uses.filter((use) => use.name === key).flatMap((use) => use.values.map(String));
    const asked = new Set(compared);
    for (const value of Object.keys(values)) {
      if (!asked.has(value)) report([...path, key, 'values', value], (name) => `the value ${name} of "${key}"`, asked);
    }
  }
}
