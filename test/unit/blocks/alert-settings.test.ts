import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAlertChoice } from '../../../blocks/alert-list.ts';
import { ALERTS_PAGE_SIZE, type AlertSettings, alertSettings, NEXT_ALERTS } from '../../../blocks/alert-settings.ts';
import { checkBlocks } from '../../../simulator/blocks.ts';
import { hostileText } from '../../hostile.ts';
import { makeAlertView, makeIndicator, makeIndicators } from '../../indicators.ts';
import { createTestPlaybook } from '../../playbook.ts';

const pack = { ...createTestPlaybook(), indicators: makeIndicators([makeIndicator()]) };
const card = {
  pack,
  now: new Date('2026-11-24T10:00:00Z'),
  today: '2026-11-24',
  ownerEmail: 'maya@bellwether.example',
};

function settings(overrides: Partial<AlertSettings> = {}): AlertSettings {
  return {
    preferences: { quietHours: { from: '19:00', to: '08:00' }, quietWeekend: true, digestAt: null },
    chosen: false,
    timeZone: { name: 'Europe/Stockholm', known: true },
    open: { alerts: [], total: 0, page: 1 },
    told: null,
    ...overrides,
  };
}
const shown = (overrides: Partial<AlertSettings> = {}) => JSON.stringify(alertSettings(settings(overrides), card));

describe('alertSettings', () => {
  it('says what holds, who said so, in which time zone, and that high severity always comes', () => {
    expect(shown()).toContain('🌙 Quiet from *19:00* to *08:00*\\n📅 Quiet at weekends\\n📰 No digest');
    expect(shown()).toContain('The usual; you have not chosen');
    expect(shown()).toContain(
      'Times are in your Slack time zone, Europe/Stockholm. High severity always comes at once.',
    );
    expect(shown({ timeZone: { name: 'UTC', known: false } })).toContain('in the time zone of this deployment, UTC');
    const other = shown({ preferences: { quietHours: null, quietWeekend: false, digestAt: '09:00' }, chosen: true });
    expect(other).toContain('🌙 No quiet hours\\n📅 Weekends like other days\\n📰 One digest a day at *09:00*');
    expect(other).toContain('As you chose');
  });

  it('has what holds chosen in each menu, though it is not usually offered', () => {
    const { blocks } = alertSettings(
      settings({ preferences: { quietHours: { from: '21:15', to: '06:45' }, quietWeekend: true, digestAt: '07:20' } }),
      card,
    );
    const controls = blocks.find((block) => block.type === 'actions');
    expect(controls).toMatchObject({
      elements: [
        { initial_option: { value: '21:15-06:45' } },
        { initial_option: { value: 'off' } },
        { initial_option: { value: '07:20' } },
        {},
      ],
    });
    expect(checkBlocks(blocks, () => true)).toMatchObject({ ok: true });
  });

  it('lists what is open, with menus that know the page', () => {
    const alerts = [makeAlertView({ state: 'acknowledged', changedBy: 'U01MAYALIND' })];
    const text = shown({ open: { alerts, total: 13, page: 2 } });
    expect(text).toContain('Your open alerts: 13');
    expect(text).toContain('🔴 *Acme* · Risk: Few logins · since 21 Nov');
    expect(text).toContain('Acknowledged by <@U01MAYALIND>');
    expect(text).toContain(NEXT_ALERTS);
    expect(readAlertChoice(/"value":"(open [^"]+)"/.exec(text)?.[1] ?? '')).toEqual({
      what: 'open',
      alertId: 7,
      page: 2,
    });
    for (const other of ['', 'open', 'open x', 'open 1 2 3']) expect(readAlertChoice(other)).toBeNull();
  });

  it('fits into a Slack message for any names', () => {
    fc.assert(
      fc.property(hostileText(500), hostileText(100), (name, subject) => {
        const account = { ...makeAlertView().account, name, csmEmail: name };
        const task = { id: 1, title: name, assigneeEmail: name, due: '2026-11-20', done: false };
        const alert = makeAlertView({ account, subject, state: 'acknowledged', changedBy: name, task });
        const alerts = Array.from({ length: ALERTS_PAGE_SIZE }, () => alert);
        const message = alertSettings(settings({ open: { alerts, total: 40, page: 2 }, told: 'Changed.' }), card);
        expect(checkBlocks(message.blocks, () => true)).toMatchObject({ ok: true });
        expect(Buffer.byteLength(message.text + JSON.stringify(message.blocks))).toBeLessThan(12_000);
        expect(JSON.stringify(message)).not.toMatch(/<(?:[@#h]|!(?!date))/);
      }),
      { numRuns: 30 },
    );
  });
});
