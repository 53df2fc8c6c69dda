import { glob, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../errors.ts';

const SHIPPED = path.resolve(import.meta.dirname, '../../playbooks');

/** The absolute path of a pack by its shipped name, else by its folder relative to `from`; `null` when there is none. */
export async function findPack(nameOrFolder: string, from: string): Promise<string | null> {
  const shipped = /^[a-z0-9-]+$/.test(nameOrFolder) ? path.join(SHIPPED, nameOrFolder) : null;
  const own = nameOrFolder === '' ? null : path.resolve(from, nameOrFolder);
  for (const folder of [shipped, own].filter((each) => each !== null)) {
    const stats = await stat(folder).catch(() => null);
    if (stats?.isDirectory()) return folder;
  }
  return null;
}

/** The folder of a pack by its shipped name, or relative to the working directory. @throws {UserError} when there is none */
export async function findPackFolder(nameOrFolder: string): Promise<string> {
  const folder = await findPack(nameOrFolder, process.cwd());
  if (folder !== null) return folder;
  throw new UserError(
    `There is no playbook "${nameOrFolder}": name one of ${(await shippedPacks()).join(', ')}, or the folder of your own, which has a pack.yml.`,
  );
}

/** The names of the packs that ship; parts that they have in common are not among them. */
export async function shippedPacks(): Promise<string[]> {
  const packs: string[] = [];
  for await (const file of glob('*/pack.yml', { cwd: SHIPPED })) packs.push(path.dirname(file));
  return packs.sort();
}

/** The ids of the models that have a file in the pack's folder, and other YAML there. */
export async function modelFiles(folder: string): Promise<{ ids: string[]; others: string[] }> {
  const files = await readdir(path.join(folder, 'models')).catch(() => []);
  const ids = files.filter((file) => file.endsWith('.yml')).map((file) => file.slice(0, -'.yml'.length));
  return { ids: ids.sort(), others: files.filter((file) => file.endsWith('.yaml')) };
}
