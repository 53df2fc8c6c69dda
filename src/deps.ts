import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { BillingSource } from './billing/source.ts';
import type { Config } from './config.ts';
import type { Db } from './db/types.ts';
import type { HelpDesk } from './helpdesk/types.ts';
import type { Playbook } from './playbook/types.ts';
import type { JobQueue } from './queue/types.ts';

/** Built once by the composition roots, passed as far as handlers and jobs; below that, the specific values. */
export type Deps = {
  config: Config;
  db: Db;
  log: Logger;
  playbook: Playbook;
  slack: WebClient;
  /** Where tickets are worked on. */
  desk: HelpDesk;
  /** Where customers are billed; `null` where nothing is connected. */
  billing: BillingSource | null;
  queue: JobQueue;
  now: () => Date;
};
