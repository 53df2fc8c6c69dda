import type { CommandEntry } from './types.ts';

/** Every command, in the order that `--help` lists them. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'migrate',
    description: 'bring the database to the newest schema',
    load: () => import('./migrate.ts'),
  },
  {
    name: 'import',
    description: 'import accounts, users, events or metric values from a file',
    load: () => import('./import.ts'),
  },
  {
    name: 'ingest',
    description: 'show what came in by the doors for events, what was refused and why, and what waits',
    load: () => import('./ingest.ts'),
  },
  {
    name: 'forget',
    description: 'remove a user or an account everywhere',
    load: () => import('./forget.ts'),
  },
  {
    name: 'jobs',
    description: 'list the background jobs, and run one by hand',
    load: () => import('./jobs.ts'),
  },
  {
    name: 'metrics',
    description: 'list the metrics, compute past values, and explain one down to the events',
    load: () => import('./metrics.ts'),
  },
  {
    name: 'indicators',
    description: 'list the indicators, try a rule over the past, and release alerts that were held back',
    load: () => import('./indicators.ts'),
  },
  {
    name: 'sync',
    description: 'read accounts from Stripe, Salesforce or Vitally, and list what sources say differently',
    load: () => import('./sync.ts'),
  },
  {
    name: 'billing',
    description: "show an account's billing, list customers in Stripe that are no account's, and say whose one is",
    load: () => import('./billing.ts'),
  },
  {
    name: 'tickets',
    description: 'list the open tickets, and compare them with Slack and the help desk',
    load: () => import('./tickets.ts'),
  },
  {
    name: 'score',
    description: 'score accounts from a file of facts, without a database',
    load: () => import('./score.ts'),
  },
  {
    name: 'lint',
    description: 'check a playbook: faults, overlaps, gaps, and where they stand',
    load: () => import('./lint.ts'),
  },
];
