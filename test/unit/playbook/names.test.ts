import { writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lintPlaybook, readPlaybook } from '../../../src/playbook/read.ts';
import { namesFile, namesRead } from '../../../src/playbook/write-names.ts';
import { makePack } from '../../pack.ts';

const metrics = `metrics:
  - { id: logins, name: Logins, unit: number, equation: 'count("login", 7)' }
  - id: paid
    name: Paid
    unit: number
    equation: sum("paid", "amount", 7)
  - id: urgent
    name: Urgent
    unit: number
    equation: >-
      count(event("ticket", {"priority": ["urgent", "high"]}), 7)
  - { id: owners, name: Owners, unit: number, equation: 'users_with("role", "owner")' }
  - { id: mood, name: Mood, unit: text, equation: trait_text("mood") }
`;
const packWith = (names: string) => makePack({ 'metrics.yml': metrics, 'names.yml': names });

async function found(names: string): Promise<string[]> {
  const { findings } = await lintPlaybook(packWith(names));
  return findings.map(({ file, line, column, severity, code }) => `${file}:${line}:${column} ${severity} ${code}`);
}

async function messages(names: string): Promise<string[]> {
  return (await lintPlaybook(packWith(names))).findings.map(({ message }) => message);
}

describe('names.yml', () => {
  test('maps events, properties, traits and their values, each shorter and longer way to write it', async () => {
    const { metrics: compiled, names } = await readPlaybook(
      packWith(`events:
  login: [Signed In, { event: Viewed Page, where: { name: [Home, 3, true] } }]
  paid: { event: Invoice Paid, properties: { amount: total } }
  ticket: Ticket Opened
properties:
  priority: { name: severity, values: { urgent: P1, high: [P2, 2] } }
user_traits: { role: { values: { owner: Admin } } }
account_traits: { mood: sentiment }
`),
    );
    const leaf = (id: string) => compiled.find((metric) => metric.id === id)?.leaves[0]?.leaf;
    expect(leaf('logins')).toMatchObject({
      events: [
        { name: 'Signed In', properties: [] },
        { name: 'Viewed Page', properties: [{ key: 'name', anyOf: ['Home', 3, true] }] },
      ],
    });
    expect(leaf('paid')).toMatchObject({ events: [{ name: 'Invoice Paid' }], property: 'total' });
    expect(leaf('urgent')).toMatchObject({
      events: [{ name: 'Ticket Opened', properties: [{ key: 'severity', anyOf: ['P1', 'P2', 2] }] }],
    });
    expect(leaf('owners')).toMatchObject({ trait: 'role', anyOf: ['Admin'] });
    expect(names.accountTraits.get('mood')).toEqual({ key: 'sentiment', values: new Map() });
  });

  test('may map an event’s properties alone', async () => {
    const { metrics: compiled } = await readPlaybook(packWith('events: { paid: { properties: { amount: total } } }\n'));
    expect(compiled.find(({ id }) => id === 'paid')?.leaves[0]?.leaf).toMatchObject({
      events: [{ name: 'paid' }],
      property: 'total',
    });
  });

  test('leaves the hash of a model as it is', async () => {
    const before = await readPlaybook(makePack({ 'metrics.yml': metrics }));
    const after = await readPlaybook(packWith('events: { login: Signed In }\n'));
    expect(after.hashes).toEqual(before.hashes);
  });

  test.each<[string, string, string[]]>([
    ['another section', 'event: { login: x }\n', ['names.yml:1:1 error unknown-key']],
    ['a list of sections', '- login\n', ['names.yml:1:1 error invalid-value']],
    ['nothing in it', '', ['names.yml:1:1 error invalid-value']],
    ['events that are a list', 'events: [login]\n', ['names.yml:1:1 error invalid-value']],
    ['a number for an event', 'events: { login: 3 }\n', ['names.yml:1:18 error invalid-value']],
    ['nothing for an event', 'events:\n  login:\n', ['names.yml:2:9 error invalid-value']],
    ['any event for an event', 'events: { login: "*" }\n', ['names.yml:1:18 error invalid-value']],
    ['no event in the list', 'events: { login: [] }\n', ['names.yml:1:11 error invalid-value']],
    ['an empty name', 'events: { login: [Signed In, ""] }\n', ['names.yml:1:30 error invalid-value']],
    ['a name longer than any event', `events: { login: ${'x'.repeat(256)} }\n`, ['names.yml:1:18 error invalid-value']],
    ['a misspelt key', 'events:\n  login:\n    - { evnt: a }\n', ['names.yml:3:9 error unknown-key']],
    [
      'a value that is a mapping',
      'events: { login: { where: { a: { b: c } } } }\n',
      ['names.yml:1:29 error invalid-value'],
    ],
    ['values that are a list', 'properties: { priority: { values: [P1] } }\n', ['names.yml:1:27 error invalid-value']],
    ['a property that is a list', 'properties: { priority: [a, b] }\n', ['names.yml:1:15 error invalid-value']],
    ['a key twice', 'events: { login: a, login: b }\n', ['names.yml:1:21 error duplicate-key']],
    ['no YAML', 'events: { login: a\n', ['names.yml:2:1 error bad-yaml']],
  ])('is refused with its place: %s', async (_, names, findings) => {
    expect(await found(names)).toEqual(findings);
  });

  test.each<[string, string]>([
    ['events: { login: 3 }\n', '"login" must be text, not "3": put it in quotes.'],
    ['events: [login]\n', '"events" must be a mapping of keys to values, not a list.'],
  ])('is refused in words: %j', async (names, message) => {
    expect(await messages(names)).toEqual([message]);
  });

  test('is warned of what no equation reads, with what was probably meant', async () => {
    const names = `events:
  logn: Signed In
  paid: { properties: { amout: total } }
  ticket: [Ticket, { properties: { amount: x } }]
properties:
  priorty: severity
  priority: { values: { urgnt: P1 } }
user_traits: { roll: a }
account_traits: { seats: licenses, mood: { values: { anything: x } } }
`;
    expect(await found(names)).toEqual([
      'names.yml:2:3 warning unknown-name',
      'names.yml:3:25 warning unknown-name',
      'names.yml:4:36 warning unknown-name',
      'names.yml:6:3 warning unknown-name',
      'names.yml:7:25 warning unknown-name',
      'names.yml:8:16 warning unknown-name',
      'names.yml:9:19 warning unknown-name',
    ]);
    expect(await messages(names)).toEqual([
      'No equation reads the event "logn"; did you mean login? Mend its spelling, or remove it.',
      'No equation reads the property "amout" of "paid"; did you mean amount? Mend its spelling, or remove it.',
      'No equation reads the property "amount" of "ticket". Mend its spelling, or remove it.',
      'No equation reads the property "priorty"; did you mean priority? Mend its spelling, or remove it.',
      'No equation reads the value "urgnt" of "priority"; did you mean urgent? Mend its spelling, or remove it.',
      'No equation reads the trait "roll" of a user; did you mean role? Mend its spelling, or remove it.',
      'No equation reads the trait "seats" of an account. Mend its spelling, or remove it.',
    ]);
  });

  test('with __proto__ and constructor for names does no harm', async () => {
    expect(await found('events: { constructor: x }\nproperties: { __proto__: { name: y } }\n')).toEqual([
      'names.yml:1:11 warning unknown-name',
    ]);
    expect(({} as Record<string, unknown>).name).toBe(undefined);
  });
});

