import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ACKNOWLEDGE_ALERT,
  ALERT_NOT_USEFUL,
  ALERT_USEFUL,
  MAKE_ALERT_TASK,
  SNOOZE_ALERT,
} from '../../../blocks/alert-card.ts';
import { ALERT_MENU, readAlertChoice } from '../../../blocks/alert-list.ts';
import { alertMessage } from '../../../blocks/alert-message.ts';
import { OPEN_ACCOUNT } from '../../../blocks/my-accounts.ts';
import type { BlockMessage } from '../../../blocks/text.ts';
import { checkBlocks } from '../../../simulator/blocks.ts';
import type { AlertFact } from '../../../src/db/alert-facts.ts';
import type { AlertView } from '../../../src/db/alert-view.ts';
import type { Figure, Operator } from '../../../src/indicators/types.ts';
import { hostileText } from '../../hostile.ts';
import { makeAlertView, makeEvidence, makeIndicator, makeIndicators, makeMessageView } from '../../indicators.ts';
import { createTestPlaybook } from '../../playbook.ts';

const indicator = makeIndicator({
  says: '{value} of queries failed in 7 days, more than {threshold}; it was {previous} before.',
  action: 'See which user was hit.',
});
const packOf = (...list: Parameters<typeof makeIndicators>[0][number][]) => ({
  ...createTestPlaybook(),
  indicators: makeIndicators(list),
});
const context = { pack: packOf(indicator), now: new Date('2026-11-24T10:00:00Z'), today: '2026-11-24' };

const draw = (alert: Partial<AlertView> = {}, given = context, message = {}) =>
  alertMessage(makeMessageView([makeAlertView(alert)], message), given);
const linesOf = ({ blocks }: BlockMessage) => {
  const texts = (value: unknown): string[] => {
    if (typeof value !== 'object' || value === null) return [];
    if ('type' in value && 'text' in value && typeof value.text === 'string') return value.text.split('\n');
    return Object.values(value).flatMap(texts);
  };
  return blocks.flatMap(texts);
};
const idsIn = ({ blocks }: BlockMessage) => JSON.stringify(blocks).match(/(?<="action_id":")[^"]+/g) ?? [];
const sizeOf = ({ text, blocks }: BlockMessage) => Buffer.byteLength(text) + Buffer.byteLength(JSON.stringify(blocks));
const sentence = (figure: Partial<Figure>, previous: Figure['value'] = null) =>
  linesOf(draw({ evidence: makeEvidence(figure, { previous }) }))[2];

