import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countEvents } from '../../../src/db/count-events.ts';
import { readPlaybook } from '../../../src/playbook/read.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { computeMetrics, store, type TestEvent } from './scenario.ts';

const did = (user: string, name: string, ...times: string[]): TestEvent[] => times.map((at) => ({ name, user, at }));
const happened = (name: string, at: string, properties: Record<string, unknown> = {}): TestEvent => {
  return { name, at, properties };
};

const now = new Date('2026-03-31T12:00:00Z');
// So the last 7 days begin on 03-25, 14 on 03-18 (and the 14 before on 03-04), 28 on 03-04,
// 30 on 03-02 (and the 30 before on 01-31), 90 on 01-01.
const events = [
  ...did('ann', 'insight analyzed', '2026-03-05T09:00:00Z', '2026-03-06T09:00:00Z', '2026-03-17T23:59:59Z'),
  ...did('ann', 'insight analyzed', '2026-03-20T09:00:00Z', '2026-03-21T09:00:00Z'),
  ...did('bob', 'insight analyzed', '2026-03-04T00:00:00Z', '2026-03-19T09:00:00Z'),
  ...did('ann', 'dashboard analyzed', '2026-03-10T09:00:00Z'),
  ...did('cem', 'dashboard analyzed', '2026-03-25T09:00:00Z'),
  ...did('ann', 'insight created', '2025-05-05T09:00:00Z'),
  ...did('cem', 'insight created', '2026-03-31T09:00:00Z'),
  ...did('bob', 'recording analyzed', '2025-06-01T09:00:00Z'),
  ...did('dee', 'recording analyzed', '2026-03-07T09:00:00Z', '2026-03-17T23:59:59Z', '2026-03-18T00:00:00Z'),
  ...did('ann', 'experiment viewed', '2026-03-10T09:00:00Z'),
  ...did('dee', 'survey viewed', '2026-03-10T09:00:00Z'),
  ...did('cem', 'survey viewed', '2026-03-11T09:00:00Z'),
  ...did('ann', 'survey viewed', '2026-03-29T09:00:00Z'),
  ...did('bob', 'survey viewed', '2026-03-30T09:00:00Z', '2026-03-31T09:00:00Z'),
  ...did('cem', 'survey created', '2026-03-12T09:00:00Z'),
  ...did('cem', 'feature flag created', '2026-03-01T23:59:59Z'),
  ...did('ann', 'feature flag created', '2026-03-02T00:00:00Z'),
  ...did('ann', 'team member invited', '2025-12-01T09:00:00Z'),
  ...did('bob', 'team member invited', '2026-03-30T09:00:00Z'),
  ...did('ann', 'docs visited', '2026-03-24T23:59:59Z', '2026-03-25T00:00:00Z'),
  ...did('bob', 'docs visited', '2026-03-31T11:00:00Z'),
  ...did('bob', 'query completed', '2026-03-26T09:00:00Z', '2026-03-26T10:00:00Z', '2026-03-26T11:00:00Z'),
  ...did('bob', 'query failed', '2026-03-01T09:00:00Z', '2026-03-26T12:00:00Z'),
  ...did('fred', 'login', '2026-03-10T09:00:00Z'),
  { name: 'nps answered', user: 'bob', at: '2026-03-05T09:00:00Z', properties: { score: 9 } },
  { name: 'csat answered', user: 'ann', at: '2026-03-20T09:00:00Z', properties: { score: '7' } },
  { name: 'csat answered', user: 'ann', at: '2026-03-21T09:00:00Z', properties: { comment: 'fine' } },
  happened('usage reported', '2026-02-15T00:00:00Z', { events: 100, recordings: 10, flag_requests: 0, rows_synced: 0 }),
  happened('usage reported', '2026-03-15T00:00:00Z', {
    ...{ events: '60', recordings: 12, flag_requests: 5 },
    ...{ autocapture_events: 40, identify_events: 4 },
  }),
  happened('usage reported', '2026-03-31T00:00:00Z', { events: 20, recordings: 0, rows_synced: 0 }),
  happened('ticket created', '2025-12-31T23:59:59Z', { priority: 'urgent', type: 'defect' }),
  happened('ticket created', '2026-01-01T00:00:00Z', { priority: 'urgent', type: 'defect' }),
  happened('ticket solved', '2026-01-02T00:00:00Z', { priority: 'urgent' }),
  happened('ticket created', '2026-03-10T09:00:00Z', { priority: 'urgent', type: 'defect' }),
  happened('ticket created', '2026-03-30T09:00:00Z', { priority: 'normal', type: 'question' }),
  happened('ticket solved', '2026-03-30T10:00:00Z', { priority: 'normal' }),
  happened('meeting held', '2026-03-01T09:00:00Z'),
  ...did('ann', 'billing page visited', '2026-03-24T23:59:59Z', '2026-03-25T00:00:00Z'),
  happened('payment succeeded', '2026-03-01T09:00:00Z'),
  happened('payment failed', '2026-03-02T09:00:00Z', { amount: 3416 }),
];

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
  await store(test.db, {
    accounts: [
      {
        mrr: 1000,
        renewal_date: '2026-06-01',
        traits: {
          forecasted_mrr: 1300,
          forecast_error: '20',
          stripe_forecast_error: 5,
          credit_left: 600,
          stripe_credit_left: 9000,
          stripe_credit_burn: 12,
          stripe_card_on_file: false,
          large_invoice_amount: 5000,
          main_sdk: 'web 1.2',
          account_sentiment: 'concerning',
          active_champion: 'true',
          buyer_access: false,
          product_count: 4,
          seats: 10,
          versions_behind: 3,
        },
      },
    ],
    users: [
      { id: 'ann', traits: { role: 'owner' } },
      { id: 'fred', created_at: '2026-03-10T08:00:00Z' },
      // Three who never came.
      ...['gus', 'hal', 'ivy'].map((id) => ({ id, created_at: '2026-03-20T08:00:00Z' })),
    ],
    events,
  });
});
afterAll(() => test.drop());

