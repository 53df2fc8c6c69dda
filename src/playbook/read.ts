import path from 'node:path';
import { UserError } from '../errors.ts';
import { compileModels } from '../health/compile.ts';
import { findPackFolder } from './folders.ts';
import { hashModel } from './hash.ts';
import { describeFinding } from './issues.ts';
import { type Layer, type ListedModel, listModels, readLayers } from './layers.ts';
import { lintModel } from './lint-model.ts';
import { lintNames } from './lint-names.ts';
import { lintOrder, type ReadModel } from './lint-order.ts';
import { parseModel } from './parse-model.ts';
import { noIndicators, readIndicators } from './read-indicators.ts';
import { type ReadMetrics, readMetrics } from './read-metrics.ts';
import { mergeNames, readNames } from './read-names.ts';
import { readRenewals } from './read-renewals.ts';
import { readLayersSources } from './read-sources.ts';
import type { Finding, Playbook } from './types.ts';
import { readYaml, type YamlSource } from './yaml-source.ts';

/** A pack and what its check found; `playbook` is `null` when there are errors, or it is only a part. */
export type LintResult = { playbook: Playbook | null; findings: Finding[] };

/** Reads a pack by its shipped name or its folder. @throws {UserError} that lists its errors, or the packs there are. */
export async function readPlaybook(nameOrFolder: string): Promise<Playbook> {
  const { playbook, findings } = await lintPlaybook(nameOrFolder);
  if (playbook) return playbook;
  const errors = findings
    .filter(({ severity }) => severity === 'error')
    .map((finding) => `  ${describeFinding(finding)}`);
  if (errors.length === 0) {
    throw new UserError(`${nameOrFolder} is a part that packs have in common: name a pack that extends it.`);
  }
  const count = errors.length === 1 ? 'an error' : `${errors.length} errors`;
  throw new UserError(`The playbook ${nameOrFolder} has ${count}:\n${errors.join('\n')}`);
}

/** Reads and checks a pack by its shipped name or its folder. @throws {UserError} when there is no such folder. */
export async function lintPlaybook(nameOrFolder: string): Promise<LintResult> {
  const folder = await findPackFolder(nameOrFolder);
  const { layers, findings } = await readLayers(folder);
  const whole = !findings.some(({ severity }) => severity === 'error');
  const names = await readLayersNames(folder, layers);
  const metrics = await readLayersMetrics(folder, layers, names.names);
  // With a pack that it extends missing, the rest would only be its echo.
  const models = whole ? await readModels(folder, layers, metrics.read) : { models: [], findings: [] };
  const indicators = await readLayersIndicators(folder, layers, { metrics: metrics.read, names: names.names });
  const renewals = await readLayersRenewals(folder, layers, metrics.read);
  findings.push(...names.findings, ...metrics.findings, ...models.findings, ...indicators.findings);
  const sources = await readLayersSources(folder, layers);
  findings.push(...renewals.findings, ...sources.findings);
  const uses = [...(metrics.read?.uses ?? []), ...indicators.read.uses, ...(renewals.read?.uses ?? [])];
  const parts = [metrics, indicators, renewals];
  if (whole && names.own && metrics.read && parts.every((part) => part.findings.length === 0)) {
    findings.push(...lintNames(names.own, uses));
  }
  findings.sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column);
  const [own] = layers;
  const hasErrors = findings.some(({ severity }) => severity === 'error');
  if (!own || !metrics.read || !renewals.read || models.models.length === 0 || hasErrors) {
    return { playbook: null, findings };
  }
  const list = models.models.map(({ model }) => model);
  const playbook: Playbook = {
    id: path.basename(folder),
    name: own.written.name,
    description: own.written.description,
    folder,
    models: list,
    hashes: new Map(list.map((model) => [model.id, hashModel(model)])),
    scoring: compileModels(list),
    metrics: metrics.read.metrics,
    indicators: indicators.read.indicators,
    renewals: renewals.read.renewals,
    sources: sources.settings,
    names: names.names,
    uses,
  };
  return { playbook, findings };
}

