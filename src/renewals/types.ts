import type { CompiledMetric, Unit } from '../metrics/types.ts';

/** `YYYY-MM-DD`, a calendar day in the deployment's time zone. */
export type Day = string;

/** How long before a renewal date: calendar months and days, one of them 0. */
export type Lead = { months: number; days: number };

/** A reminder; `id` is as the pack writes it, `2 weeks`, or `first`. */
export type Step = { id: string; lead: Lead };

/** renewals.yml of a pack, with what is not written filled in. */
export type RenewalSettings = {
  /** The first reminder, in calendar months before the date; that of quiet accounts, and of those with credit that would expire. */
  firstMonths: number;
  firstMonthsQuiet: number;
  firstMonthsCredit: number;
  /** So many days without a user seen and without a conversation are quiet. */
  quietDays: number;
  /** Those after the first, the longest before the date first. */
  steps: readonly Step[];
  /** What the brief shows as use: by a month the sum, or the mean, of the days' values. */
  usage: { name: string; unit: Unit; month: 'sum' | 'mean' };
  /** The account's traits, as they are stored, that say on which day its credit ends; the first that does is taken. */
  creditEndTraits: readonly string[];
  /** What has to be computed for it, under the names of `renewalMetrics`, each after those it reads. */
  computed: readonly CompiledMetric[];
};

/** The names under which renewals read what they need of an account. */
export const renewalMetrics = {
  seen: 'renewal:days_since_last_seen',
  meeting: 'renewal:days_since_last_meeting',
  ticket: 'renewal:days_since_last_ticket',
  champion: 'renewal:active_champion',
  usage: 'renewal:usage',
  creditLeft: 'renewal:credit_left',
  creditBurn: 'renewal:credit_burn',
  creditEnd: 'renewal:days_until_credit_ends',
  creditExpiring: 'renewal:credit_expiring',
  creditExpiry: 'renewal:days_until_credit_expires',
  card: 'renewal:card_on_file',
} as const;

/**
 * What became of a contract: `open` from its first reminder to its date, `past` after it while nobody has said; `moved`: the
 * account has another date; `churned`; `renewed` and `lost` are what somebody said, and stay.
 */
export type RenewalState = 'open' | 'past' | 'moved' | 'churned' | 'renewed' | 'lost';
