import { createHmac } from 'node:crypto';
import { App } from '@slack/bolt';
import { describe, expect, it } from 'vitest';
import { createReceiver, isSignedBySlack, parseSlackBody, type SlackPayload } from '../../../src/slack/receiver.ts';

const SECRET = '0123456789abcdef';
const now = new Date('2026-11-21T12:00:00Z');
const seconds = now.getTime() / 1000;
const body = Buffer.from('command=%2Fhealth&text=acme');

function sign(timestamp: number, secret = SECRET): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')}`;
}

describe('isSignedBySlack', () => {
  const check = (timestamp: number | string, signature: string | undefined) =>
    isSignedBySlack({ body, timestamp: String(timestamp), signature }, SECRET, now);

  it('accepts a signature of the last five minutes', () => {
    expect(check(seconds, sign(seconds))).toBe(true);
    expect(check(seconds - 300, sign(seconds - 300))).toBe(true);
  });

  it.each([
    ['one older than five minutes', seconds - 301, sign(seconds - 301)],
    ['one from the future', seconds + 301, sign(seconds + 301)],
    ['another secret', seconds, sign(seconds, 'another-secret')],
    ['no signature', seconds, undefined],
    ['a signature of another length', seconds, 'v0=00'],
    ['a signature with wide characters', seconds, `v0=${'é'.repeat(64)}`],
    ['a timestamp that is no number', 'soon', sign(seconds)],
  ])('refuses %s', (_name, timestamp, signature) => {
    expect(check(timestamp, signature)).toBe(false);
  });

  it('refuses a changed body', () => {
    const changed = {
      body: Buffer.from('command=%2Fhealth&text=globex'),
      timestamp: String(seconds),
      signature: sign(seconds),
    };
    expect(isSignedBySlack(changed, SECRET, now)).toBe(false);
  });
});

describe('parseSlackBody', () => {
  it('reads a command, an interaction and an event', () => {
    expect(parseSlackBody(body, 'application/x-www-form-urlencoded')).toEqual({ command: '/health', text: 'acme' });
    const interaction = Buffer.from(`payload=${encodeURIComponent('{"type":"block_actions"}')}`);
    expect(parseSlackBody(interaction, 'application/x-www-form-urlencoded')).toEqual({ type: 'block_actions' });
    expect(parseSlackBody(Buffer.from('{"type":"event_callback"}'), 'application/json')).toEqual({
      type: 'event_callback',
    });
  });

  it.each(['{', '[]', '"text"', 'null'])('answers null for %s', (text) => {
    expect(parseSlackBody(Buffer.from(text), 'application/json')).toBeNull();
  });
});

describe('createReceiver', () => {
  async function receive(payload: SlackPayload, register: (app: App) => void): Promise<number[]> {
    const receiver = createReceiver(() => undefined);
    const app = new App({
      receiver,
      authorize: async () => ({ botToken: 'xoxb-1', botId: 'B1', botUserId: 'U1' }),
    });
    app.error(async (error) => {
      throw error;
    });
    register(app);
    const statuses: number[] = [];
    await receiver.receive(payload, (status) => statuses.push(status));
    return statuses;
  }
  const event = { body: { type: 'event_callback', team_id: 'T1', event: { type: 'team_join', user: 'U2' } } };
  const command = { body: { command: '/health', text: '', team_id: 'T1', user_id: 'U2', channel_id: 'C1' } };

  it('answers 500 to an event whose listener failed, so that Slack sends it again', async () => {
    const statuses = await receive(event, (app) => {
      app.event('team_join', async () => {
        throw new Error('database away');
      });
    });
    expect(statuses).toEqual([500]);
  });

  it('answers an event only after its listener is done', async () => {
    let done = false;
    const statuses = await receive(event, (app) => {
      app.event('team_join', async () => {
        await new Promise((resolve) => setImmediate(resolve));
        done = true;
      });
    });
    expect(statuses).toEqual([200]);
    expect(done).toBe(true);
  });

  it('answers a command when it is acknowledged, once, even if the listener then fails', async () => {
    const statuses = await receive(command, (app) => {
      app.command('/health', async ({ ack }) => {
        await ack();
        throw new Error('later');
      });
    });
    expect(statuses).toEqual([200]);
  });

  it('answers 404 to a command that nobody knows', async () => {
    expect(await receive(command, () => undefined)).toEqual([404]);
  });
});
