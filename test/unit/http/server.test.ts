import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createTelemetry, operationsRoutes } from '../../../src/http/operations.ts';
import { type HttpServer, type Routes, readBody, sendText, serve } from '../../../src/http/server.ts';

const log = pino({ level: 'silent' });
const servers: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(routes: Routes, port = 0): Promise<string> {
  const server = await serve({ host: '127.0.0.1', port, routes, log });
  servers.push(server);
  return `http://127.0.0.1:${server.port}`;
}

describe('serve', () => {
  it('answers 404 for an unknown path and 405 with the allowed method for a known one', async () => {
    const url = await start({ 'POST /slack/events': async (_request, response) => sendText(response, 200, '') });
    expect((await fetch(`${url}/nowhere`)).status).toBe(404);
    const wrong = await fetch(`${url}/slack/events`);
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get('allow')).toBe('POST');
  });

  it('answers 500 without the reason when a route throws', async () => {
    const url = await start({
      'GET /x': async () => {
        throw new Error('secret detail');
      },
    });
    const answer = await fetch(`${url}/x`);
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('secret');
  });

  it('reads a body up to its limit and no further', async () => {
    const url = await start({
      'POST /x': async (request, response) =>
        sendText(response, 200, String((await readBody(request, 10))?.length ?? 'too large')),
    });
    const post = async (body: string) => (await fetch(`${url}/x`, { method: 'POST', body })).text();
    expect(await post('0123456789')).toBe('10');
    expect(await post('0123456789a')).toBe('too large');
  });

  it('says what to do when the port is taken', async () => {
    const url = await start({});
    await expect(start({}, Number(new URL(url).port))).rejects.toThrow(/taken.*PORT/);
  });

  it('waits for the requests under way before it closes', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const url = await start({
      'GET /slow': async (_request, response) => {
        await held;
        sendText(response, 200, 'done');
      },
    });
    const answer = fetch(`${url}/slow`);
    await fetch(`${url}/other`);
    const closed = servers.splice(0)[0]?.close();
    release();
    expect(await (await answer).text()).toBe('done');
    await closed;
  });
});

describe('a server that closes', () => {
  it('waits for what a route does after its answer', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const order: string[] = [];
    const url = await start({
      'GET /x': async (_request, response) => {
        sendText(response, 200, 'soon');
        await held;
        order.push('done');
      },
    });
    await fetch(`${url}/x`);
    const closed = servers
      .splice(0)[0]
      ?.close()
      .then(() => order.push('closed'));
    await sleep(50);
    release();
    await closed;
    expect(order).toEqual(['done', 'closed']);
  });

  it('waits no longer than ten seconds for a client that does not go on', async () => {
    const url = await start({});
    const client = connect(Number(new URL(url).port), '127.0.0.1').resume();
    await once(client, 'connect');
    client.write('POST /x HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nhalf');
    await sleep(50);
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const gone = once(
      client.on('error', () => undefined),
      'close',
    );
    const closed = servers.splice(0)[0]?.close();
    vi.advanceTimersByTime(10_000);
    await Promise.all([closed, gone]);
  });
});

describe('operationsRoutes', () => {
  it('is ready when every check passes and names those that fail', async () => {
    let broken = false;
    const url = await start(
      operationsRoutes(createTelemetry(), {
        database: async () => {
          if (broken) throw new Error('away');
        },
        slack: async () => undefined,
      }),
    );
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    broken = true;
    const answer = await fetch(`${url}/readyz`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({ ready: false, failed: ['database'] });
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('bellwether_not_ready{check="database"} 1');
  });
});
