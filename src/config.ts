import { z } from 'zod';
import { isTimeZone } from './days.ts';

/** Settings that a person must mend before the process can start; the message lists every fault. */
export class ConfigError extends Error {
  readonly code = 'config_error';
  override readonly name = 'ConfigError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`Cannot start, ${faults.length === 1 ? 'one setting is' : `${faults.length} settings are`} wrong:
${faults.map((fault) => `  - ${fault}`).join('\n')}
docs/configuration.md explains each setting.`);
    this.faults = faults;
  }
}

const url = (...protocols: string[]) =>
  z.string().refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), {
    error: `must be a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  });
/** Of a server that wants a user and a password, which may hold what ends the address too early. */
const serverUrl = (...protocols: string[]) =>
  url(...protocols).refine(
    (value) => !URL.canParse(value) || !/@/.test(new URL(value).pathname + new URL(value).hash),
    {
      error: 'has a user or password with / or # in it: write them percent-encoded, / as %2F and # as %23',
    },
  );
const webUrl = url('https:', 'http:');
/** Where a secret is sent to, which nobody between is to read. */
const secretUrl = webUrl.refine(
  (value) => !URL.canParse(value) || new URL(value).protocol === 'https:' || isLoopback(new URL(value).hostname),
  'must start with https://, since a secret is sent there',
);
const channel = z.string().regex(/^[CG][A-Z0-9]{2,}$/, 'must be a channel id such as C0123456789, not a name');
const minutes = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a whole number of minutes, 1 to 10080')
  .transform(Number)
  .refine((count) => count >= 1 && count <= 10_080, 'must be a whole number of minutes, 1 to 10080');
const startingWith = (prefix: string, what: string) =>
  z.string().startsWith(prefix, `must be ${what}; it starts with ${prefix}`);
const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;

