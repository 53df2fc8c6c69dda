import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = resolve(import.meta.dirname, '..');
const layers = ['src', 'blocks', 'jobs', 'handlers'];
/** The composition roots; the command line's commands are parts of src/cli.ts. */
const mayImportUpward = (file: string) =>
  ['src/main.ts', 'src/cli.ts'].includes(file) || file.startsWith('src/commands/');

type Import = { from: string; to: string; typeOnly: boolean };

function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(folder, name));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const statements = text.matchAll(/(?:^|\n)\s*(?:import|export)\s+(type\s)?[^;'"]*?from\s+'(\.[^']+)'/g);
  const dynamic = text.matchAll(/import\(\s*'(\.[^']+)'\s*\)/g);
  const target = (path: string) => relative(root, resolve(root, dirname(file), path));
  return [
    ...[...statements].map((match) => ({ from: file, to: target(match[2] ?? ''), typeOnly: match[1] !== undefined })),
    ...[...dynamic].map((match) => ({ from: file, to: target(match[1] ?? ''), typeOnly: false })),
  ];
}

const productImports = layers.flatMap(filesBelow).flatMap(importsOf);
const show = (list: readonly Import[]) => list.map(({ from, to }) => `${from} -> ${to}`);
const layerOf = (file: string) => layers.indexOf(file.split('/', 1)[0] ?? '');

describe('the direction of imports', () => {
  it('goes from handlers to jobs to blocks to src, but for the composition roots', () => {
    const upward = productImports.filter(
      ({ from, to, typeOnly }) => !typeOnly && layerOf(to) > layerOf(from) && !mayImportUpward(from),
    );
    expect(show(upward)).toEqual([]);
  });

  it('never leaves the product: neither simulator nor tests are imported', () => {
    expect(show(productImports.filter(({ to }) => layerOf(to) === -1))).toEqual([]);
  });

  it('keeps src/health pure: it imports nothing but itself', () => {
    const files = filesBelow('src/health');
    expect(show(files.flatMap(importsOf).filter(({ to }) => !to.startsWith('src/health/')))).toEqual([]);
    const packages = files.filter((file) => /from '[^.]/.test(readFileSync(join(root, file), 'utf8')));
    expect(packages).toEqual([]);
  });

  it('lets blocks import only types, formatters, calendar days and the pure health functions', () => {
    const allowed = /^(blocks\/|src\/(?:format|days)\.ts$|src\/slack\/escape\.ts$|src\/health\/)/;
    const wrong = filesBelow('blocks')
      .flatMap(importsOf)
      .filter(({ to, typeOnly }) => !typeOnly && !allowed.test(to));
    expect(show(wrong)).toEqual([]);
  });

  it('keeps writing to Slack in src/slack', () => {
    const writers = layers
      .flatMap(filesBelow)
      .filter((file) => !file.startsWith('src/slack/'))
      .filter((file) =>
        /\b(?:slack|client)\.(?:chat|conversations|files|reactions|views)\./.test(
          readFileSync(join(root, file), 'utf8'),
        ),
      );
    expect(writers).toEqual([]);
  });

  it('keeps SQL in src/db: no other product file imports kysely or pg as more than types', () => {
    const users = layers
      .flatMap(filesBelow)
      .filter((file) => !file.startsWith('src/db/') && file !== 'src/queue/migrate.ts')
      .filter((file) =>
        /^import (?!type\b).*from '(kysely|pg|pg-copy-streams)/m.test(readFileSync(join(root, file), 'utf8')),
      );
    expect(users).toEqual([]);
  });
});

describe('the registries', () => {
  it.each([
    'handlers/commands',
    'handlers/actions',
    'handlers/cs',
    'handlers/events',
    'handlers/shortcuts',
    'handlers/views',
    'jobs',
    'src/commands',
    'src/db/migrations',
  ])('%s/index.ts lists every file of its folder', (folder) => {
    const listed = new Set(importsOf(`${folder}/index.ts`).map(({ to }) => to));
    const files = readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.ts') && !['index.ts', 'types.ts'].includes(name))
      .map((name) => `${folder}/${name}`);
    expect(files.filter((file) => !listed.has(file))).toEqual([]);
  });

  it('gives each command of the manifest a file of its name, and each file an entry', () => {
    const manifest = parse(readFileSync(join(root, 'manifest.yml'), 'utf8')) as {
      features: { slash_commands: { command: string }[] };
    };
    const files = readdirSync(join(root, 'handlers/commands'))
      .filter((name) => name.endsWith('.ts') && name !== 'index.ts')
      .map((name) => `/${name.replace('.ts', '')}`);
    expect(files.sort()).toEqual(manifest.features.slash_commands.map(({ command }) => command).sort());
  });
});

describe('the folders', () => {
  it.each(['handlers', 'jobs', 'blocks', 'src', 'playbooks', 'simulator', 'test', 'bench'])(
    '%s has a README that ends in "Adding a new …"',
    (folder) => {
      const readme = join(root, folder, 'README.md');
      expect(existsSync(readme)).toBe(true);
      const headings = readFileSync(readme, 'utf8').match(/^#+ .*$/gm) ?? [];
      expect(headings.at(-1)).toMatch(/^#+ Adding a new /);
    },
  );
});
