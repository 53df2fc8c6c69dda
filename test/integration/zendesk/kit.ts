import pino from 'pino';
import { onTestFinished } from 'vitest';
import { createZendeskServer } from '../../../simulator/zendesk/server.ts';
import type { ZendeskOptions } from '../../../simulator/zendesk/types.ts';
import { HelpDeskRefused, HelpDeskUnavailable } from '../../../src/helpdesk/errors.ts';
import type { FileToUpload, NewComment, NewTicket } from '../../../src/helpdesk/types.ts';
import { createZendesk } from '../../../src/sources/zendesk.ts';

export const credentials = { email: 'bot@bellwether.test', apiToken: 'zendesk-token' };
export const first = { isRetry: false };
export const again = { isRetry: true };

type Given = Partial<ZendeskOptions> & {
  clientToken?: string;
  /** Where the client looks for it; else where it is. */
  clientUrl?: string;
  answerMs?: number;
  /** Does something before a request of the client's. */
  before?: (method: string, path: string) => Promise<void> | void;
};

/** A Zendesk with a group and an agent, a client of it, and a clock of their own. */
export async function startZendesk({ clientToken, clientUrl, answerMs, before, ...options }: Given = {}) {
  const clock = { at: new Date('2026-11-20T09:00:00Z') };
  const now = () => clock.at;
  const server = createZendeskServer({ ...credentials, now, ...options });
  onTestFinished(() => server.close());
  const { url } = await server.listen();
  const groupId = String(server.addGroup('Technical'));
  const agentId = server.addPerson({ name: 'Ada Agent', email: 'ada@support.test', role: 'agent' });
  const desk = createZendesk({
    url: clientUrl ?? url,
    email: credentials.email,
    apiToken: clientToken ?? credentials.apiToken,
    now,
    log: pino({ level: 'silent' }),
    ...(answerMs !== undefined && { answerMs }),
    fetch: async (input, init) => {
      await before?.(init?.method ?? 'GET', new URL(String(input)).pathname);
      return fetch(input, init);
    },
  });
  return { server, desk, url, groupId, agentId, clock };
}

/** A ticket to create. */
export function newTicket(over: Partial<NewTicket> = {}): NewTicket {
  return {
    externalId: 'T1/C1/1700000000.000100',
    subject: 'Exports fail',
    body: 'Since this morning all exports fail.',
    isPublic: true,
    requester: { name: 'Carla Customer', email: 'carla@acme.test', externalId: 'slack:U0CARLA' },
    groupId: null,
    severity: null,
    fields: {},
    tags: ['slack'],
    attachments: [],
    followUpOf: null,
    ...over,
  };
}

/** A comment to add. */
export function newComment(over: Partial<NewComment> = {}): NewComment {
  return {
    key: 'C1/1700000000.000200',
    body: 'It says "timeout".',
    isPublic: true,
    author: { name: 'Carla Customer', personId: null },
    attachments: [],
    ...over,
  };
}

/** A file to upload. */
export function fileOf(bytes: Uint8Array, over: Partial<FileToUpload> = {}): FileToUpload {
  async function* open() {
    yield bytes.subarray(0, 3);
    yield bytes.subarray(3);
  }
  return { name: 'log.txt', type: 'text/plain', size: bytes.length, open: async () => open(), ...over };
}

/** Why a call was refused; fails where it was not. */
export async function refusalOf(call: Promise<unknown>): Promise<{ reason: string; message: string }> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HelpDeskRefused)) throw error ?? new Error('The call was not refused');
  return { reason: error.reason, message: error.message };
}

/** What trouble a call met; fails where it met none. */
export async function troubleOf(call: Promise<unknown>): Promise<HelpDeskUnavailable> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HelpDeskUnavailable)) throw error ?? new Error('The call met no trouble');
  return error;
}
