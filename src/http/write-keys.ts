import { createHash, timingSafeEqual } from 'node:crypto';

/** The keys that callers show. */
export type WriteKeys = {
  /** Whether there are any. */
  any: boolean;
  /** Whether a key is one of ours; takes as long for a wrong one as for a right one. Of anything but text it is false. */
  includes(key: unknown): boolean;
  /** Text to be shown, without the keys in it. */
  hide(text: string): string;
};

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
    hide: (text) => keys.reduce((shown, key) => shown.replaceAll(key, '[key]'), text),
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
