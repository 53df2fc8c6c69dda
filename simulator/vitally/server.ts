import { createScriptedServer, type ScriptedReply, type ScriptedRequest } from '../scripted.ts';
import type { GivenAccount, VitallyOptions, VitallyServer } from './types.ts';

type Admin = { id: string; name: string; email: string; licenseStatus: string };
type StoredAccount = GivenAccount & { id: string; createdAt: string; place: number };

const windowMs = 60_000;
const statuses: Record<string, readonly string[]> = {
  active: ['active'],
  churned: ['churned'],
  activeOrChurned: ['active', 'churned'],
};

/** Makes a Vitally that lives in this process, for tests. */
export function createVitallyServer(options: VitallyOptions): VitallyServer {
  const { apiKey, pageSize = 100, perMinute = 1000, now = () => new Date() } = options;
  const accounts = new Map<string, StoredAccount>();
  const admins = new Map<string, Admin>();
  let lately: number[] = [];
  let count = 0;
  let place = 0;

  function answer(request: ScriptedRequest): ScriptedReply {
    if (request.headers.authorization !== `Basic ${Buffer.from(`${apiKey}:`).toString('base64')}`)
      return { status: 401, body: { error: 'Unauthorized' } };
    const at = now().getTime();
    lately = lately.filter((each) => each > at - windowMs);
    const isOver = lately.length >= perMinute;
    if (!isOver) lately.push(at);
    const headers = {
      'ratelimit-limit': `${perMinute}, ${perMinute};window=60`,
      'ratelimit-remaining': String(perMinute - lately.length),
      'ratelimit-reset': String(Math.ceil((lately[0]! + windowMs - at) / 1000)),
    };
    if (isOver) return { status: 429, body: { error: 'Too Many Requests' }, headers };
    return { ...answerApi(request), headers };
  }

  function answerApi({ method, path, query }: ScriptedRequest): ScriptedReply {
    if (method === 'GET' && path === '/resources/accounts') return listAccounts(query);
    if (method === 'GET' && path === '/resources/admins/search') return findAdmin(query);
    return { status: 404, body: { error: 'Not Found' } };
  }

  function listAccounts({
    limit = '100',
    from,
    sortBy = 'updatedAt',
    status = 'active',
    ...rest
  }: Record<string, string>) {
    const shown = statuses[status];
    const size = Number(limit);
    const isGood = Number.isInteger(size) && size >= 1 && size <= 100 && ['createdAt', 'updatedAt'].includes(sortBy);
    if (!shown || !isGood || Object.keys(rest).length > 0) return { status: 400, body: { error: 'Bad Request' } };
    // Newest first; a cursor has the place of the last one shown.
    const after = from === undefined ? Number.POSITIVE_INFINITY : Number(Buffer.from(from, 'base64').toString());
    if (Number.isNaN(after)) return { status: 400, body: { error: 'Bad Request' } };
    const found = [...accounts.values()]
      .filter((account) => shown.includes(account.status ?? 'active') && account.place < after)
      .sort((one, other) => other.place - one.place);
    const page = found.slice(0, Math.min(size, pageSize));
    const next = page.length < found.length ? Buffer.from(String(page.at(-1)!.place)).toString('base64') : null;
    return { status: 200, body: { results: page.map(toJson), next } };
  }

  function findAdmin({ email }: Record<string, string>) {
    if (email === undefined || email === '') return { status: 400, body: { error: 'Bad Request' } };
    const admin = [...admins.values()].find((each) => each.email.toLowerCase() === email.toLowerCase());
    return admin ? { status: 200, body: admin } : { status: 404, body: { error: 'Not Found' } };
  }

  return {
    ...createScriptedServer(answer),
    put(given) {
      const id = given.id ?? `00000000-0000-4000-8000-${String(++count).padStart(12, '0')}`;
      const known = accounts.get(id) ?? { createdAt: now().toISOString(), place: ++place };
      accounts.set(id, { ...known, ...given, id });
      return id;
    },
    remove: (id) => void accounts.delete(id),
    addAdmin({ name, email }) {
      const id = `00000000-0000-4000-9000-${String(++count).padStart(12, '0')}`;
      admins.set(id, { id, name, email, licenseStatus: 'active' });
      return id;
    },
  };
}

function toJson({ place: _place, status: _status, segments, ...account }: StoredAccount) {
  return {
    externalId: null,
    name: account.id,
    traits: {},
    nextRenewalDate: null,
    mrr: null,
    csmId: null,
    ...account,
    segments: (segments ?? []).map((name) => ({ id: `segment-${name}`, name })),
  };
}