const environment = z.object({
  PORT: z
    .string()
    .regex(/^\d+$/)
    .transform(Number)
    .refine((port) => port <= 65535)
    .default(3000),
  SLACK_BOT_TOKEN: startingWith('xoxb-', 'a bot token').optional(),
  SLACK_SIGNING_SECRET: z.string().min(8, 'is too short; copy it from the app\'s "Basic Information"').optional(),
  SLACK_APP_TOKEN: startingWith('xapp-', 'an app-level token').optional(),
  SLACK_API_URL: webUrl
    .transform((value) => (value.endsWith('/') ? value : `${value}/`))
    .default('https://slack.com/api/'),
  DATABASE_URL: serverUrl('postgres:', 'postgresql:').optional(),
  DATA_DIR: z.string().default('.data'),
  REDIS_URL: serverUrl('redis:', 'rediss:')
    .refine((value) => !URL.canParse(value) || /^\/?\d*$|@/.test(new URL(value).pathname), {
      error: 'must end in the number of a database, such as /0, or without one',
    })
    .optional(),
  PLAYBOOK: z.string().default('product-usage'),
  INGEST_WRITE_KEYS: z
    .string()
    .transform((value) => value.split(',').map((key) => key.trim()))
    .refine(
      (keys) => keys.every((key) => key.length >= 8),
      'must be keys of at least 8 characters, separated by commas',
    )
    .default([]),
  EVENT_RETENTION_MONTHS: z
    .string()
    .regex(/^\d{1,3}$/, 'must be a whole number of months, 2 to 120')
    .transform(Number)
    .refine((months) => months >= 2 && months <= 120, 'must be a whole number of months, 2 to 120')
    .default(13),
  STRIPE_API_KEY: z
    .string()
    .regex(/^[rs]k_/, 'must be a secret or restricted key; it starts with sk_ or rk_')
    .optional(),
  STRIPE_API_URL: webUrl.default('https://api.stripe.com'),
  STRIPE_WEBHOOK_SECRET: startingWith('whsec_', 'a webhook signing secret').optional(),
  ZENDESK_URL: webUrl.optional(),
  ZENDESK_EMAIL: z.email('must be an email address').optional(),
  ZENDESK_API_TOKEN: z.string().optional(),
  ZENDESK_WEBHOOK_SECRET: z.string().optional(),
  ZENDESK_ESCALATION_FIELD: z
    .string()
    .regex(/^[1-9]\d{0,15}$/, 'must be the number of a ticket field')
    .optional(),
  SALESFORCE_URL: secretUrl.optional(),
  SALESFORCE_CLIENT_ID: z.string().optional(),
  SALESFORCE_CLIENT_SECRET: z.string().optional(),
  VITALLY_URL: secretUrl.optional(),
  VITALLY_API_KEY: z.string().optional(),
  TICKET_EMOJI: z
    .string()
    .regex(/^:?[a-z0-9_+'-]+:?$/, 'must be the name of an emoji, such as ticket')
    .transform((value) => value.replaceAll(':', ''))
    .default('ticket'),
  TICKET_STAFF_MESSAGES: z.enum(['public', 'internal'], 'must be public or internal').default('public'),
  TICKET_FILE_MEGABYTES: z
    .string()
    .regex(/^\d{1,3}$/, 'must be a whole number of megabytes, 0 to 50')
    .transform(Number)
    .refine((size) => size <= 50, 'must be a whole number of megabytes, 0 to 50')
    .default(20),
  TICKET_REMINDER_MINUTES: minutes.default(10),
  TICKET_DEFAULT_MINUTES: minutes.default(60),
  TICKET_DEFAULT_GROUP: z.string().optional(),
  TICKET_GROUPS: z
    .string()
    .transform((value) => [...new Set(value.split(',').map((name) => name.trim()))])
    .refine(
      (names) => names.every((name) => name !== '' && name.length <= 75) && names.length <= 100,
      'must be at most 100 names of up to 75 characters, separated by commas',
    )
    .default(['Support', 'Engineering']),
  SUPPORT_CHANNEL: channel.optional(),
  ALERT_FALLBACK_CHANNEL: channel.optional(),
  REVIEW_CHANNEL: channel.optional(),
  RETRO_CHANNEL: channel.optional(),
  TIMEZONE: z.string().refine(isTimeZone, 'must be a time zone such as Europe/Berlin').default('UTC'),
  LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`).default('info'),
});

type Environment = z.infer<typeof environment>;

/** What a process is started for; the command line needs no Slack, a worker needs no door for Slack's requests. */
export type Role = 'bot' | 'worker' | 'cli';

/** The settings, read once. Absent optional ones are undefined. */
export type Config = Readonly<{
  port: number;
  slack: Readonly<{ botToken?: string; signingSecret?: string; appToken?: string; apiUrl: string }>;
  databaseUrl?: string;
  dataDir: string;
  redisUrl?: string;
  playbook: string;
  /** What callers of the ingestion routes show; without any these routes refuse everybody. */
  ingestWriteKeys: readonly string[];
  /** Calendar months that raw events are kept. */
  eventRetentionMonths: number;
  /** Where alerts go that reach no person, and what the operator must know. */
  alertFallbackChannel?: string;
  /** Where customers are billed. With only one of key and secret, the other way of telling is missing. */
  stripe: Readonly<{ apiKey?: string; apiUrl: string; webhookSecret?: string }>;
  /** The help desk, where it is Zendesk. */
  zendesk?: Readonly<{
    url: string;
    email: string;
    apiToken: string;
    webhookSecret?: string;
    /** The field that says that a ticket is escalated. */
    escalationField?: string;
  }>;
  /** Salesforce, at the address of My Domain, and the app by which it is read. */
  salesforce?: Readonly<{ url: string; clientId: string; clientSecret: string }>;
  vitally?: Readonly<{ url: string; apiKey: string }>;
  /** The name of the emoji that makes a message a ticket, without colons. */
  ticketEmoji: string;
  /** Whether customers may read at the help desk, too, what our own staff write in a ticket's thread. */
  ticketStaffIsPublic: boolean;
  /** Bytes of the largest file that is copied to the help desk; larger ones are linked. */
  ticketLargestFile: number;
  /** Where each ticket has its card for colleagues. */
  supportChannel?: string;
  /** How long a ticket's form may be open until the CSM is reminded, and until the defaults hold. */
  ticketReminderMinutes: number;
  ticketDefaultMinutes: number;
  /** The group of the help desk that is the default, by name or id; its first unless given. */
  ticketDefaultGroup?: string;
  /** The groups of the built-in help desk. */
  ticketGroups: readonly string[];
  timeZone: string;
  logLevel: (typeof logLevels)[number];
}>;

/**
 * Turns the environment into a frozen Config. An empty variable counts as unset, and space around a value as none.
 * @throws {ConfigError} naming every fault at once
 */
export function readConfig(env: Record<string, string | undefined>, roles: readonly Role[]): Config {
  const trimmed = Object.entries(env).map(([name, value]) => [name, value?.trim()] as const);
  const given = Object.fromEntries(trimmed.filter(([, value]) => value));
  const parsed = environment.safeParse(given);
  const faults = parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')} ${faultOf(issue)}`);
  faults.push(...missing(given, roles));
  if (!parsed.success || faults.length > 0) throw new ConfigError(faults.sort());
  return toConfig(parsed.data);
}

function toConfig(env: Environment): Config {
  return Object.freeze({
    port: env.PORT,
    slack: Object.freeze({
      botToken: env.SLACK_BOT_TOKEN,
      signingSecret: env.SLACK_SIGNING_SECRET,
      appToken: env.SLACK_APP_TOKEN,
      apiUrl: env.SLACK_API_URL,
    }),
    databaseUrl: env.DATABASE_URL,
    dataDir: env.DATA_DIR,
    redisUrl: env.REDIS_URL,
    playbook: env.PLAYBOOK,
    ingestWriteKeys: Object.freeze(env.INGEST_WRITE_KEYS),
    eventRetentionMonths: env.EVENT_RETENTION_MONTHS,
    alertFallbackChannel: env.ALERT_FALLBACK_CHANNEL,
    stripe: Object.freeze({
      apiKey: env.STRIPE_API_KEY,
      apiUrl: env.STRIPE_API_URL,
      webhookSecret: env.STRIPE_WEBHOOK_SECRET,
    }),
    zendesk: zendeskOf(env),
    salesforce: salesforceOf(env),
    vitally: vitallyOf(env),
    ticketEmoji: env.TICKET_EMOJI,
    ticketStaffIsPublic: env.TICKET_STAFF_MESSAGES === 'public',
    ticketLargestFile: env.TICKET_FILE_MEGABYTES * 1_000_000,
    supportChannel: env.SUPPORT_CHANNEL,
    ticketReminderMinutes: env.TICKET_REMINDER_MINUTES,
    ticketDefaultMinutes: env.TICKET_DEFAULT_MINUTES,
    ticketDefaultGroup: env.TICKET_DEFAULT_GROUP,
    ticketGroups: Object.freeze(env.TICKET_GROUPS),
    timeZone: env.TIMEZONE,
    logLevel: env.LOG_LEVEL,
  });
}

function zendeskOf(env: Environment): Config['zendesk'] {
  const { ZENDESK_URL: url, ZENDESK_EMAIL: email, ZENDESK_API_TOKEN: apiToken } = env;
  if (!url || !email || !apiToken) return undefined;
  return Object.freeze({
    url,
    email,
    apiToken,
    webhookSecret: env.ZENDESK_WEBHOOK_SECRET,
    escalationField: env.ZENDESK_ESCALATION_FIELD,
  });
}

function salesforceOf(env: Environment): Config['salesforce'] {
  const { SALESFORCE_URL: url, SALESFORCE_CLIENT_ID: clientId, SALESFORCE_CLIENT_SECRET: clientSecret } = env;
  return url && clientId && clientSecret ? Object.freeze({ url, clientId, clientSecret }) : undefined;
}

function vitallyOf({ VITALLY_URL: url, VITALLY_API_KEY: apiKey }: Environment): Config['vitally'] {
  return url && apiKey ? Object.freeze({ url, apiKey }) : undefined;
}

/** Settings that make sense together only. */
const together = [
  ['SALESFORCE_URL', 'SALESFORCE_CLIENT_ID', 'SALESFORCE_CLIENT_SECRET'],
  ['VITALLY_URL', 'VITALLY_API_KEY'],
];

function missing(env: Record<string, string | undefined>, roles: readonly Role[]): string[] {
  const faults: string[] = [];
  const online = roles.includes('bot') || roles.includes('worker');
  if (online && !env.SLACK_BOT_TOKEN)
    faults.push('SLACK_BOT_TOKEN is missing; copy it from the app\'s "OAuth & Permissions"');
  if (roles.includes('bot') && !env.SLACK_SIGNING_SECRET && !env.SLACK_APP_TOKEN) {
    faults.push(
      'SLACK_SIGNING_SECRET is missing (or SLACK_APP_TOKEN, for Socket Mode); copy it from "Basic Information"',
    );
  }
  if (env.ZENDESK_URL) {
    for (const name of ['ZENDESK_EMAIL', 'ZENDESK_API_TOKEN']) {
      if (!env[name]) faults.push(`${name} is missing; it is needed together with ZENDESK_URL`);
    }
  }
  for (const names of together) {
    const given = names.find((name) => env[name]);
    if (given === undefined) continue;
    for (const name of names) if (!env[name]) faults.push(`${name} is missing; it is needed together with ${given}`);
  }
  return faults;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
}

function faultOf(issue: z.core.$ZodIssue): string {
  if (issue.path[0] === 'PORT') return 'must be a port number, 0 to 65535';
  return issue.message;
}
