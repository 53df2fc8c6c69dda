import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import type { Logger } from 'pino';
import { UserError } from '../errors.ts';

/** How long a client may take to send its request; the answer may take longer. */
const REQUEST_MS = 30_000;

/** How long a client may still take once the server closes. */
const LAST_REQUEST_MS = 10_000;

/** One way in: answers a request itself. */
export type Route = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Routes by method and path, `POST /slack/events`. */
export type Routes = Readonly<Record<string, Route>>;

/** A server that listens. */
export type HttpServer = { port: number; close(): Promise<void> };

/**
 * Serves the routes on a port (0 takes a free one); what is in none of them goes to `fallback`, else 404.
 * `close` stops listening and waits for the requests under way, and for what their routes do after the answer.
 * @throws {UserError} when the port is taken
 */
export async function serve(options: {
  host: string;
  port: number;
  routes: Routes;
  log: Logger;
  fallback?: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;
}): Promise<HttpServer> {
  const { routes, log, fallback } = options;
  let closing = false;
  const underWay = new Set<Promise<void>>();
  const server = createServer({ requestTimeout: REQUEST_MS }, (request, response) => {
    // A connection kept alive after its last answer would hold the shutdown up.
    response.once('finish', () => closing && setImmediate(() => server.closeIdleConnections()));
    const work = answer(request, response)
      .catch((error: unknown) => {
        // Whoever asked left before all was sent; that is no fault of ours.
        if (request.destroyed && !request.complete) return;
        log.error({ err: error, url: request.url }, 'request failed');
        if (!response.headersSent) sendText(response, 500, 'Something went wrong; the log says what.\n');
        else response.destroy();
      })
      .finally(() => underWay.delete(work));
    underWay.add(work);
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('?', 1)[0];
    const route = routes[`${request.method} ${path}`];
    if (route) return route(request, response);
    const allowed = Object.keys(routes).filter((key) => key.endsWith(` ${path}`));
    if (allowed.length > 0) {
      response.setHeader('allow', allowed.map((key) => key.split(' ', 1)[0]).join(', '));
      return sendText(response, 405, 'Method not allowed\n');
    }
    if (await fallback?.(request, response)) return;
    sendText(response, 404, 'Not found\n');
  }

  await listen(server, options.port, options.host);
  return {
    port: portOf(server),
    close: async () => {
      closing = true;
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      const slow = setTimeout(() => server.closeAllConnections(), LAST_REQUEST_MS);
      await closed;
      clearTimeout(slow);
      await Promise.all(underWay);
    },
  };
}

/**
 * Has a server listen on a port; 0 takes a free one.
 * @throws {UserError} when the port is taken or not allowed
 */
export async function listen(server: Server, port: number, host: string): Promise<void> {
  const listening = once(server, 'listening');
  server.listen(port, host);
  try {
    await listening;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE')
      throw new UserError(`Port ${port} is taken by another program; stop it, or set PORT to another one.`);
    if (code === 'EACCES')
      throw new UserError(`Port ${port} may not be opened by this user; set PORT to one above 1023.`);
    throw error;
  }
}

/** The port that a server listens on. */
export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** The whole body; null when it is longer than `limit` bytes. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
  }
  return size <= limit ? Buffer.concat(chunks) : null;
}

/** Answers with plain text. */
export function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}
