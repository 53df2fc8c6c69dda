import pino from 'pino';
import { readConfig } from '../src/config.ts';
import { createBilling } from '../src/create-billing.ts';
import { createDesk } from '../src/create-desk.ts';
import type { Deps } from '../src/deps.ts';
import { createSlackClient } from '../src/slack/client.ts';
import { createTestPlaybook } from './playbook.ts';

type Given = Pick<Deps, 'db' | 'queue'> & Partial<Pick<Deps, 'now' | 'playbook'>> & { timeZone?: string | undefined };

/** Deps for a job under test. Nobody answers at its Slack. */
export async function createTestDeps({ timeZone = 'UTC', ...given }: Given): Promise<Deps> {
  const config = readConfig({ TIMEZONE: timeZone, SLACK_API_URL: 'http://127.0.0.1:9/api/' }, ['cli']);
  const log = pino({ level: 'silent' });
  const now = given.now ?? (() => new Date());
  return {
    config,
    log,
    desk: createDesk(config, { db: given.db, log, now }),
    billing: createBilling(config, { metadataKey: 'account_id', log, now }),
    slack: createSlackClient({ apiUrl: config.slack.apiUrl, log }),
    playbook: createTestPlaybook(),
    now: () => new Date(),
    ...given,
  };
}
