import { createScriptedServer, type ScriptedReply, type ScriptedRequest } from '../scripted.ts';
import { SalesforceRefusal } from './refusal.ts';
import { type Query, readPath, readQuery, type Store } from './soql.ts';
import type { FieldType, SalesforceOptions, SalesforceServer, Schema, StoredRecord } from './types.ts';

/** What every organisation has, as far as it is of use here. */
const standard: Schema = {
  User: { Id: 'id', Name: 'string', Email: 'string', IsActive: 'boolean' },
  Account: {
    Id: 'id',
    Name: 'string',
    Website: 'string',
    Industry: 'string',
    Type: 'string',
    OwnerId: 'id',
    Owner: { to: 'User' },
    LastModifiedDate: 'datetime',
  },
  Opportunity: {
    Id: 'id',
    Name: 'string',
    AccountId: 'id',
    Amount: 'number',
    CloseDate: 'date',
    Type: 'string',
    StageName: 'string',
    IsClosed: 'boolean',
    IsWon: 'boolean',
  },
  Contract: { Id: 'id', AccountId: 'id', EndDate: 'date', Status: 'string' },
};
const prefixes: Record<string, string> = { User: '005', Account: '001', Opportunity: '006', Contract: '800' };

/** Makes a Salesforce of one organisation that lives in this process, for tests. */
export function createSalesforceServer(options: SalesforceOptions): SalesforceServer {
  const { clientId, clientSecret, pageSize = 2000, limit = 15_000, now = () => new Date() } = options;
  const schema = merge(standard, options.fields ?? {});
  const records = new Map(Object.keys(schema).map((object) => [object, new Map<string, StoredRecord>()]));
  const tokens = new Set<string>();
  /** What is left of long lists, by locator. */
  const cursors = new Map<string, unknown[]>();
  const counters = { id: 0, token: 0, cursor: 0, used: 0 };

  function answer(request: ScriptedRequest): ScriptedReply {
    if (request.method === 'POST' && request.path === '/services/oauth2/token') return issueToken(request);
    const usage = () => ({ 'sforce-limit-info': `api-usage=${counters.used}/${limit}` });
    try {
      const body = answerApi(request);
      return { status: 200, body, headers: usage() };
    } catch (error) {
      if (!(error instanceof SalesforceRefusal)) throw error;
      const { status, errorCode, message } = error;
      return { status, body: [{ message, errorCode }], headers: status === 401 ? {} : usage() };
    }
  }

  function issueToken({ headers, body }: ScriptedRequest): ScriptedReply {
    const refuse = (error: string, error_description: string) => ({ status: 400, body: { error, error_description } });
    if (!headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
      return refuse('invalid_request', 'content type must be application/x-www-form-urlencoded');
    const form = new URLSearchParams(body);
    if (form.get('grant_type') !== 'client_credentials')
      return refuse('unsupported_grant_type', 'grant type not supported');
    if (form.get('client_id') !== clientId) return refuse('invalid_client_id', 'client identifier invalid');
    if (form.get('client_secret') !== clientSecret) return refuse('invalid_client', 'invalid client credentials');
    const token = `00D!token-${++counters.token}`;
    tokens.add(token);
    const issued_at = String(now().getTime());
    return { status: 200, body: { access_token: token, token_type: 'Bearer', scope: 'api', issued_at } };
  }

  function answerApi({ method, path, query, headers }: ScriptedRequest): unknown {
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
    if (token === undefined || !tokens.has(token))
      throw new SalesforceRefusal(401, 'INVALID_SESSION_ID', 'Session expired or invalid');
    if (counters.used >= limit)
      throw new SalesforceRefusal(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.');
    counters.used += 1;
    const [, version, locator] = /^\/services\/data\/(v\d+\.0)\/query(?:\/([\w-]+))?\/?$/.exec(path) ?? [];
    if (method !== 'GET' || version === undefined)
      throw new SalesforceRefusal(404, 'NOT_FOUND', 'The requested resource does not exist');
    if (locator !== undefined) return nextPage(locator, version);
    if (query.q === undefined)
      throw new SalesforceRefusal(400, 'MALFORMED_QUERY', 'SOQL statements cannot be empty or null');
    const read = readQuery(query.q, store);
    const found = [...records.get(read.object)!.values()]
      .filter(read.holds)
      .map((record) => toJson(read, record, version));
    return toPage(found, found.length, version);
  }

  const store: Store = {
    schema,
    find: (object, id) => records.get(object)?.get(String(id)),
    get today() {
      return now().toISOString().slice(0, 10);
    },
  };

  function nextPage(locator: string, version: string): unknown {
    const rest = cursors.get(locator);
    if (!rest) throw new SalesforceRefusal(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
    cursors.delete(locator);
    return toPage(rest, rest.length, version);
  }

  function toPage(found: readonly unknown[], totalSize: number, version: string): unknown {
    const rest = found.slice(pageSize);
    const page = { totalSize, done: rest.length === 0, records: found.slice(0, pageSize) };
    if (page.done) return page;
    const locator = `01g${String(++counters.cursor).padStart(12, '0')}-${pageSize}`;
    cursors.set(locator, rest);
    return { ...page, nextRecordsUrl: `/services/data/${version}/query/${locator}` };
  }

  function toJson({ object, paths }: Query, record: StoredRecord, version: string): unknown {
    const attributesOf = (type: string, id: unknown) => ({
      type,
      url: `/services/data/${version}/sobjects/${type}/${String(id)}`,
    });
    const json: Record<string, unknown> = { attributes: attributesOf(object, record.Id) };
    for (const path of paths) {
      const [first = '', ...rest] = path;
      const type = schema[object]![first] as FieldType;
      if (typeof type !== 'object') {
        json[first] = record[first] ?? null;
        continue;
      }
      // What leads nowhere is nothing as a whole.
      const other = store.find(type.to, record[first]);
      const inner = json[first] ?? { attributes: attributesOf(type.to, other?.Id) };
      json[first] = other ? { ...inner, [rest.join('.')]: readPath(store, type.to, other, rest) } : null;
    }
    return json;
  }

  return {
    ...createScriptedServer(answer),
    put(object, given) {
      const id = String(given.Id ?? `${prefixes[object] ?? 'a00'}${String(++counters.id).padStart(15, '0')}`);
      const of = records.get(object);
      if (!of) throw new Error(`There is no object ${object}`);
      const unknown = Object.keys(given).find((field) => !(field in schema[object]!));
      if (unknown !== undefined) throw new Error(`${object} has no field ${unknown}`);
      of.set(id, { ...of.get(id), ...given, Id: id });
      return id;
    },
    remove: (object, id) => void records.get(object)?.delete(id),
    expireTokens: () => tokens.clear(),
    use(requests) {
      counters.used += requests;
    },
  };
}

function merge(base: Schema, more: Schema): Schema {
  const names = new Set([...Object.keys(base), ...Object.keys(more)]);
  return Object.fromEntries([...names].map((name) => [name, { Id: 'id' as const, ...base[name], ...more[name] }]));
}
