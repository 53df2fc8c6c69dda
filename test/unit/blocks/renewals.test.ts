import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RENEWED, readRenewalPlace, renewalMessage, writeRenewalPlace } from '../../../blocks/renewal-card.ts';
import { readRenewalsPlace, renewalList, writeRenewalsPlace } from '../../../blocks/renewal-list.ts';
import type { BlockMessage } from '../../../blocks/text.ts';
import { checkBlocks } from '../../../simulator/blocks.ts';
import type { ListedRenewal } from '../../../src/db/renewal-list.ts';
import type { RenewalBrief } from '../../../src/renewals/read-brief.ts';
import { usageMonths } from '../../../src/renewals/usage.ts';
import { hostileText } from '../../hostile.ts';
import { createTestPlaybook } from '../../playbook.ts';

const pack = createTestPlaybook();
const today = '2027-06-30';
const context = { pack, today };

function makeBrief(overrides: Partial<RenewalBrief> = {}): RenewalBrief {
  return {
    message: { id: 1, ownerEmail: 'maya@bellwether.example', detour: null, isPosted: false, newer: null },
    renewal: {
      id: 12,
      date: '2027-08-31',
      state: 'open',
      changedAt: new Date('2027-06-30T10:00:00Z'),
      changedBy: null,
      note: null,
      nextDate: null,
    },
    account: {
      id: 'acme',
      name: 'Acme',
      csmEmail: 'maya@bellwether.example',
      arr: 120_000,
      currency: 'USD',
      slackChannelId: null,
      renewedBefore: null,
    },
    health: null,
    alerts: { total: 0, list: [] },
    openTickets: 0,
    invoices: null,
    task: { assigneeEmail: 'maya@bellwether.example', due: '2027-08-31', doneBy: null, isDone: false },
    otherTasks: 0,
    isQuiet: false,
    hasChampion: null,
    use: { months: usageMonths(today).map(({ month }) => ({ month, value: 1 })), projection: null },
    credit: { left: null, burn: null, endsOn: null, expiring: null, expiresOn: null, hasCard: null },
    earlyOn: null,
    ...overrides,
  };
}

const projection = {
  method: 'trend' as const,
  error: 0.12,
  atRenewal: 123_456_789,
  yearOn: 123_456_789,
  nextYear: 1_234_567_890,
};
const richCredit = {
  left: 123_456.78,
  burn: 1_234.5,
  endsOn: '2027-10-08',
  expiring: 12_345.67,
  expiresOn: '2027-08-31',
  hasCard: false,
};
const invoice = {
  label: 'INV-7',
  remaining: 1200,
  currency: 'EUR',
  due: '2027-06-03',
  hasFailed: true,
  risk: 'at_risk' as const,
  riskNote: 'new owner',
};
/** What its sections say, line by line. */
const linesIn = (brief: Partial<RenewalBrief>) =>
  renewalMessage(makeBrief(brief), context).blocks.flatMap((block) =>
    block.type === 'section' ? (block.text?.text ?? '').split('\n') : [],
  );

