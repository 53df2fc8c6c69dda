import { createOrUpdateUser, listGroups } from './people.ts';
import type { State } from './state.ts';
import { createTicket, listAudits, listComments, listTickets, showAudit, showTicket, updateTicket } from './tickets.ts';

/** A request to the API; `ids` are the numbers in its path. */
export type Call = { ids: number[]; query: Record<string, string>; body: unknown };
export type Reply = { status: number; body: unknown; headers?: Record<string, string> };

type Route = { method: string; path: RegExp; run(state: State, call: Call): Reply };

/** What the API answers to, but for uploads, whose bodies are files. */
export const routes: readonly Route[] = [
  { method: 'POST', path: /^tickets$/, run: createTicket },
  { method: 'GET', path: /^tickets$/, run: listTickets },
  { method: 'GET', path: /^tickets\/(\d+)$/, run: showTicket },
  { method: 'PUT', path: /^tickets\/(\d+)$/, run: updateTicket },
  { method: 'GET', path: /^tickets\/(\d+)\/comments$/, run: listComments },
  { method: 'GET', path: /^tickets\/(\d+)\/audits$/, run: listAudits },
  { method: 'GET', path: /^tickets\/(\d+)\/audits\/(\d+)$/, run: showAudit },
  { method: 'GET', path: /^groups(?:\/assignable)?$/, run: listGroups },
  { method: 'POST', path: /^users\/create_or_update$/, run: createOrUpdateUser },
];
