import type { Config } from '../../src/config.ts';
import type { Db } from '../../src/db/types.ts';
import { createZendeskServer } from '../zendesk/server.ts';
import type { ZendeskServer } from '../zendesk/types.ts';

const EMAIL = 'bellwether@bellwether.example';
const API_TOKEN = 'demo-zendesk-token';
const WEBHOOK_SECRET = 'demo-zendesk-secret';
const GROUPS = ['Support', 'Billing', 'Engineering'];
/** Who answers on the page of a ticket comes first; the others are of the demo's workspace, so that they may take tickets. */
const AGENTS = [
  { name: 'Elena Rossi', email: 'elena@bellwether.example' },
  { name: 'Maya Lindqvist', email: 'maya@bellwether.example' },
  { name: 'Tom Okafor', email: 'tom@bellwether.example' },
  { name: 'Ana Ruiz', email: 'ana@bellwether.example' },
  { name: 'Sam Oduya', email: 'sam@bellwether.example' },
];

/** A help desk with groups and agents, below `/zendesk` of the demo's address, and the settings by which it is reached. */
export function createDemoZendesk(demoUrl: string): {
  server: ZendeskServer;
  settings: NonNullable<Config['zendesk']>;
} {
  const url = `${demoUrl}/zendesk`;
  const server = createZendeskServer({
    url,
    email: EMAIL,
    apiToken: API_TOKEN,
    webhookUrl: `${demoUrl}/webhooks/zendesk`,
    webhookSecret: WEBHOOK_SECRET,
  });
  for (const name of GROUPS) server.addGroup(name);
  for (const agent of AGENTS) server.addPerson({ ...agent, role: 'agent' });
  return { server, settings: { url, email: EMAIL, apiToken: API_TOKEN, webhookSecret: WEBHOOK_SECRET } };
}

/** The demo's Slack and Zendesk begin anew at each start: what a database keeps of their tickets is of no thread any more. */
export async function forgetTickets(db: Db): Promise<void> {
  await db.deleteFrom('tickets').where('desk', '=', 'Zendesk').execute();
  await db.deleteFrom('slack_events').execute();
  await db.deleteFrom('desk_groups').where('desk', '=', 'Zendesk').execute();
}
