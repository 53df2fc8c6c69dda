import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { parseJson, urlOf } from './http.ts';
import { nextId, type Reply, type State, type Transport } from './state.ts';

const TYPES = { event: 'events_api', command: 'slash_commands', interaction: 'interactive', options: 'interactive' };
const PING_MS = 10_000;

/** A ticket that opens one Socket Mode connection. */
export function createTicket(state: State): string {
  const ticket = nextId(state, 'ticket-');
  state.tickets.add(ticket);
  return ticket;
}

/** Serves the upgrade of a Socket Mode connection at /link/; false when it is none of ours. */
export function serveSocket(state: State, req: IncomingMessage, socket: Duplex, head: Buffer): boolean {
  const url = urlOf(req);
  if (url.pathname !== '/link/') return false;
  if (!state.tickets.delete(url.searchParams.get('ticket') ?? '')) {
    socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n');
    return true;
  }
  new WebSocketServer({ noServer: true }).handleUpgrade(req, socket, head, (connection) => {
    state.sockets.add(connection);
    const ping = setInterval(() => connection.ping(), PING_MS);
    connection.on('close', () => {
      clearInterval(ping);
      state.sockets.delete(connection);
    });
    connection.on('error', () => connection.terminate());
    connection.send(
      JSON.stringify({
        type: 'hello',
        num_connections: state.sockets.size,
        debug_info: { host: 'simulator', approximate_connection_time: 3600 },
        connection_info: { app_id: state.workspace.app.id },
      }),
    );
  });
  return true;
}

/** Tells every connection to leave, as Slack does before it recycles one. */
export function refreshSockets(state: State): void {
  for (const socket of state.sockets) {
    socket.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested', debug_info: { host: 'simulator' } }));
    state.sockets.delete(socket);
  }
}

/** Sends envelopes over the newest connection and waits for their acknowledgement. */
export function socketTransport(state: State): Transport {
  return ({ what, body, attempt, retryReason }) => {
    const socket = [...state.sockets].at(-1);
    if (!socket) return Promise.resolve({ ok: false, reason: 'connection_failed', status: null, noRetry: false });
    const envelope_id = nextId(state, 'envelope-');
    const acknowledged = acknowledgement(socket, envelope_id, state.settings.answerTimeoutMs);
    socket.send(
      JSON.stringify({
        envelope_id,
        type: TYPES[what],
        payload: body,
        accepts_response_payload: what !== 'event',
        ...(what === 'event' && {
          retry_attempt: attempt,
          retry_reason: retryReason === 'http_timeout' ? 'timeout' : (retryReason ?? ''),
        }),
      }),
    );
    return acknowledged;
  };
}

function acknowledgement(socket: WebSocket, envelopeId: string, timeoutMs: number): Promise<Reply> {
  return new Promise((resolve) => {
    const settle = (reply: Reply) => {
      clearTimeout(timer);
      socket.off('message', onMessage).off('close', onClose);
      resolve(reply);
    };
    const onMessage = (data: Buffer) => {
      const message = parseJson(data.toString()) as { envelope_id?: string; payload?: unknown } | undefined;
      if (message?.envelope_id !== envelopeId) return;
      settle({ ok: true, status: 200, body: message.payload ?? '', noRetry: false });
    };
    const failed = (reason: 'http_timeout' | 'connection_failed') =>
      settle({ ok: false, reason, status: null, noRetry: false });
    const onClose = () => failed('connection_failed');
    const timer = setTimeout(() => failed('http_timeout'), timeoutMs);
    socket.on('message', onMessage).on('close', onClose);
  });
}