test('any names.yml at all is read, or refused with places inside of it', async () => {
  const word = fc.constantFrom(
    'login',
    'paid',
    'priority',
    'role',
    'mood',
    '*',
    '',
    '__proto__',
    'event',
    'name',
    'x\0',
  );
  const key = fc.oneof(
    word,
    fc.constantFrom('where', 'properties', 'values', 'events', 'user_traits', 'account_traits'),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.oneof(word, fc.integer(), fc.boolean(), fc.constant(null), fc.string({ unit: 'binary' })),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(key, tie('value'), { maxKeys: 4 }),
    ),
  }));
  const file = fc.oneof(value, fc.dictionary(key, fc.dictionary(key, value, { maxKeys: 4 }), { maxKeys: 4 }));
  const folder = makePack({ 'metrics.yml': metrics });
  await fc.assert(
    fc.asyncProperty(file, async (written) => {
      const text = JSON.stringify(written, null, 1);
      writeFileSync(path.join(folder, 'names.yml'), text);
      const { playbook, findings } = await lintPlaybook(folder);
      expect(playbook === null).toBe(findings.some(({ severity }) => severity === 'error'));
      for (const { line, column } of findings) {
        expect(text.split('\n')[line - 1]?.length ?? -1).toBeGreaterThanOrEqual(column - 1);
      }
    }),
    { numRuns: 150 },
  );
});

describe('the names that a pack reads', () => {
  test('are listed with their values, events and metrics', async () => {
    const { uses } = await readPlaybook(makePack({ 'metrics.yml': metrics }));
    expect(namesRead(uses)).toEqual({
      events: [
        { name: 'login', values: [], metrics: ['logins'] },
        { name: 'paid', values: [], metrics: ['paid'] },
        { name: 'ticket', values: [], metrics: ['urgent'] },
      ],
      properties: [
        { name: 'amount', values: [], metrics: ['paid'], events: ['paid'] },
        { name: 'priority', values: ['urgent', 'high'], metrics: ['urgent'], events: ['ticket'] },
      ],
      user_traits: [{ name: 'role', values: ['owner'], metrics: ['owners'] }],
      account_traits: [{ name: 'mood', values: [], metrics: ['mood'] }],
    });
  });

  test.each(['product-usage', 'new-vs-established', 'by-segment', 'examples/own-names', 'examples/travel'])(
    'written as a file are a names.yml of %s that changes nothing',
    async (pack) => {
      const before = await readPlaybook(pack);
      const text = namesFile(before);
      const folder = makePack({
        'pack.yml': `name: Same\nextends: ${before.folder}\n`,
        'models/small.yml': null,
        'metrics.yml': null,
        'names.yml': text,
      });
      const { playbook, findings } = await lintPlaybook(folder);
      expect(findings).toEqual([]);
      expect(playbook?.metrics.map(({ id, leaves }) => [id, leaves])).toEqual(
        before.metrics.map(({ id, leaves }) => [id, leaves]),
      );
    },
  );
});
