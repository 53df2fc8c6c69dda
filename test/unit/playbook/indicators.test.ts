import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { lintPlaybook, readPlaybook } from '../../../src/playbook/read.ts';
import { makePack } from '../../pack.ts';

/** An indicator without a fault; `changes` replace its lines or add some, `null` leaves one out. */
function written(changes: Record<string, string | null> = {}): string {
  const lines = {
    id: 'few_logins',
    name: 'Few logins',
    kind: 'risk',
    when: 'metric("logins") < 5',
    says: 'Only {value} logins.',
    action: 'Call them.',
    ...changes,
  };
  const kept = Object.entries(lines).filter(([, value]) => value !== null);
  return kept.map(([key, value], place) => `${place === 0 ? '  - ' : '    '}${key}: ${value}\n`).join('');
}

const list = (...indicators: string[]) => `indicators:\n${indicators.join('')}`;
const withFile = (text: string, changes: Parameters<typeof makePack>[0] = {}) =>
  makePack({ 'indicators.yml': text, ...changes });

async function found(folder: string): Promise<string[]> {
  const { findings } = await lintPlaybook(folder);
  return findings.map(({ file, line, column, severity, code }) => `${file}:${line}:${column} ${severity} ${code}`);
}

/** A pack that extends one in ./base, which has two indicators. */
function makeExtended(own: string): string {
  const folder = makePack({
    'pack.yml': 'name: Ours\nextends: ./base\n',
    'metrics.yml': null,
    'models/small.yml': null,
    'indicators.yml': own,
  });
  const base = makePack();
  mkdirSync(path.join(folder, 'base/models'), { recursive: true });
  for (const file of ['pack.yml', 'metrics.yml', 'models/small.yml']) {
    writeFileSync(path.join(folder, 'base', file), readFileSync(path.join(base, file)));
  }
  writeFileSync(
    path.join(folder, 'base/indicators.yml'),
    list(written(), written({ id: 'bad_mood', when: 'metric("mood") == "bad"' })),
  );
  return folder;
}

describe('an indicator', () => {
  test('is read with its rule, and with what holds where nothing is said', async () => {
    const { indicators } = await readPlaybook(withFile(list(written())));
    expect(indicators.list).toMatchObject([
      {
        id: 'few_logins',
        kind: 'risk',
        severity: 'medium',
        rules: [{ subject: '', text: 'metric("logins") < 5', clears: null, volume: null, windowDays: null }],
        task: null,
        links: [],
        facts: [],
        evaluationsInARow: 1,
        coolDownDays: 0,
        segments: [],
        exceptSegments: [],
        churned: false,
      },
    ]);
    expect(indicators.delivery).toEqual({
      quietHours: { from: '19:00', to: '08:00' },
      quietWeekend: true,
      digestAt: '09:00',
      holdAbovePercent: 25,
      holdFromAccounts: 5,
    });
  });

  test('may say all else', async () => {
    const { indicators } = await readPlaybook(
      withFile(
        list(
          written({
            severity: 'high',
            clears_when: 'metric("logins") >= 8',
            minimum_volume: 'users() >= 3',
            window_days: '14',
            task: 'Call them',
            links: '[{ label: Open, url: "https://console.example/{account.id}" }]',
            evaluations_in_a_row: '3',
            cool_down_days: '7',
            segments: '[Enterprise]',
            except_segments: '[trial]',
            churned_accounts: 'true',
          }),
        ),
      ),
    );
    expect(indicators.list[0]).toMatchObject({
      severity: 'high',
      rules: [{ clears: { equation: 'metric("logins") >= 8' }, volume: { equation: 'users() >= 3' }, windowDays: 14 }],
      task: 'Call them',
      links: [{ label: 'Open', url: 'https://console.example/{account.id}' }],
      evaluationsInARow: 3,
      coolDownDays: 7,
      segments: ['Enterprise'],
      exceptSegments: ['trial'],
      churned: true,
    });
  });

  test('with each has a rule for each subject', async () => {
    const each = `
      - { subject: Logins, when: 'count("login", 7) > 3' }
      - { subject: Searches, when: 'count("search", 14) > 3', window_days: 2 }`;
    const { indicators } = await readPlaybook(withFile(list(written({ when: null, each }))));
    expect(indicators.list[0]?.rules.map(({ subject, windowDays }) => [subject, windowDays])).toEqual([
      ['Logins', 7],
      ['Searches', 2],
    ]);
  });

  test('looks back as far as its first figure does, through the metrics that this reads', async () => {
    const metrics = `metrics:
  - { id: logins, name: L, unit: number, equation: 'count("login", 30) - count("login", 7)' }
  - { id: both, name: B, unit: number, equation: 'metric("logins") + count("search", 3)' }
`;
    const rules = ['metric("both") > 3 && count("other", 90) > 1', 'trait("seats") > 3', 'count("login") > 3'];
    const windows = rules.map(async (when) => {
      const pack = withFile(list(written({ when: `'${when}'` })), { 'metrics.yml': metrics });
      return (await readPlaybook(pack)).indicators.list[0]?.rules[0]?.windowDays;
    });
    expect(await Promise.all(windows)).toEqual([30, null, null]);
  });

  test('shows its figures and facts in the names of the deployment', async () => {
    const facts = `
      - top: { title: Who, event: query failed }
      - top: { title: Which, event: [query failed, "*"], by: query, days: 3 }
      - latest: { title: Last, event: query failed, properties: [query, user] }
      - metric: logins`;
    const names = `events:
  query failed:
    - { event: Query Broke, where: { kind: sql }, properties: { query: sql_name } }
    - Report Broke
properties: { user: person }
`;
    const pack = withFile(list(written({ facts })), { 'names.yml': names });
    const { indicators } = await readPlaybook(pack);
    const both = [
      { name: 'Query Broke', where: [{ key: 'kind', anyOf: ['sql'] }] },
      { name: 'Report Broke', where: [] },
    ];
    expect(indicators.list[0]?.facts).toEqual([
      { kind: 'top', title: 'Who', events: both, by: null, days: 7 },
      { kind: 'top', title: 'Which', events: [...both, { name: null, where: [] }], by: 'sql_name', days: 3 },
      { kind: 'latest', title: 'Last', events: both, properties: ['sql_name', 'person'], days: 30 },
      { kind: 'metric', metric: 'logins' },
    ]);
  });

  test('reads names that names.yml may map, so that the linter does not warn of them', async () => {
    const changes = { when: `'trait_flag("paid") && count(event("export", {"format": "pdf"}), 7) > 3'` };
    const names =
      'events: { export: Exported, exprot: Exported }\nproperties: { format: kind }\naccount_traits: { paid: pays }\n';
    expect(await found(withFile(list(written(changes)), { 'names.yml': names }))).toEqual([
      'names.yml:1:29 warning unknown-name',
    ]);
  });

  test('reads the score, which is no metric of the pack', async () => {
    const when = `'metric("health_points_lost_7d") > 1.5 || metric("logins") + metric("health_score") < 3'`;
    const { indicators } = await readPlaybook(withFile(list(written({ when }))));
    expect(indicators.list[0]?.rules[0]?.when).toMatchObject({ isPlain: true });
    // What is plain is not computed; the metric that it reads is.
    expect(indicators.computed.map(({ id }) => id)).toEqual(['logins']);
  });
});