describe('the message of one alert', () => {
  it('says what happened, since when, for whom, what helps and what to do', () => {
    const facts: AlertFact[] = [
      {
        kind: 'top',
        title: 'Who was hit',
        days: 7,
        total: 180,
        top: [
          { label: 'Grace', count: 120 },
          { label: null, count: 2 },
        ],
      },
      { kind: 'metric', metric: 'logins_7d', day: '2026-11-24', value: 31, weekBefore: 40 },
      {
        kind: 'latest',
        title: 'Last failure',
        days: 14,
        event: {
          at: new Date('2026-11-22T09:00:00Z'),
          day: '2026-11-22',
          who: 'Grace',
          properties: [{ key: 'query', value: 'select 1' }],
        },
      },
    ];
    const message = draw({
      facts,
      account: { ...makeAlertView().account, arr: 120_000, renewalDate: '2026-12-24' },
      health: { day: '2026-11-24', model: 'simple', score: 5.6, band: 'concerning', weekBefore: 7.1 },
    });
    expect(linesOf(message)).toEqual([
      '🔴 Risk · Acme',
      '*Few logins*',
      '12.5% of queries failed in 7 days, more than 10%; it was 4.2% before.',
      'Since *21 Nov 2026* (3 days ago)',
      'ARR *$120,000* · renews *24 Dec 2026* (in 30 days)',
      'Health *5.6* / 10 🟡 Concerning · ▼ 1.5 in 7 days',
      '*What helps to know*',
      '• Who was hit: Grace (120×), unknown (2×) of 180 in 7 days',
      '• Logins: *31*, ▼ 9 (−22.5%) in 7 days',
      '• Last failure: 22 Nov 2026 (2 days ago), by Grace, query: select 1',
      '*Next step:* See which user was hit.',
      'Medium severity · over 7 days · threshold: more than 10% · newest data 12 minutes ago',
      'Acknowledge',
      'Snooze',
      '1 day',
      '1 week',
      'Until it changes',
      'Make a task',
      'Open',
      'Useful',
      'Not useful',
    ]);
    expect(message.text).toBe(
      '🔴 Risk: Acme: Few logins. 12.5% of queries failed in 7 days, more than 10%; it was 4.2% before.',
    );
    expect(idsIn(message)).toEqual([
      ACKNOWLEDGE_ALERT,
      SNOOZE_ALERT,
      MAKE_ALERT_TASK,
      OPEN_ACCOUNT,
      ALERT_USEFUL,
      ALERT_NOT_USEFUL,
    ]);
  });

  it('says "no data" where nothing at all is known', () => {
    const lines = linesOf(draw({ latest: makeEvidence({}, { dataAt: null, windowDays: null }) }));
    expect(lines).toContain('ARR: no data · renewal date: no data');
    expect(lines).toContain('Health: ⚪ no data');
    expect(lines.join()).toContain('age of the data unknown');
  });

  it('tells an opportunity by its symbol and its word, and what was so from the beginning', () => {
    const lines = linesOf(draw({ kind: 'opportunity', evidence: makeEvidence({}, { first: true }) }));
    expect(lines[0]).toBe('🟢 Opportunity · Acme');
    expect(lines).toContain('Already so when I first looked, *21 Nov 2026* (3 days ago)');
  });

  it('tells what the figure is by now, where it has become another', () => {
    expect(linesOf(draw({ latest: makeEvidence({ value: 15.1 }) }))).toContain('By now it is *15.1%*');
    expect(linesOf(draw({ latest: makeEvidence({ value: 12.53 }) })).join()).not.toContain('By now');
  });

  it('fills in further metrics, the subject, and what is not known', () => {
    const says = '{subject}: {logins_7d} logins, {nps} NPS, {value} against {threshold}.';
    const given = { ...context, pack: packOf(makeIndicator({ says })) };
    const evidence = makeEvidence({ metric: 'nps', unit: 'number', value: null, threshold: 7 });
    expect(linesOf(draw({ subject: 'Web', said: { logins_7d: 3 }, evidence }, given))[2]).toBe(
      'Web: 3 logins, no data NPS, no data against 7.',
    );
  });

  it('still tells of an indicator that the pack no longer has', () => {
    const lines = linesOf(draw({}, { ...context, pack: packOf() }));
    expect(lines.slice(0, 3)).toEqual([
      '🔴 Risk · Acme',
      '*fewˍlogins*'.replace('ˍ', '_'),
      'failure_rate was 12.5% (&gt; 10%)',
    ]);
    expect(lines.join()).not.toContain('Next step');
  });

  it('links with the account’s own words percent-encoded, and only to the web', () => {
    const links = [
      { label: 'Admin', url: 'https://admin.example/a/{account.id}?n={account.name}&i={indicator}' },
      { label: 'Site', url: 'https://crm.example/{account.domain}' },
      { label: 'Bad', url: 'javascript:alert(1)' },
    ];
    const given = { ...context, pack: packOf(makeIndicator({ links })) };
    const account = { ...makeAlertView().account, id: 'a/b|c>', name: 'A & <B>' };
    const lines = linesOf(draw({ account }, given));
    expect(lines.find((line) => line.startsWith('🔗'))).toBe(
      '🔗 <https://admin.example/a/a%2Fb%7Cc%3E?n=A%20%26%20%3CB%3E&amp;i=few_logins|Admin>',
    );
  });
});