async function metricsOf(pack: string) {
  const { metrics } = await readPlaybook(pack);
  const request = { accountIds: ['acme'], day: '2026-03-31', now, timeZone: 'UTC' };
  return (await computeMetrics(test.db, metrics, request)).get('acme')?.values;
}

/** Of the part that all packs extend. */
const signals = {
  forecasted_mrr: 1300,
  forecasted_mrr_change: 30, // of 1,000
  forecast_error: 20, // of one's own forecast
  current_mrr: 1000,
  mrr_change_30d: null, // nobody kept it
  large_invoice_amount: 5000,
  credit_left: 600,
  credit_burn: 12,
  credit_days_left: 50, // 600 / 12
  credit_days_before_renewal: 12, // 62 days to 1 June
  credit_days_to_expiry: 62,
  credit_months_to_expiry: 3, // two, and a day
  credit_expiring: 0, // 62 days use more than there is
  card_on_file: false,
  payment_failed: true, // no word of it was paid
  billing_page_visits_7d: 1,
  days_since_last_seen: 0, // bob
  days_since_last_insight: 10, // ann
  queries_7d: 4,
  query_failure_rate_7d: 25, // 1 of 4
  events_7d: 0, // today's report does not count yet
  events_7d_decrease: null, // from nothing to nothing
  autocapture_share_30d: 50, // 40 of 60 + 20
  identify_share_30d: 5,
  group_identify_share_30d: null,
  main_sdk: 'web 1.2',
};

const dataVolume = {
  events_30d_decrease: 20, // 100, then 60 + 20
  recordings_30d_decrease: -20, // 10, then 12
  flag_requests_30d_decrease: 0, // from nothing to something
  rows_synced_30d_decrease: null, // from nothing to nothing
};

describe.each(['read from the events', 'put together from what was counted of them a day'])(
  'each metric, %s,',
  (way) => {
    beforeAll(async () => {
      if (way === 'read from the events') return;
      for (const pack of ['product-usage', 'new-vs-established', 'by-segment']) {
        const { metrics } = await readPlaybook(pack);
        await countEvents(test.db, { metrics, timeZone: 'UTC', now });
      }
      // So that nothing can come from them.
      await test.db.deleteFrom('events').execute();
    });

    it('is what was counted by hand, of the pack product-usage', async () => {
      expect(await metricsOf('product-usage')).toEqual({
        ...signals,
        ...dataVolume,
        active_user_percent: 62.5, // ann, bob, cem, dee and fred of 8
        active_user_percent_decrease: -25, // from bob and cem of 4, 50%
        users_engaging_features: 4, // fred only logged in
        tickets_created_30d: 2,
        urgent_tickets_unresolved: 2, // of 3
        docs_visits_7d: 2,
        days_since_last_meeting: 30,
        days_since_last_ticket: 1,
        product_count: 4,
        // Of four users active in 14 days
        insight_user_percent_14d: 75, // all but dee
        replay_user_percent_14d: 25, // dee
        experiment_user_percent_14d: 0,
        survey_viewer_percent_14d: 50, // ann and bob
        flag_creator_percent_30d: 20, // ann, of five active in 30 days
      });
    });

    it('is what was counted by hand, of the pack new-vs-established', async () => {
      expect(await metricsOf('new-vs-established')).toEqual({
        ...signals,
        ...dataVolume,
        team_members_invited_total: 2,
        insights_total: 2,
        recordings_analyzed_total: 4,
        feature_flags_total: 2,
        surveys_total: 1,
        insights_analyzed_14d_decrease: 20, // from 4 + 1 to 3 + 1
        recordings_analyzed_14d_decrease: 50, // from 2 to 1
        experiments_viewed_14d_decrease: 100, // from 1 to 0
        surveys_viewed_14d_decrease: -50, // from 2 to 3
        nps_score: 7, // the last that has one
        days_since_owner_seen: 2, // ann
      });
    });

    it('is what was counted by hand, of the pack by-segment', async () => {
      expect(await metricsOf('by-segment')).toEqual({
        ...signals,
        account_sentiment: 'concerning',
        versions_behind: 3,
        defect_tickets_90d: 2,
        question_tickets_90d: 1,
        active_champion: true,
        buyer_access: false,
        seat_utilization_percent: 50, // 5 of 10
        // On 9 days ann, on 6 bob, on 4 cem, on 4 dee and on 1 fred, of 28
        dau_mau_ratio_4w: expect.closeTo(24 / 28 / 5, 12),
      });
    });
  },
);