describe('an indicator that is read of each invoice', () => {
  const ofInvoices = {
    when: `'metric("invoice_amount") > 1000 && coalesce(metric("invoice_usual"), 0) > metric("logins")'`,
    for_each: 'invoice',
    says: "'{subject}: {invoice_amount}, {invoice_usual}'",
  };

  test('knows what is of the invoice, in its units, and the metrics of the day', async () => {
    const { indicators } = await readPlaybook(withFile(list(written(ofInvoices))));
    expect(indicators.list[0]?.rules).toMatchObject([
      {
        forEach: 'invoice',
        subject: '',
        saidUnits: { invoice_amount: 'money', invoice_usual: 'money' },
        terms: [{ metric: 'invoice_amount', unit: 'money' }, { threshold: true }],
      },
    ]);
    expect(indicators.computed.map(({ id }) => id)).toEqual(['logins']);
  });

  test('may have another rule, sentence and facts for accounts without invoices', async () => {
    const without_invoices = `{ when: 'metric("logins") < 5', says: "{logins} logins", facts: [{ metric: logins }] }`;
    const facts = '[{ invoice: usual }, { invoice: lines }]';
    const { indicators } = await readPlaybook(withFile(list(written({ ...ofInvoices, without_invoices, facts }))));
    expect(indicators.list[0]).toMatchObject({
      facts: [
        { kind: 'invoice', what: 'usual' },
        { kind: 'invoice', what: 'lines' },
      ],
      rules: [
        { forEach: 'invoice', says: null, facts: [] },
        { forEach: null, says: '{logins} logins', facts: [{ kind: 'metric', metric: 'logins' }] },
      ],
    });
  });

  test.each<[string, Record<string, string | null>, string]>([
    [
      'what is of an invoice, read of an account',
      { when: 'metric("invoice_amount") > 5' },
      'invoice_amount is of an invoice, and only a rule that is read of each has one: write "for_each: invoice" in its indicator',
    ],
    [
      'the past of an invoice',
      { for_each: 'invoice', when: 'metric("invoice_amount", 7) > 5' },
      'the past of invoice_amount cannot be read: an invoice is known as it is now',
    ],
    [
      'events beside an invoice',
      { for_each: 'invoice', when: `'metric("invoice_amount") > 5 && count("login") > 5'` },
      'beside invoice_amount a rule reads nothing but metrics of the day',
    ],
    [
      'each and for_each',
      { for_each: 'invoice', when: null, each: `[{ subject: A, when: 'metric("logins") < 5' }]` },
      'cannot be there beside "each"',
    ],
    ['something else than an invoice', { for_each: 'ticket' }, 'must be invoice'],
    [
      'a rule for accounts without invoices where there is none of invoices',
      { without_invoices: `{ when: 'metric("logins") < 5' }` },
      'is for indicators with "for_each: invoice"',
    ],
    [
      'a rule for accounts without invoices that reads one',
      { ...ofInvoices, without_invoices: `{ when: 'metric("invoice_amount") < 5', says: Few }` },
      'invoice_amount is of an invoice',
    ],
    [
      'a sentence of an invoice for accounts without',
      { ...ofInvoices, without_invoices: `{ when: 'metric("logins") < 5' }` },
      '{invoice_amount} is of an invoice: write a sentence without it under "without_invoices"',
    ],
    ['a sentence of an invoice for an account', { says: "'{invoice_amount}'" }, '{invoice_amount} is of an invoice'],
    ['an invoice as a fact of an account', { facts: '[{ invoice: usual }]' }, 'There is no invoice to tell of'],
    ['a date that is none', { facts: '[{ metric: logins, as: date }]' }, '"logins" is not in days'],
  ])('is refused with %s', async (_, changes, message) => {
    const { findings } = await lintPlaybook(withFile(list(written(changes))));
    expect(findings.map((finding) => finding.message).join('\n')).toContain(message);
    expect(findings.every(({ severity }) => severity === 'error')).toBe(true);
  });

  test('is not read by metrics, which may not be called so either', async () => {
    const metrics = `metrics:
  - { id: logins, name: Logins, unit: number }
  - { id: mood, name: Mood, unit: text }
  - { id: champion, name: Champion, unit: boolean }
  - { id: drop, name: Drop, unit: percent, equation: 'metric("invoice_amount") * 2' }
  - { id: invoice_risk, name: Risk, unit: text }
`;
    const { findings } = await lintPlaybook(makePack({ 'metrics.yml': metrics }));
    const messages = findings.map(({ message }) => message).join('\n');
    expect(messages).toContain('invoice_amount is of an invoice, and only a rule that is read of each has one');
    expect(messages).toContain('"invoice_risk" is what rules call something of an invoice: call the metric otherwise.');
  });
});

