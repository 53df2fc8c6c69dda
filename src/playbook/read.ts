import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../errors.ts';
import { compileModels } from '../health/compile.ts';
import { hashModel } from './hash.ts';
import { checkShape } from './issues.ts';
import { lintModel } from './lint-model.ts';
import { lintOrder, type ReadModel } from './lint-order.ts';
import { parseModel } from './parse-model.ts';
import { readMetrics } from './read-metrics.ts';
import { packSchema } from './schema.ts';
import type { Finding, Playbook } from './types.ts';
import { readYaml, type YamlSource } from './yaml-source.ts';

const SHIPPED = path.resolve(import.meta.dirname, '../../playbooks');

/** A pack and what its check found; `playbook` is `null` when there are errors. */
export type LintResult = { playbook: Playbook | null; findings: Finding[] };

/** Reads a pack by its shipped name or its folder. @throws {UserError} that lists its errors, or the packs there are. */
export async function readPlaybook(nameOrFolder: string): Promise<Playbook> {
  const { playbook, findings } = await lintPlaybook(nameOrFolder);
  if (playbook) return playbook;
  const errors = findings
    .filter(({ severity }) => severity === 'error')
    .map((finding) => `  ${describeFinding(finding)}`);
  const count = errors.length === 1 ? 'an error' : `${errors.length} errors`;
  throw new UserError(`The playbook ${nameOrFolder} has ${count}:\n${errors.join('\n')}`);
}

/** Reads and checks a pack by its shipped name or its folder. @throws {UserError} when there is no such folder. */
export async function lintPlaybook(nameOrFolder: string): Promise<LintResult> {
  const folder = await findFolder(nameOrFolder);
  const pack = await readYaml(folder, 'pack.yml');
  const metrics = await readYaml(folder, 'metrics.yml');
  const findings = [...pack.findings, ...metrics.findings];
  const { value: written, findings: packFaults } = pack.source
    ? checkShape(packSchema, pack.source)
    : { value: null, findings: [] };
  const { read, findings: metricFaults } = metrics.source ? readMetrics(metrics.source) : { read: null, findings: [] };
  findings.push(...packFaults, ...metricFaults);
  const models: ReadModel[] = [];
  if (written && pack.source) {
    findings.push(...(await checkListing(folder, written.models, pack.source)));
    for (const [place, id] of written.models.entries()) {
      if (written.models.indexOf(id) < place) continue;
      const listedAt = { file: pack.source.file, ...pack.source.place(['models', place]) };
      const result = await readModel(folder, id, listedAt);
      findings.push(...result.findings);
      if (!result.read) continue;
      models.push(result.read);
      findings.push(...lintModel(result.read.model, result.read.source, read?.units ?? null));
    }
    if (models.length === new Set(written.models).size) findings.push(...lintOrder(models, pack.source));
  }
  findings.sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column);
  if (!written || !read || findings.some(({ severity }) => severity === 'error')) return { playbook: null, findings };
  const list = models.map(({ model }) => model);
  const playbook: Playbook = {
    id: path.basename(folder),
    name: written.name,
    description: written.description,
    folder,
    models: list,
    hashes: new Map(list.map((model) => [model.id, hashModel(model)])),
    scoring: compileModels(list),
    metrics: read.metrics,
  };
  return { playbook, findings };
}

/** `models/default.yml:12:5: error: ... [code]`, as editors and terminals link it. */
export function describeFinding({ file, line, column, severity, code, message }: Finding): string {
  return `${file}:${line}:${column}: ${severity}: ${message} [${code}]`;
}

async function findFolder(nameOrFolder: string): Promise<string> {
  const shipped = /^[a-z0-9-]+$/.test(nameOrFolder) ? path.join(SHIPPED, nameOrFolder) : null;
  const own = nameOrFolder === '' ? null : path.resolve(nameOrFolder);
  for (const folder of [shipped, own].filter((each) => each !== null)) {
    const stats = await stat(folder).catch(() => null);
    if (stats?.isDirectory()) return folder;
  }
  const entries = await readdir(SHIPPED, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  throw new UserError(
    `There is no playbook "${nameOrFolder}": name one of ${names.join(', ')}, or the folder of your own, which has a pack.yml.`,
  );
}

/** Models named twice, and files that no one names. */
async function checkListing(folder: string, listed: readonly string[], pack: YamlSource): Promise<Finding[]> {
  const twice = listed.flatMap((id, place): Finding[] => {
    if (listed.indexOf(id) === place) return [];
    const message = `The model "${id}" is listed twice: remove one of the two.`;
    return [{ severity: 'error', code: 'duplicate-id', message, file: pack.file, ...pack.place(['models', place]) }];
  });
  const files = await readdir(path.join(folder, 'models')).catch(() => []);
  const unlisted = files.filter((file) => /\.ya?ml$/.test(file) && !listed.some((id) => file === `${id}.yml`));
  return [
    ...twice,
    ...unlisted.map((file): Finding => {
      const message = `models/${file} is not used: list it under "models" in pack.yml (as <id>.yml), or remove it.`;
      return { severity: 'warning', code: 'unlisted-model', message, file: pack.file, ...pack.place(['models']) };
    }),
  ];
}

async function readModel(
  folder: string,
  id: string,
  listedAt: Pick<Finding, 'file' | 'line' | 'column'>,
): Promise<{ read: ReadModel | null; findings: Finding[] }> {
  const { source, findings } = await readYaml(folder, `models/${id}.yml`);
  if (!source) {
    const message = `There is no file models/${id}.yml: create it, or take "${id}" off the list.`;
    const atTheList = (finding: Finding): Finding =>
      finding.code === 'missing-file' ? { ...finding, message, ...listedAt } : finding;
    return { read: null, findings: findings.map(atTheList) };
  }
  const { model, findings: faults } = parseModel(source);
  return { read: model ? { model, source } : null, findings: faults };
}
