import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readBody, send, sendJson } from './http.ts';
import { matchesRequest, type Scripted, scripted, takeDue } from './scripted-faults.ts';

/** A scripted failure of requests, whose method and path match: "GET /services/data/*"; a star stands for anything. */
type ScriptedFault = {
  request: string;
  /** `status` answers so; `hang` never answers; `dropped` drops the connection; `sign_in` is a page as if all were well. */
  kind: 'status' | 'hang' | 'dropped' | 'sign_in' | 'redirect';
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
  location?: string;
  /** How often; 1 unless given. */
  count?: number;
  /** How many are let through before; 0 unless given. */
  after?: number;
};

export type ScriptedRequest = {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: IncomingMessage['headers'];
  body: string;
};
export type ScriptedReply = { status: number; body: unknown; headers?: Record<string, string> };

/** What was asked, without credentials, and how it was answered; 0 is not at all. */
type ScriptedEntry = { method: string; path: string; query: Record<string, string>; status: number };

/** A server on loopback that fails as scripted. */
export type ScriptedServer = {
  listen(): Promise<{ url: string }>;
  close(): Promise<void>;
  fault(fault: ScriptedFault): void;
  /** What was asked so far. */
  journal(): readonly ScriptedEntry[];
};

const signInPage = '<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><form>Sign in</form></body></html>';

/** Serves requests with `answer`, but for those for which a fault was scripted. */
export function createScriptedServer(answer: (request: ScriptedRequest) => ScriptedReply): ScriptedServer {
  const faults: Scripted<ScriptedFault>[] = [];
  const journal: ScriptedEntry[] = [];
  const server: Server = createServer((req, res) => {
    handle(req, res).catch((error: unknown) => res.headersSent || res.writeHead(500).end(String(error)));
  });

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(`http://local${req.url ?? '/'}`);
    const { method = 'GET', headers } = req;
    const request = { method, path: url.pathname, query: Object.fromEntries(url.searchParams), headers };
    const body = (await readBody(req)).toString();
    const note = (status: number) => journal.push({ method, path: request.path, query: request.query, status });
    const fault = takeDue(faults, ({ request: pattern }) => matchesRequest(pattern, `${method} ${url.pathname}`));
    if (!fault) {
      const reply = answer({ ...request, body });
      note(reply.status);
      sendJson(res, reply.status, reply.body, reply.headers);
      return;
    }
    const status = { status: fault.status ?? 500, hang: 0, dropped: 0, sign_in: 200, redirect: 302 }[fault.kind];
    note(status);
    if (fault.kind === 'dropped') res.destroy();
    else if (fault.kind === 'sign_in') send(res, status, signInPage, { 'content-type': 'text/html; charset=utf-8' });
    else if (fault.kind === 'redirect') send(res, status, '', { location: fault.location ?? '/' });
    else if (fault.kind === 'status') sendJson(res, status, fault.body ?? null, fault.headers);
  }

  return {
    async listen() {
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
      return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
    },
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => (server.listening ? server.close(() => resolve()) : resolve()));
    },
    fault: (fault) => faults.push(scripted(fault)),
    journal: () => [...journal],
  };
}
