import path from 'node:path';
import { findPack, modelFiles, shippedPacks } from './folders.ts';
import { checkShape } from './issues.ts';
import { packSchema, type WrittenPack } from './schema.ts';
import type { Finding } from './types.ts';
import { readYaml, type YamlSource } from './yaml-source.ts';

/** One folder of a pack: its own, or that of a pack it extends. */
export type Layer = {
  /** From the pack's own folder to this one, empty for its own; goes before the names of files. */
  prefix: string;
  written: WrittenPack;
  pack: YamlSource;
  /** Ids of the models that have a file here. */
  models: readonly string[];
};

/** A model that is to be read: from which layer, and where it is asked for. */
export type ListedModel = { id: string; layer: Layer | null; listedAt: Pick<Finding, 'file' | 'line' | 'column'> };

const MOST_LAYERS = 10;

/** The pack's own folder and those it extends, the own first; not all of them when there are errors. */
export async function readLayers(folder: string): Promise<{ layers: Layer[]; findings: Finding[] }> {
  const layers: Layer[] = [];
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (let next: string | null = folder; next !== null; ) {
    seen.add(next);
    const prefix = path.relative(folder, next);
    const { source, findings: unreadable } = await readYaml(folder, path.join(prefix, 'pack.yml'));
    findings.push(...unreadable);
    if (!source) break;
    const { value: written, findings: faults } = checkShape(packSchema, source);
    findings.push(...faults);
    if (!written) break;
    const files = await modelFiles(next);
    const layer = { prefix, written, pack: source, models: files.ids };
    layers.push(layer);
    findings.push(...(prefix === '' ? unlistedFiles(layer, files.others) : []));
    const base: string | Finding | null = await baseOf(layer, next, seen);
    if (base !== null && typeof base !== 'string') findings.push(base);
    next = typeof base === 'string' ? base : null;
  }
  return { layers, findings };
}

/** The folder of the pack that a layer extends, or what is wrong with its name. */
async function baseOf({ written, pack }: Layer, folder: string, seen: ReadonlySet<string>) {
  if (written.extends === undefined) return null;
  const finding = (message: string): Finding => {
    return { severity: 'error', code: 'bad-extends', message, file: pack.file, ...pack.place(['extends']) };
  };
  const base = await findPack(written.extends, folder);
  if (base === null) {
    const packs = (await shippedPacks()).join(', ');
    return finding(
      `There is no pack "${written.extends}" to extend: name one of ${packs}, or a folder relative to this one.`,
    );
  }
  if (seen.has(base)) return finding(`"${written.extends}" is this pack or extends it: extend another, or none.`);
  if (seen.size === MOST_LAYERS) return finding(`More than ${MOST_LAYERS} packs extend each other: extend fewer.`);
  return base;
}

/**
 * The pack's models in the order they are tried: as the first layer that lists them says, own ones it does not know before.
 * A model's file is the nearest of its name.
 */
export function listModels(layers: readonly Layer[]): { models: ListedModel[]; findings: Finding[] } {
  const findings: Finding[] = [];
  const nearest = (id: string) => layers.find(({ models }) => models.includes(id)) ?? null;
  let models: ListedModel[] = [];
  for (const { written, pack, models: files, prefix } of layers.toReversed()) {
    if (!written.models) {
      const added = files.filter((id) => !models.some((model) => model.id === id));
      const file = (id: string) => path.join(prefix, 'models', `${id}.yml`);
      models = [...added.map((id) => ({ id, layer: nearest(id), listedAt: at(file(id)) })), ...models];
      continue;
    }
    const listed = written.models.map((id, place) => ({
      id,
      layer: nearest(id),
      listedAt: { file: pack.file, ...pack.place(['models', place]) },
    }));
    models = listed.filter(({ id }, place) => written.models?.indexOf(id) === place);
    for (const { id, listedAt } of listed.filter((model) => !models.includes(model))) {
      const message = `The model "${id}" is listed twice: remove one of the two.`;
      findings.push({ severity: 'error', code: 'duplicate-id', message, ...listedAt });
    }
  }
  return { models, findings };
}

function at(file: string): ListedModel['listedAt'] {
  return { file, line: 1, column: 1 };
}

/** Files in models/ that no one names. */
function unlistedFiles({ written, models, pack }: Layer, others: readonly string[]): Finding[] {
  const unused = written.models ? models.filter((id) => !written.models?.includes(id)).map((id) => `${id}.yml`) : [];
  return [...unused, ...others].map((file) => {
    const message = `models/${file} is not used: list it under "models" in pack.yml (as <id>.yml), or remove it.`;
    return {
      severity: 'warning',
      code: 'unlisted-model',
      message,
      file: pack.file,
      ...pack.place(['models']),
    };
  });
}