const sizeOf = ({ text, blocks }: BlockMessage) => Buffer.byteLength(text) + Buffer.byteLength(JSON.stringify(blocks));
const inert = (message: BlockMessage) => {
  // What a button carries nobody reads.
  const all = JSON.stringify(message, (key, value: unknown) => (key === 'value' ? undefined : value));
  expect(all).not.toMatch(/<!channel>|<!subteam|<https?:|<@U01MAYALIND>|<#C1>/);
  expect(checkBlocks(message.blocks, () => true)).toMatchObject({ ok: true });
  expect(sizeOf(message)).toBeLessThan(12_000);
};

describe('the message about a renewal', () => {
  it('tells who has done what when it has ended', () => {
    const renewal = { ...makeBrief().renewal, changedBy: 'U01TOMOKAFO', nextDate: '2028-08-31', note: 'for two years' };
    const said = (state: RenewalBrief['renewal']['state']) =>
      JSON.stringify(renewalMessage(makeBrief({ renewal: { ...renewal, state }, use: null }), context).blocks);
    expect(said('renewed')).toContain('*Renewed* by <@U01TOMOKAFO>');
    expect(said('renewed')).toContain('for two years');
    expect(said('lost')).toContain('*Lost*');
    expect(said('moved')).toContain('The renewal date was 31 Aug 2027 and is now 31 Aug 2028');
    expect(said('churned')).toContain('has churned');
    for (const state of ['renewed', 'lost', 'moved', 'churned'] as const)
      expect(said(state)).not.toContain('"actions"');
  });

  it('asks before it is renewed, with the account and the new date', () => {
    const [elements] = renewalMessage(makeBrief(), context).blocks.flatMap((block) =>
      block.type === 'actions' ? [block.elements] : [],
    );
    expect(elements?.[0]).toMatchObject({
      action_id: RENEWED,
      confirm: { text: { text: 'Acme: the renewal date becomes 31 Aug 2028, a year after 31 Aug 2027.' } },
    });
  });

  it('calls it an early renewal where the credit ends first, and says whether a card is on file, once', () => {
    const credit = { ...richCredit, left: 4000, burn: 200, endsOn: '2027-07-20', expiring: null, expiresOn: null };
    const said = linesIn({ credit, earlyOn: '2027-07-20' });
    expect(said[1]).toBe(
      '⚠️ *Early renewal*: the credit runs out 20 Jul 2027 (in 20 days), before that date · card on file: *no*',
    );
    expect(said).toContain('Credit left: *$4,000* · used: $200 a day · a year at that needs *$73,000*');
    expect(said.join().match(/card on file/g)).toHaveLength(1);
    const over = { ...credit, left: 0, hasCard: null };
    expect(linesIn({ credit: over, earlyOn: '2027-06-01' })[1]).toContain(
      'the credit ran out 1 Jun 2027 (29 days ago), before that date · card on file: no data',
    );
    expect(renewalMessage(makeBrief({ credit, earlyOn: '2027-07-20' }), context).text).toBe(
      'Acme: the credit runs out 20 Jul 2027 (in 20 days), renews 31 Aug 2027 (in 62 days), $120,000',
    );
  });

  it('says when the credit runs out, also where that is after the renewal date', () => {
    const credit = { ...richCredit, left: 20_000, burn: 200, expiring: null, expiresOn: null };
    expect(linesIn({ credit })).toContain(
      'Credit left: *$20,000* · used: $200 a day · runs out 8 Oct 2027 (in 100 days) · a year at that needs *$73,000*',
    );
    expect(linesIn({ credit: { ...credit, endsOn: '2027-06-01' } }).join()).not.toContain('runs out');
  });

  it('says how much would expire, and which invoices are open with their risk', () => {
    const said = linesIn({
      credit: { left: 4000, burn: 1.5, endsOn: null, expiring: 2500, expiresOn: '2027-08-31', hasCard: true },
      invoices: { total: 3, list: [invoice, { ...invoice, label: 'INV-8', due: null, hasFailed: false, risk: null }] },
    });
    for (const line of [
      'Credit left: *$4,000* · used: $1.50 a day · a year at that needs *$548*',
      '⚠️ *$2,500* of the credit would expire unused 31 Aug 2027 (in 62 days)',
      'Open invoices: INV-7 *€1,200*, due 3 Jun 2027 (27 days ago), payment failed, ⚠️ at risk (new owner); INV-8 *€1,200*; and 1 more · card on file: yes',
    ])
      expect(said).toContain(line);
    expect(linesIn({ invoices: { total: 0, list: [] } })).toContain('Open invoices: none');
  });

  it('says nothing of credit and invoices where nothing is known of them', () => {
    expect(linesIn({}).join()).not.toMatch(/credit|invoice|card/i);
    expect(linesIn({ credit: null }).join()).not.toMatch(/credit|invoice|card/i);
  });

  it('stays whole, inert and small whatever names say', () => {
    const text = hostileText(500);
    fc.assert(
      fc.property(
        text,
        text,
        text,
        hostileText(1000),
        fc.constantFrom('open', 'renewed', 'moved', 'past'),
        (a, b, c, note, state) => {
          const brief = makeBrief();
          inert(
            renewalMessage(
              {
                ...brief,
                message: {
                  ...brief.message,
                  detour: a,
                  ownerEmail: `${b}@x`,
                  newer: state === 'past' ? { ownerEmail: c } : null,
                },
                renewal: { ...brief.renewal, state, note, changedBy: a },
                account: { ...brief.account, id: a || 'x', name: b, renewedBefore: { date: '2026-08-31', note } },
                alerts: {
                  total: 90,
                  list: Array.from({ length: 4 }, () => ({ indicator: c, subject: a, kind: 'risk' as const })),
                },
                task: { assigneeEmail: c, due: today, doneBy: a, isDone: state === 'past' },
                isQuiet: true,
                hasChampion: false,
                health: {
                  day: today,
                  model: c,
                  score: 4.5,
                  band: 'concerning',
                  before: { score: 2.25, model: a },
                },
                openTickets: 1234,
                otherTasks: 1234,
                use: state === 'open' ? { ...brief.use!, projection } : null,
                credit: state === 'open' ? richCredit : null,
                earlyOn: state === 'open' ? '2027-07-20' : null,
                invoices: {
                  total: 90,
                  list: [a, b, c].map((label) => ({
                    label,
                    remaining: 1_234_567.89,
                    currency: 'CHF',
                    due: '2027-06-20',
                    hasFailed: true,
                    risk: 'unlikely' as const,
                    riskNote: note,
                  })),
                },
              },
              {
                ...context,
                pack: { ...pack, renewals: { ...pack.renewals, usage: { ...pack.renewals.usage, name: c || 'x' } } },
              },
            ),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it('reads the places that it writes, and no others', () => {
    expect(readRenewalPlace(writeRenewalPlace(12))).toBe(12);
    expect(readRenewalPlace('12')).toBe(12);
    for (const wrong of ['', 'renewal', 'renewal x', '-1', '1 2', '9'.repeat(16)])
      expect(readRenewalPlace(wrong)).toBeNull();
    const place = { list: 'all' as const, months: 4, page: 2 };
    expect(readRenewalsPlace(writeRenewalsPlace(place))).toEqual(place);
    expect(readRenewalsPlace('renewals some 4 2')).toBeNull();
  });
});

describe('the list of renewals', () => {
  it('stays whole, inert and small whatever names say', () => {
    const text = hostileText(500);
    fc.assert(
      fc.property(text, text, (name, id) => {
        const one: ListedRenewal = {
          accountId: (id || 'x').slice(0, 255),
          name,
          csmEmail: `${name}@x`,
          arr: 1,
          currency: 'USD',
          date: today,
          earlyOn: '2027-06-20',
          state: 'open',
          model: 'simple',
          score: 5,
          band: 'concerning',
          task: { assigneeEmail: `${id}@x`, isDone: false },
        };
        const renewals = Array.from({ length: 12 }, () => one);
        const arr = [{ currency: 'USD', sum: 12 }];
        inert(renewalList({ renewals, total: 90, arr, withoutArr: 3 }, { list: 'all', months: 4, page: 2 }, context));
      }),
      { numRuns: 200 },
    );
  });
});
