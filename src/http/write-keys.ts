import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether a key is one of ours; takes as long for a wrong key as for a right one. Of anything but text it is false. */
export type WriteKeys = { any: boolean; includes(key: unknown): boolean };

/** Keys to compare with. Hashes are compared, since they are all of one length. */
export function createWriteKeys(keys: readonly string[]): WriteKeys {
  const hashOf = (key: string) => createHash('sha256').update(key).digest();
  const hashes = keys.map(hashOf);
  return {
    any: keys.length > 0,
    includes(key) {
      const shown = hashOf(typeof key === 'string' ? key : '');
      let found = false;
      for (const hash of hashes) found = timingSafeEqual(hash, shown) || found;
      return found;
    },
  };
}

/** The user name of `Authorization: Basic`; null without one. */
export function basicUser(authorization: string | undefined): string | null {
  const encoded = /^basic +([a-z0-9+/=_-]+)$/i.exec(authorization ?? '')?.[1];
  if (!encoded) return null;
  const [user = ''] = Buffer.from(encoded, 'base64').toString().split(':', 1);
  return user || null;
}

/** The token of `Authorization: Bearer`; null without one. */
export function bearerToken(authorization: string | undefined): string | null {
  return /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? null;
}