/** The names of all layers, those of the nearer before those of the farther. */
async function readLayersNames(folder: string, layers: readonly Layer[]) {
  const findings: Finding[] = [];
  const read = [];
  let own: YamlSource | null = null;
  for (const { prefix } of layers) {
    const { source, findings: unreadable } = await readYaml(folder, path.join(prefix, 'names.yml'));
    findings.push(...unreadable.filter(({ code }) => code !== 'missing-file'));
    if (!source) continue;
    const { names, findings: faults } = readNames(source);
    findings.push(...faults);
    if (names) read.push(names);
    if (names && prefix === '') own = source;
  }
  return { names: mergeNames(read), own, findings };
}

/** The metrics of all layers; a pack that extends another may have none of its own. */
async function readLayersMetrics(folder: string, layers: readonly Layer[], names: Playbook['names']) {
  const findings: Finding[] = [];
  const sources: YamlSource[] = [];
  for (const { prefix, written } of layers) {
    const { source, findings: unreadable } = await readYaml(folder, path.join(prefix, 'metrics.yml'));
    const needed = unreadable.filter(({ code }) => code !== 'missing-file' || written.extends === undefined);
    findings.push(...needed);
    if (source) sources.push(source);
  }
  if (findings.length > 0 || sources.length === 0) return { read: null, findings };
  return readMetrics(sources, names);
}

/** The indicators of all layers; a pack need not have any. Faulty metrics are told first. */
async function readLayersIndicators(
  folder: string,
  layers: readonly Layer[],
  { metrics, names }: { metrics: ReadMetrics | null; names: Playbook['names'] },
) {
  const findings: Finding[] = [];
  const sources: YamlSource[] = [];
  for (const { prefix } of layers) {
    const { source, findings: unreadable } = await readYaml(folder, path.join(prefix, 'indicators.yml'));
    findings.push(...unreadable.filter(({ code }) => code !== 'missing-file'));
    if (source) sources.push(source);
  }
  if (!metrics || findings.length > 0) return { read: { indicators: noIndicators(), uses: [] }, findings };
  return readIndicators(sources, { metrics, names });
}

/** What all layers say of renewals; a pack need not say anything. */
async function readLayersRenewals(folder: string, layers: readonly Layer[], metrics: ReadMetrics | null) {
  const findings: Finding[] = [];
  const sources: YamlSource[] = [];
  for (const { prefix } of layers) {
    const { source, findings: unreadable } = await readYaml(folder, path.join(prefix, 'renewals.yml'));
    findings.push(...unreadable.filter(({ code }) => code !== 'missing-file'));
    if (source) sources.push(source);
  }
  if (!metrics || findings.length > 0) return { read: null, findings };
  return readRenewals(sources, metrics);
}

async function readModels(folder: string, layers: readonly Layer[], metrics: ReadMetrics | null) {
  const { models: listed, findings } = listModels(layers);
  const models: ReadModel[] = [];
  for (const entry of listed) {
    const { read, findings: faults } = await readModel(folder, entry);
    findings.push(...faults);
    if (!read) continue;
    models.push(read);
    const odd = lintModel(read.model, read.source, metrics?.units ?? null);
    // What is odd in a pack that this one extends is not for this one to mend.
    findings.push(...odd.filter(({ severity }) => severity === 'error' || entry.layer?.prefix === ''));
  }
  const [own] = layers;
  // A part has models only when a pack that extends it has.
  const isPart = own?.written.part && listed.length === 0;
  if (own && !isPart && models.length === listed.length) findings.push(...lintOrder(models, own.pack));
  return { models, findings };
}

async function readModel(
  folder: string,
  { id, layer, listedAt }: ListedModel,
): Promise<{ read: ReadModel | null; findings: Finding[] }> {
  const { source, findings } = await readYaml(folder, path.join(layer?.prefix ?? '', 'models', `${id}.yml`));
  if (!source) {
    const message = `There is no file models/${id}.yml: create it, or take "${id}" off the list.`;
    const atTheList = (finding: Finding): Finding =>
      finding.code === 'missing-file' ? { ...finding, message, ...listedAt } : finding;
    return { read: null, findings: findings.map(atTheList) };
  }
  const { model, findings: faults } = parseModel(source);
  return { read: model ? { model, source } : null, findings: faults };
}
