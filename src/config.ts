import { tz } from '@date-fns/tz';
import { z } from 'zod';

const port = z.coerce.number({ error: 'must be a port number, 1 to 65535' }).int().min(1).max(65535);
const url = (protocols: string[]) =>
  z.string().refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), {
    error: `must be a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  });
const channel = z.string().regex(/^[CG][A-Z0-9]{2,}$/, 'must be a channel id such as C0123456789');
const web = url(['https:', 'http:']);

const schema = z.object({
  PORT: port.default(3000),
  SLACK_BOT_TOKEN: z.string().startsWith('xoxb-', 'must be a bot token; it starts with xoxb-').optional(),
  SLACK_SIGNING_SECRET: z.string().min(8, 'is too short; copy it from Basic Information').optional(),
  SLACK_APP_TOKEN: z.string().startsWith('xapp-', 'must be an app-level token; it starts with xapp-').optional(),
  SLACK_API_URL: web.default('https://slack.com/api/'),
  DATABASE_URL: url(['postgres:', 'postgresql:']).optional(),
  DATA_DIR: z.string().min(1).default('.data'),
  REDIS_URL: url(['redis:', 'rediss:']).optional(),
  PLAYBOOK: z.string().min(1).default('product-usage'),
  INGEST_WRITE_KEYS: z.string().optional(),
  STRIPE_API_KEY: z.string().optional(),
  STRIPE_API_URL: web.optional(),
  STRIPE_WEBHOOK_SECRET: z.string().optional(),
  ZENDESK_URL: web.optional(),
  ZENDESK_EMAIL: z.email('must be an email address').optional(),
  ZENDESK_API_TOKEN: z.string().optional(),
  ZENDESK_WEBHOOK_SECRET: z.string().optional(),
  TICKET_EMOJI: z.string().optional(),
  SUPPORT_CHANNEL: channel.optional(),
  ALERT_FALLBACK_CHANNEL: channel.optional(),
  REVIEW_CHANNEL: channel.optional(),
  RETRO_CHANNEL: channel.optional(),
  TIMEZONE: z.string().default('UTC'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
});