describe('a pack that extends another', () => {
  test('has its indicators and adds, replaces and leaves out some', async () => {
    const own = `without: [bad_mood]\n${list(written({ severity: 'low' }), written({ id: 'own' }))}`;
    const { indicators } = await readPlaybook(makeExtended(own));
    expect(indicators.list.map(({ id, severity }) => [id, severity])).toEqual([
      ['few_logins', 'low'],
      ['own', 'medium'],
    ]);
    expect((await readPlaybook(makeExtended('{}'))).indicators.list.map(({ id }) => id)).toEqual([
      'few_logins',
      'bad_mood',
    ]);
  });

  test('may leave out one and have another of its id', async () => {
    const { indicators } = await readPlaybook(
      makeExtended(`without: [few_logins]\n${list(written({ kind: 'opportunity' }))}`),
    );
    expect(indicators.list.map(({ id, kind }) => [id, kind])).toEqual([
      ['bad_mood', 'risk'],
      ['few_logins', 'opportunity'],
    ]);
  });

  test('cannot leave out what there is not', async () => {
    expect(await found(makeExtended('without: [bad_mood, god_mood]\n'))).toEqual([
      'indicators.yml:1:21 error unknown-indicator',
    ]);
  });

  test('says how messages are delivered as far as it likes', async () => {
    const own = 'delivery: { quiet_hours: none, digest_at: "07:30", hold_above_percent: 40 }\n';
    const { indicators } = await readPlaybook(makeExtended(own));
    expect(indicators.delivery).toEqual({
      quietHours: null,
      quietWeekend: true,
      digestAt: '07:30',
      holdAbovePercent: 40,
      holdFromAccounts: 5,
    });
  });

  test('is a part, it needs no models; the packs that ship extend one', async () => {
    for (const pack of ['product-usage', 'new-vs-established', 'by-segment']) {
      const { indicators } = await readPlaybook(pack);
      const alike = (await readPlaybook('product-usage')).indicators.list;
      expect(indicators.list.map(({ id }) => id)).toEqual(alike.map(({ id }) => id));
    }
  });
});

