import type { Channel, Person, Team, Workspace } from './workspace.ts';
import { openDirect } from './workspace.ts';

const CREATED = Date.UTC(2026, 0, 5) / 1000;
const HOME: Team = {
  id: 'T01BELLWTHR',
  name: 'Northwind CS',
  domain: 'northwind-cs',
  email_domain: 'bellwether.example',
};
const ACME: Team = { id: 'T02ACMECORP', name: 'Acme Corp', domain: 'acme-corp', email_domain: 'acme.example' };
const BOT = 'U01BELLBOT0';

const person = (id: string, name: string, real_name: string, rest: Partial<Person> = {}): Person => ({
  id,
  team_id: HOME.id,
  name,
  real_name,
  email: `${name}@${HOME.email_domain}`,
  title: '',
  tz: 'Europe/London',
  color: '#4c9689',
  is_bot: false,
  is_admin: false,
  is_restricted: false,
  deleted: false,
  ...rest,
});

const people = (): Person[] => [
  person('U01MAYALIND', 'maya', 'Maya Lindqvist', {
    title: 'Customer Success Manager',
    tz: 'Europe/Stockholm',
    color: '#8249cf',
  }),
  person('U01TOMOKAFO', 'tom', 'Tom Okafor', { title: 'Customer Success Manager', color: '#2f7d1c' }),
  person('U01ANARUIZ0', 'ana', 'Ana Ruiz', {
    title: 'Head of Customer Success',
    tz: 'Europe/Madrid',
    color: '#c9281c',
  }),
  person('U01SAMODUYA', 'sam', 'Sam Oduya', {
    title: 'Operations',
    tz: 'America/New_York',
    color: '#26777d',
    is_admin: true,
  }),
  person('U01GILGUEST', 'gil', 'Gil Marsh', {
    title: 'Contractor',
    tz: 'America/Santiago',
    color: '#674b1b',
    email: 'gil@contractors.example',
    is_restricted: true,
  }),
  person('U01NORAHOLM', 'nora', 'Nora Holm', { title: 'Customer Success Manager', color: '#6b6b6b', deleted: true }),
  person('U02PRIYANAI', 'priya', 'Priya Nair', {
    team_id: ACME.id,
    title: 'Head of Operations, Acme',
    email: 'priya@acme.example',
    tz: 'Asia/Kolkata',
    color: '#a8571c',
  }),
  person('U02JONASWEB', 'jonas', 'Jonas Weber', {
    team_id: ACME.id,
    title: 'Engineer, Acme',
    email: 'jonas@acme.example',
    tz: 'Europe/Berlin',
    color: '#3b6bbd',
  }),
  person(BOT, 'bellwether', 'Bellwether', { email: null, tz: 'America/Los_Angeles', color: '#e0a729', is_bot: true }),
  // Slack's own helper, which users.list has as if it were a person.
  person('USLACKBOT', 'slackbot', 'Slackbot', { email: null, tz: 'America/Los_Angeles', color: '#757575' }),
];

const staff = ['U01MAYALIND', 'U01TOMOKAFO', 'U01ANARUIZ0', 'U01SAMODUYA'];

const channel = (id: string, name: string, members: string[], rest: Partial<Channel> = {}): Channel => ({
  id,
  name,
  kind: 'channel',
  team_ids: [HOME.id],
  is_general: false,
  is_archived: false,
  creator: 'U01SAMODUYA',
  created: CREATED,
  topic: '',
  members,
  ...rest,
});

const channels = (): Channel[] => [
  channel('C01GENERAL0', 'general', [...staff, 'U01GILGUEST', BOT], { is_general: true, topic: 'Everyone' }),
  channel('C01CSTEAM00', 'cs-team', [...staff, BOT], { topic: 'Customer success' }),
  channel('C01SUPPORT0', 'support', [...staff, BOT], { topic: 'Tickets' }),
  channel('C01ACMESHRD', 'acme-shared', ['U01MAYALIND', 'U01ANARUIZ0', 'U02PRIYANAI', 'U02JONASWEB', BOT], {
    team_ids: [HOME.id, ACME.id],
    topic: 'With Acme Corp',
  }),
  channel('C01RANDOM00', 'random', staff, { topic: 'The bot is not here' }),
  channel('C01LEADS000', 'leads', ['U01ANARUIZ0', 'U01SAMODUYA'], { kind: 'private' }),
  channel('C01LAUNCH25', 'launch-2025', [...staff, BOT], { is_archived: true }),
];

/** A new copy of the seeded workspace: the same ids each time. */
export function seedWorkspace(): Workspace {
  const workspace: Workspace = {
    team: HOME,
    teams: [HOME, ACME],
    users: people(),
    channels: channels(),
    app: { id: 'A01BELLWTHR', name: 'Bellwether', bot_id: 'B01BELLBOT0', bot_user_id: BOT },
  };
  for (const user of [...staff, 'U01GILGUEST']) openDirect(workspace, [user, BOT], CREATED);
  return workspace;
}
