import path from 'node:path';
import { noSources, type SourceSettings } from '../crm/settings.ts';
import { type ClaimSource, type Owners, ownableColumns } from '../crm/types.ts';
import { UserError } from '../errors.ts';
import { findPackFolder } from './folders.ts';
import { checkShape, describeFinding } from './issues.ts';
import { type Layer, readLayers } from './layers.ts';
import { sourcesSchema, type WrittenSources } from './sources-schema.ts';
import type { Finding } from './types.ts';
import { readYaml, type YamlPath, type YamlSource } from './yaml-source.ts';

type ReadSources = { settings: SourceSettings; findings: Finding[] };

/**
 * Who owns which field of accounts, without the rest of the pack, which may have faults.
 * @throws {UserError} when there is no such pack, or what it says of sources has faults
 */
export async function readOwners(nameOrFolder: string): Promise<Owners> {
  const folder = await findPackFolder(nameOrFolder);
  const { layers } = await readLayers(folder);
  const { settings, findings } = await readLayersSources(folder, layers);
  const errors = findings.filter(({ severity }) => severity === 'error').map(describeFinding);
  if (errors.length === 0) return settings.owners;
  throw new UserError(`The playbook ${nameOrFolder} does not say who owns what:\n  ${errors.join('\n  ')}`);
}

/** What all layers say of the sources of accounts; a pack need not say anything. */
export async function readLayersSources(folder: string, layers: readonly Layer[]): Promise<ReadSources> {
  const findings: Finding[] = [];
  const files: YamlSource[] = [];
  for (const { prefix } of layers) {
    const { source, findings: unreadable } = await readYaml(folder, path.join(prefix, 'sources.yml'));
    findings.push(...unreadable.filter(({ code }) => code !== 'missing-file'));
    if (source) files.push(source);
  }
  const { settings, findings: faults } = readSources(files);
  return { settings, findings: [...findings, ...faults] };
}

/**
 * Reads sources.yml of a pack and of those it extends, the nearest first: each field's owner, and each source as a whole, is
 * as the nearest says.
 */
function readSources(sources: readonly YamlSource[]): ReadSources {
  const findings: Finding[] = [];
  const written: { value: WrittenSources; source: YamlSource }[] = [];
  let settings = noSources;
  for (const source of sources.toReversed()) {
    const { value, findings: faults } = checkShape(sourcesSchema, source);
    findings.push(...faults);
    if (!value) continue;
    written.unshift({ value, source });
    findings.push(...lint(value, source));
    settings = {
      owners: { ...settings.owners, ...given(value.owners) },
      salesforce: value.salesforce ? toSalesforce(value.salesforce) : settings.salesforce,
      vitally: value.vitally ? toVitally(value.vitally) : settings.vitally,
      stripe: value.stripe ?? settings.stripe,
    };
  }
  return { settings, findings: [...findings, ...lintOwners(settings, written)] };
}

function given(owners: WrittenSources['owners']): Owners {
  return Object.fromEntries(Object.entries(owners).filter(([, owner]) => owner !== undefined)) as Owners;
}

type Written<Name extends keyof WrittenSources> = NonNullable<WrittenSources[Name]>;

function toSalesforce(written: Written<'salesforce'>): NonNullable<SourceSettings['salesforce']> {
  const { account, owner, arr, mrr, renewal, traits, create_accounts } = written;
  return {
    id: account.id ?? null,
    name: account.name,
    domain: account.domain ?? null,
    where: account.where ?? null,
    match: account.match,
    createAccounts: create_accounts,
    owner: owner ?? null,
    arr: arr ?? null,
    mrr: mrr ?? null,
    renewal: renewal ?? null,
    traits,
  };
}

function toVitally(written: Written<'vitally'>): NonNullable<SourceSettings['vitally']> {
  const { domain, match, csm, people, renewal_date, arr, mrr, traits, segments, create_accounts } = written;
  return {
    domain: domain ?? null,
    match,
    createAccounts: create_accounts,
    csm: csm ?? null,
    people,
    renewalDate: renewal_date ?? null,
    arr: arr ?? null,
    mrr: mrr ?? null,
    traits,
    segments,
  };
}

/** What is well written and yet cannot be meant. */
function lint({ salesforce, vitally }: WrittenSources, source: YamlSource): Finding[] {
  const findings: Finding[] = [];
  const report = (severity: Finding['severity'], code: string, message: string, at: YamlPath) =>
    findings.push({ severity, code, message, file: source.file, ...source.place(at) });
  if (salesforce?.account.match.includes('domain') && salesforce.account.domain === undefined)
    report('error', 'missing-key', '"match" has domain, so "domain" must name the field that has it.', [
      'salesforce',
      'account',
      'match',
    ]);
  if (vitally?.match.includes('domain') && vitally.domain === undefined)
    report('error', 'missing-key', '"match" has domain, so "domain" must name the attribute that has it.', [
      'vitally',
      'match',
    ]);
  return findings;
}

/**
 * Fields that nothing would fill: their owner is not read for them, and what others say of them does not count. Of all
 * layers, since one may say who owns a field and another how it is read.
 */
function lintOwners(
  { owners, salesforce, vitally }: SourceSettings,
  written: readonly { value: WrittenSources; source: YamlSource }[],
): Finding[] {
  const reads: Record<ClaimSource, readonly (string | false)[]> = {
    salesforce: salesforce
      ? [
          salesforce.renewal !== null && 'renewal_date',
          salesforce.owner !== null && 'csm_email',
          salesforce.arr !== null && 'arr',
          salesforce.mrr !== null && 'mrr',
        ]
      : [],
    vitally: vitally
      ? [
          vitally.renewalDate !== null && 'renewal_date',
          vitally.csm !== null && 'csm_email',
          vitally.arr !== null && 'arr',
          vitally.mrr !== null && 'mrr',
        ]
      : [],
    stripe: ['mrr'],
    files: ownableColumns,
    people: ['renewal_date'],
  };
  return Object.entries(owners).flatMap(([field, owner]): Finding[] => {
    const at = written.find(({ value }) => value.owners[field as keyof WrittenSources['owners']] !== undefined);
    if (!at || reads[owner].includes(field)) return [];
    const message = `"${owner}" owns "${field}" and is not read for it: nothing would fill it.`;
    const { file, place } = at.source;
    return [{ severity: 'warning', code: 'silent-owner', message, file, ...place(['owners', field]) }];
  });
}
