import type { KnownBlock, StaticSelect } from '@slack/types';
import type { AlertPreferences } from '../src/db/alert-preferences.ts';
import type { AlertView } from '../src/db/alert-view.ts';
import { type AlertContext, headline } from './alert-card.ts';
import { alertItems } from './alert-list.ts';
import { kindSymbol } from './alert-words.ts';
import { type BlockMessage, button, buttons, context, header, plainText, section } from './text.ts';

/** Quiet hours were chosen: `19:00-08:00` or `off`. */
export const SET_QUIET_HOURS = 'set_quiet_hours';
/** Whether alerts come at weekends was chosen: `on` or `off`. */
export const SET_WEEKEND = 'set_weekend';
/** A digest was chosen: `09:00` or `off`. */
export const SET_DIGEST = 'set_digest';
/** All as the playbook has it. */
export const USUAL_ALERTS = 'usual_alerts';
/** Another page of one's open alerts; the value is its number, from 1. */
export const PREVIOUS_ALERTS = 'alerts_previous';
/** As PREVIOUS_ALERTS, forwards. */
export const NEXT_ALERTS = 'alerts_next';

/** Alerts on a page. */
export const ALERTS_PAGE_SIZE = 6;
/** How much of a message of 12 kB the alerts may take. */
const MOST_BYTES = 6_500;

const offeredHours = ['18:00-08:00', '19:00-08:00', '20:00-08:00', '22:00-07:00'];
const offeredDigests = ['08:00', '09:00', '12:00', '17:00'];

/** What a person has chosen, or the playbook for them, and what is open in their accounts. */
export type AlertSettings = {
  preferences: AlertPreferences;
  /** Whether they ever chose. */
  chosen: boolean;
  /** Theirs in Slack, or the deployment's (`known` false). */
  timeZone: { name: string; known: boolean };
  /** One page of what is open; `null` when Slack did not tell who they are. */
  open: { alerts: readonly AlertView[]; total: number; page: number };
  /** What was just done. */
  told: string | null;
};

/** How alerts reach somebody, with controls, and what is open in their accounts. */
export function alertSettings(settings: AlertSettings, card: AlertContext): BlockMessage {
  const { preferences, timeZone, open, told } = settings;
  const title = `Your open alerts: ${open.total === 0 ? 'none' : open.total}`;
  const pages = Math.ceil(open.total / ALERTS_PAGE_SIZE);
  return {
    text: [
      ...(told ? [told] : []),
      title,
      ...open.alerts.map((alert) => `${kindSymbol(alert.kind)} ${headline(alert, card)}`),
    ]
      .join('\n')
      .slice(0, 1000)
      .toWellFormed(),
    blocks: [
      ...(told ? [section(told)] : []),
      header('How alerts reach you'),
      section(settingLines(settings).join('\n')),
      controls(preferences),
      context(
        `Times are in ${timeZone.known ? 'your Slack time zone' : 'the time zone of this deployment'}, ${timeZone.name}. High severity always comes at once.`,
        'To type it: `/cs alerts quiet 19:00-08:00`, `quiet off`, `weekend on`, `digest 09:00`, `digest off`, `default`',
      ),
      { type: 'divider' },
      header(title),
      ...(open.total === 0 ? [section('Nothing is open in your accounts.')] : []),
      ...alertItems(open.alerts, card, { bytes: MOST_BYTES, page: open.page }),
      ...(pages > 1 ? pager(open.page, pages) : []),
    ],
  };
}

function settingLines({ preferences, chosen }: AlertSettings): string[] {
  const { quietHours, quietWeekend, digestAt } = preferences;
  return [
    quietHours ? `🌙 Quiet from *${quietHours.from}* to *${quietHours.to}*` : '🌙 No quiet hours',
    quietWeekend ? '📅 Quiet at weekends' : '📅 Weekends like other days',
    digestAt ? `📰 One digest a day at *${digestAt}*` : '📰 No digest: each alert by itself',
    chosen ? '_As you chose._' : '_The usual; you have not chosen._',
  ];
}

function controls({ quietHours, quietWeekend, digestAt }: AlertPreferences): KnownBlock {
  const hours = quietHours ? `${quietHours.from}-${quietHours.to}` : 'off';
  return {
    type: 'actions',
    elements: [
      menu(SET_QUIET_HOURS, 'Quiet hours', ['off', ...offeredHours], hours, (value) =>
        value === 'off' ? 'No quiet hours' : `Quiet ${value.replace('-', ' to ')}`,
      ),
      menu(SET_WEEKEND, 'Weekends', ['off', 'on'], quietWeekend ? 'off' : 'on', (value) =>
        value === 'on' ? 'Alerts at weekends' : 'Quiet at weekends',
      ),
      menu(SET_DIGEST, 'Digest', ['off', ...offeredDigests], digestAt ?? 'off', (value) =>
        value === 'off' ? 'No digest' : `Digest at ${value}`,
      ),
      button(USUAL_ALERTS, 'Back to usual', 'default'),
    ],
  };
}

/** A menu of what is offered; what holds now is among it, and chosen. */
function menu(
  actionId: string,
  placeholder: string,
  offered: readonly string[],
  now: string,
  label: (value: string) => string,
): StaticSelect {
  const values = offered.includes(now) ? offered : [...offered, now];
  const option = (value: string) => ({ text: plainText(label(value)), value });
  return {
    type: 'static_select',
    action_id: actionId,
    placeholder: plainText(placeholder),
    options: values.map(option),
    initial_option: option(now),
  };
}

function pager(page: number, pages: number): KnownBlock[] {
  const turns = [
    ...(page > 1 ? [button(PREVIOUS_ALERTS, 'Previous page', String(page - 1))] : []),
    ...(page < pages ? [button(NEXT_ALERTS, 'Next page', String(page + 1))] : []),
  ];
  return [context(`Page ${page} of ${pages}`), buttons(...turns)];
}