describe('the linter finds, with its place,', () => {
  const line = (text: string) => `    ${text}\n`;
  test.each<[string, string, string[]]>([
    [
      'a fault in a rule',
      list(written({ when: 'metric("logins") < "5"' })),
      ['indicators.yml:5:30 error bad-equation'],
    ],
    [
      'a rule that is no condition',
      list(written({ when: 'metric("logins") + 1' })),
      ['indicators.yml:5:11 error bad-equation'],
    ],
    [
      'an unknown metric in a rule',
      list(written({ when: 'metric("logns") < 5' })),
      ['indicators.yml:5:18 error bad-equation'],
    ],
    [
      'a fault in the end',
      list(written({ clears_when: 'metric("logins") >' })),
      ['indicators.yml:8:35 error bad-equation'],
    ],
    [
      'a fault in the volume',
      list(written({ minimum_volume: 'users( >= 3' })),
      ['indicators.yml:8:28 error bad-equation'],
    ],
    [
      'a fault in one of several rules',
      list(written({ when: null, each: '\n      - { subject: A, when: nonsense(1) > 3 }' })),
      ['indicators.yml:8:29 error bad-equation'],
    ],
    [
      'the past of the score',
      list(written({ when: 'metric("health_score", 7) < 3' })),
      ['indicators.yml:5:11 error bad-equation'],
    ],
    [
      'the score beside events',
      list(written({ when: `'metric("health_score") < 3 && users() > 3'` })),
      ['indicators.yml:5:12 error bad-equation'],
    ],
    [
      'a rule and several',
      list(written({ each: '[{ subject: A, when: users() > 3 }]' })),
      ['indicators.yml:5:11 error invalid-value'],
    ],
    ['no rule', list(written({ when: null })), ['indicators.yml:2:5 error missing-key']],
    [
      'one of several without a rule',
      list(written({ when: null, each: '[{ subject: A }]' })),
      ['indicators.yml:7:12 error missing-key'],
    ],
    [
      'a subject twice',
      list(
        written({
          when: null,
          each: '\n      - { subject: A, when: users() > 3 }\n      - { subject: A, when: users() > 4 }',
        }),
      ),
      ['indicators.yml:9:20 error duplicate-id'],
    ],
    ['an id twice', list(written(), written()), ['indicators.yml:8:9 error duplicate-id']],
    ['an id that is none', list(written({ id: 'Few-Logins' })), ['indicators.yml:2:9 error invalid-value']],
    ['a kind that is none', list(written({ kind: 'danger' })), ['indicators.yml:4:11 error invalid-value']],
    ['a missing key', list(written({ action: null })), ['indicators.yml:2:5 error missing-key']],
    ['an unknown key', list(written() + line('when_not: users() > 3')), ['indicators.yml:8:5 error unknown-key']],
    [
      'a word in braces that stands for nothing',
      list(written({ says: 'Only {values}.' })),
      ['indicators.yml:6:11 error unknown-placeholder'],
    ],
    [
      'a fact of an unknown metric',
      list(written({ facts: '[{ metric: logns }]' })),
      ['indicators.yml:8:23 error unknown-metric'],
    ],
    ['a fact that is none', list(written({ facts: '[{ best: 3 }]' })), ['indicators.yml:8:13 error invalid-value']],
    [
      'a link to anywhere',
      list(written({ links: '[{ label: Open, url: "https://{account.domain}/" }]' })),
      ['indicators.yml:8:33 error invalid-value'],
    ],
    [
      'a link that is a script',
      list(written({ links: '[{ label: Open, url: "javascript:alert(1)" }]' })),
      ['indicators.yml:8:33 error invalid-value'],
    ],
    ['a time without quotes', 'delivery: { digest_at: 9 }\n', ['indicators.yml:1:24 error invalid-value']],
    [
      'a share of more than all',
      'delivery: { hold_above_percent: 101 }\n',
      ['indicators.yml:1:33 error invalid-value'],
    ],
  ])('%s', async (_, text, findings) => {
    expect(await found(withFile(text))).toEqual(findings);
  });

  test('a metric that is called as the score is', async () => {
    const metrics =
      'metrics:\n  - { id: health_score, name: S, unit: number }\n  - { id: logins, name: L, unit: number }\n';
    expect(await found(makePack({ 'metrics.yml': metrics }))).toEqual(['metrics.yml:2:11 error reserved-id']);
  });

  test('the excerpt of a faulty rule, with the indicator', async () => {
    const { findings } = await lintPlaybook(withFile(list(written({ when: 'metric("logns") < 5' }))));
    expect(findings[0]?.message).toMatch(
      /^few_logins: .*"logns".*did you mean logins\?\n {2}metric\("logns"\) < 5\n {9}\^{7}$/,
    );
  });

  test('nothing odd in the examples', async () => {
    for (const pack of ['examples/own-names', 'examples/travel', 'examples/retail'])
      expect(await found(pack)).toEqual([]);
  });
});