describe('the figures of a sentence', () => {
  it.each<[Partial<Figure>, string]>([
    [{ value: 10.004, threshold: 10 }, '10.004% of queries failed in 7 days, more than 10%'],
    [{ value: 10, threshold: 10, operator: '>=' }, '10% of queries failed in 7 days, more than 10%'],
    [{ value: -10.02, threshold: -10, operator: '<' }, '−10.02% of queries failed in 7 days, more than −10%'],
    [{ value: 99.9999, threshold: 99.999 }, '100% of queries failed in 7 days, more than 99.999%'],
    [{ unit: 'money', value: 100.001, threshold: 100 }, '100.001 USD of queries failed in 7 days, more than $100'],
    [{ unit: 'days', value: 1, threshold: 0 }, '1 day of queries failed in 7 days, more than 0 days'],
    [
      { unit: 'boolean', value: true, threshold: true, operator: '==' },
      'yes of queries failed in 7 days, more than yes',
    ],
    [
      { unit: 'text', value: 'legacy', threshold: 'legacy', operator: '==' },
      'legacy of queries failed in 7 days, more than legacy',
    ],
  ])('of %o are never rounded onto or across the threshold', (figure, said) => {
    expect(sentence(figure)).toContain(said);
  });

  it('agree with the comparison for any numbers', () => {
    const operators: Operator[] = ['>', '<', '>=', '<='];
    const number = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => Number(value.toFixed(6)));
    fc.assert(
      fc.property(
        number,
        fc.oneof(number, fc.constant(0)),
        fc.constantFrom(...operators),
        (value, threshold, operator) => {
          const [, told = '', limit = ''] =
            /^(\S+) of .* more than (\S+);/.exec(sentence({ unit: 'number', value, threshold, operator }) ?? '') ?? [];
          const [shown, against] = [told, limit].map((text) => Number(text.replaceAll(',', '').replace('−', '-')));
          expect(Math.sign(shown! - against!) === Math.sign(value - threshold)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('what people did', () => {
  const shown = (alert: Partial<AlertView>) => draw(alert);

  it('is told below, and its buttons are gone', () => {
    const task = { id: 3, title: 'x', assigneeEmail: 'maya@bellwether.example', due: '2026-11-23', done: false };
    const message = shown({
      state: 'acknowledged',
      changedBy: 'U01MAYALIND',
      task,
      votes: { useful: 1, notUseful: 2 },
    });
    const lines = linesOf(message);
    expect(lines.find((line) => line.includes('Acknowledged'))).toMatch(
      /^👀 Acknowledged by <@U01MAYALIND> · <!date\^1795514400\^\{date_short_pretty\} at \{time\}\|2026-11-24 10:00 UTC>$/,
    );
    expect(lines).toContain('📌 Task for maya@bellwether.example, was due 23 Nov 2026 (1 day ago)');
    expect(lines).toContain('Useful: 1 · Not useful: 2');
    expect(idsIn(message)).toEqual([SNOOZE_ALERT, OPEN_ACCOUNT, ALERT_USEFUL, ALERT_NOT_USEFUL]);
  });

  it('tells until when it is snoozed', () => {
    expect(linesOf(shown({ state: 'snoozed', changedBy: 'U01MAYALIND' }))).toContain(
      '💤 Snoozed by <@U01MAYALIND> until it changes',
    );
    const until = linesOf(shown({ state: 'snoozed', changedBy: 'U01MAYALIND', snoozedUntil: context.now }));
    expect(until.join()).toContain('Snoozed by <@U01MAYALIND> until <!date^');
  });

  it.each([
    ['cleared', 'it no longer holds'],
    ['excluded', 'the rule no longer applies to this account'],
    ['retired', 'the playbook no longer has this rule'],
  ] as const)('leaves a short card that can still be judged when it is %s', (resolution, why) => {
    const message = shown({ state: 'resolved', resolution });
    expect(linesOf(message)).toContain(`*Resolved* after 3 days: ${why}.`);
    expect(linesOf(message)[0]).toBe('✅ Resolved · Acme');
    expect(idsIn(message)).toEqual([ALERT_USEFUL, ALERT_NOT_USEFUL]);
  });

  it.each([
    ['tom@bellwether.example', 'Now with tom@bellwether.example.'],
    ['maya@bellwether.example', 'Asked again in a newer message.'],
    [null, 'The account has no CSM now; it is asked in the fallback channel.'],
  ])('says where it went: %s', (ownerEmail, line) => {
    const message = shown({ movedTo: { ownerEmail } });
    expect(linesOf(message)).toContain(line);
    expect(idsIn(message)).toEqual([]);
  });
});

describe('why it is here', () => {
  it('stands above what came by a detour', () => {
    const message = draw({}, context, { detour: 'nobody active in Slack has maya@bellwether.example' });
    expect(linesOf(message)[0]).toBe(
      'This is here because nobody active in Slack has maya@bellwether.example. Meant for maya@bellwether.example.',
    );
  });
});

describe('several alerts in one message', () => {
  const some = (count: number, name = (index: number) => `Customer number ${index}`) =>
    Array.from({ length: count }, (_, index) =>
      makeAlertView({ id: index + 1, account: { ...makeAlertView().account, name: name(index) } }),
    );

  it('are told in a few lines each, with a menu', () => {
    const alerts = some(2);
    alerts[1] = makeAlertView({ ...alerts[1], state: 'acknowledged', changedBy: 'U01MAYALIND' });
    const message = alertMessage(makeMessageView(alerts, { kind: 'group' }), context);
    const lines = linesOf(message);
    expect(lines.slice(0, 3)).toEqual([
      '2 signals',
      '🔴 *Customer number 0* · Risk: Few logins · since 21 Nov',
      '12.5% of queries failed in 7 days, more than 10%; it was 4.2% before.',
    ]);
    expect(lines.join()).toContain('👀 Acknowledged by <@U01MAYALIND>');
    expect(idsIn(message)).toEqual([ALERT_MENU, ALERT_MENU]);
    const values = JSON.stringify(message.blocks).match(/(?<="value":")[^"]+/g) ?? [];
    expect(values.slice(0, 5).map(readAlertChoice)).toEqual(
      ['acknowledge', 'open', 'snooze', 'useful', 'not-useful'].map((what) => ({ what, alertId: 1, page: null })),
    );
    // Who has taken it up may make a task of it.
    expect(values.slice(5)).toEqual(['open', 'snooze', 'task', 'useful', 'not-useful'].map((what) => `${what} 2`));
  });

  it('fit, when they are twenty, into one message, each with Acknowledge and Open', () => {
    const message = alertMessage(makeMessageView(some(20), { kind: 'digest' }), context);
    expect(linesOf(message)[0]).toBe('Your digest: 20 signals');
    expect(idsIn(message)).toHaveLength(20);
    for (const id of [1, 20])
      for (const what of ['acknowledge', 'open']) expect(JSON.stringify(message.blocks)).toContain(`"${what} ${id}"`);
    expect(sizeOf(message)).toBeLessThan(12_000);
  });

  it('say how many more there are where not all fit', () => {
    const message = alertMessage(makeMessageView(some(100), { kind: 'digest' }), context);
    const shown = idsIn(message).length;
    expect(shown).toBeGreaterThan(19);
    expect(linesOf(message).at(-1)).toBe(`… and ${100 - shown} more signals; \`/cs alerts\` lists the open ones.`);
    expect(checkBlocks(message.blocks, () => true)).toMatchObject({ ok: true });
  });

  it('say which of them are over or elsewhere', () => {
    const alerts = [
      makeAlertView({ id: 1, state: 'resolved', resolution: 'cleared' }),
      makeAlertView({ id: 2, movedTo: { ownerEmail: 'tom@bellwether.example' } }),
    ];
    const message = alertMessage(makeMessageView(alerts, { kind: 'group' }), context);
    expect(linesOf(message)).toContain('*Resolved* after 3 days: it no longer holds.');
    expect(linesOf(message)).toContain('Now with tom@bellwether.example.');
    expect(JSON.stringify(message.blocks)).not.toContain('acknowledge');
    expect(JSON.stringify(message.blocks).match(/(?<="value":")[^"]+/g)).toEqual([
      'useful 1',
      'not-useful 1',
      'open 1',
    ]);
  });

  it('offer both votes or none, however many there are', () => {
    for (const count of [2, 12, 20]) {
      const alerts = some(count).map((alert) => makeAlertView({ ...alert, state: 'resolved', resolution: 'cleared' }));
      const values = JSON.stringify(alertMessage(makeMessageView(alerts, { kind: 'digest' }), context).blocks);
      expect(values.match(/"useful \d+"/g)).toHaveLength(count);
      expect(values.match(/"not-useful \d+"/g)).toHaveLength(count);
    }
  });
});

describe('a notice', () => {
  it('is literal, a paragraph a line', () => {
    const notice = 'Nothing was sent: `few_logins` *12*.\n\nbellwether alerts release 3';
    const { blocks } = alertMessage(makeMessageView([], { kind: 'notice', notice }), context);
    expect(blocks.map((block) => block.type === 'section' && block.text)).toEqual([
      { type: 'plain_text', text: 'Nothing was sent: `few_logins` *12*.', emoji: false },
      { type: 'plain_text', text: 'bellwether alerts release 3', emoji: false },
    ]);
  });
});

describe('every message', () => {
  it('fits into a Slack message and is inert for any names', () => {
    const text = hostileText(400);
    const filled = fc.record({
      name: text,
      id: text,
      other: text,
      email: text,
      count: fc.integer({ min: 1, max: 25 }),
    });
    fc.assert(
      fc.property(filled, ({ name, id, other, email, count }) => {
        const account = { ...makeAlertView().account, name, id: id || 'x', domain: other, csmEmail: email, arr: 1e14 };
        const facts: AlertFact[] = [
          {
            kind: 'top',
            title: other,
            days: 7,
            total: 1e9,
            top: [name, id, null].map((label) => ({ label, count: 1e8 })),
          },
          ...Array.from(
            { length: 3 },
            (): AlertFact => ({
              kind: 'latest',
              title: other,
              days: 7,
              event: {
                at: context.now,
                day: '2026-11-24',
                who: name,
                properties: Array.from({ length: 10 }, () => ({ key: id, value: other })),
              },
            }),
          ),
        ];
        const evidence = makeEvidence({ unit: 'text', value: other, threshold: name, operator: '==' });
        const pack = packOf(
          makeIndicator({
            says: `{value} {subject} {threshold} ${'long '.repeat(80)}`,
            action: other.padEnd(500, 'x'),
            links: Array.from({ length: 5 }, () => ({
              label: other,
              url: 'https://a.example/{account.name}/{account.id}',
            })),
          }),
        );
        const task = { id: 1, title: other, assigneeEmail: email, due: null, done: false };
        const given = { ...context, pack };
        const alert = makeAlertView({ account, facts, evidence, subject: other.slice(0, 100), changedBy: other, task });
        const messages = [
          ...(['active', 'acknowledged', 'snoozed'] as const).map((state) =>
            draw({ ...alert, state }, given, { detour: other }),
          ),
          draw({ ...alert, state: 'resolved', resolution: 'cleared' }, given),
          draw({ ...alert, movedTo: { ownerEmail: email } }, given),
          alertMessage(
            makeMessageView(
              Array.from({ length: count }, () => alert),
              { kind: 'group' },
            ),
            given,
          ),
          alertMessage(makeMessageView([], { kind: 'notice', notice: `${name}\n${other}\nx` }), given),
        ];
        for (const message of messages) {
          expect(checkBlocks(message.blocks, () => true)).toMatchObject({ ok: true });
          expect(JSON.stringify([message.text, linesOf(message)])).not.toMatch(
            /<(?:[!#](?!date)|@(?!U01MAYALIND)|https:\/\/evil)/,
          );
          expect(sizeOf(message)).toBeLessThan(12_000);
        }
      }),
      // Five links with an address as long as one may be; nobody reads what takes minutes to shrink.
      {
        numRuns: 40,
        endOnFailure: true,
        examples: [[{ name: '𐀀'.repeat(38), id: '𐀀'.repeat(12), other: 'x', email: '', count: 1 }]],
      },
    );
  });
});
