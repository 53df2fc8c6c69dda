import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { EXPLAIN_HEALTH, SHARE_HEALTH } from '../../blocks/health-card.ts';
import { NEXT_PAGE, OPEN_ACCOUNT, PREVIOUS_PAGE } from '../../blocks/my-accounts.ts';
import { addDays, daysFrom } from '../../src/days.ts';
import { readPlaybook } from '../../src/playbook/read.ts';
import { csTeam, maya, startTestBot, type TestBot, tom, wordsOf } from '../bot.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { insertAccount, insertScore } from '../factories.ts';

const today = '2026-11-21';
const playbook = await readPlaybook('new-vs-established');

let database: TestDatabase;
let bot: TestBot;

beforeAll(async () => {
  database = await createTestDatabase();
  bot = await startTestBot({ db: database.db, playbook, now: () => new Date(`${today}T14:00:00Z`) });
});
afterAll(async () => {
  await bot.close();
  await database.drop();
});
beforeEach(async () => {
  await database.db.deleteFrom('accounts').execute();
  bot.failures.length = 0;
});

type Metrics = Parameters<typeof insertScore>[2]['metrics'];
const score = (account: string, day: string, metrics: Metrics = { nps_score: 9, events_30d_decrease: 30 }) =>
  insertScore(database.db, playbook, { account, day, metrics: metrics ?? {} });

describe('/health <account>', () => {
  test('answers the asker alone with the card: score, changes, facts, model and both buttons', async () => {
    await insertAccount(database.db, {
      id: 'acme',
      name: 'Acme GmbH',
      arr: 120_000,
      csm_email: 'maya@bellwether.example',
      renewal_date: '2026-12-14',
    });
    await score('acme', addDays(today, -30), { events_30d_decrease: 30 });
    await score('acme', addDays(today, -7), { nps_score: 9 });
    await score('acme', today);
    const [card] = await bot.ask(maya, csTeam, '/health acme');
    const lines = wordsOf(card);
    expect(lines[0]).toBe('Acme GmbH · 5.0 / 10 🟡 Concerning');
    expect(lines).toContain('▼ 5.0 in 7 days · ▲ 5.0 in 30 days');
    expect(lines).toContain('ARR *$120,000* · renews *14 Dec 2026* (in 23 days) · CSM maya@bellwether.example');
    expect(lines.join('\n')).toContain('Model *Established customer*');
    expect(JSON.stringify(card?.blocks)).toContain(EXPLAIN_HEALTH);
    expect(JSON.stringify(card?.blocks)).toContain(SHARE_HEALTH);
    expect(bot.slack.ephemerals(csTeam, tom)).toEqual([]);
    expect(bot.failures).toEqual([]);
  });

  test.each([
    ['its id', 'acc_17'],
    ['its id in another case', 'ACC_17'],
    ['its domain', 'acme.com'],
    ['its domain as people paste it', 'https://www.acme.com/login'],
    ['its domain as Slack writes it', '<http://acme.com|acme.com>'],
    ['an alias', 'Wile’s Supplier'],
    ['its name, without accents and case', 'acme societe generale'],
    ['the beginning of its name', 'acm'],
    ['a word inside of it', 'generale'],
    ['quotes around it', '"Acmé Société Générale"'],
    ['its channel', '<#C0CHANNEL17|acme>'],
    ['a letter too many', 'acmee'],
    ['two letters swapped', 'amce'],
    ['a letter missing', 'ace'],
    ['typos in a longer name', 'acme societte genrale'],
  ])('finds an account by %s', async (_how, typed) => {
    await insertAccount(database.db, {
      id: 'acc_17',
      name: 'Acmé Société Générale',
      domain: 'acme.com',
      slack_channel_id: 'C0CHANNEL17',
      aliases: ['wile’s supplier'],
    });
    await insertAccount(database.db, { id: 'acc_99', name: 'Zenith Cruises', domain: 'zenith.example' });
    await score('acc_17', today);
    const [card] = await bot.ask(maya, csTeam, `/health ${typed}`);
    expect(card?.text).toMatch(/^Acmé Société Générale: 5\.0 \/ 10/);
  });

  test('finds an account by the emoji in its name', async () => {
    await insertAccount(database.db, { id: 'z1', name: 'Zoë & Söhne 🍋' });
    await insertAccount(database.db, { id: 'z2', name: 'Zoo 🦁' });
    expect((await bot.ask(maya, csTeam, '/health 🍋'))[0]?.text).toMatch(/^Zoë &amp; Söhne 🍋:/);
    expect((await bot.ask(maya, csTeam, '/health zoe sohne'))[0]?.text).toMatch(/^Zoë &amp; Söhne 🍋:/);
  });

  test('says so when it took a typo to find it, and not otherwise', async () => {
    await insertAccount(database.db, { id: 'a1', name: 'Acme' });
    const note = 'No account is called “acmee”; this is the one nearest to it.';
    expect(wordsOf((await bot.ask(maya, csTeam, '/health acmee'))[0])[0]).toBe(note);
    expect(wordsOf((await bot.ask(maya, csTeam, '/health acm'))[0])[0]).toBe('Acme · ⚪ No score');
  });

  test('prefers an id to a domain, a domain to an alias, and an alias to a name', async () => {
    await insertAccount(database.db, { id: 'by-name', name: 'acme.com' });
    await insertAccount(database.db, { id: 'by-alias', aliases: ['acme.com'] });
    const found = async () => (await bot.ask(maya, csTeam, '/health acme.com'))[0]?.text.split(':')[0];
    expect(await found()).toBe('by-alias');
    await insertAccount(database.db, { id: 'by-domain', domain: 'acme.com' });
    expect(await found()).toBe('by-domain');
    await insertAccount(database.db, { id: 'acme.com', name: 'by-id' });
    expect(await found()).toBe('by-id');
  });

  test('asks which one when two accounts have one name, and puts the card in the place of the question', async () => {
    await insertAccount(database.db, { id: 'a1', name: 'Acme', domain: 'acme.de' });
    await insertAccount(database.db, { id: 'a2', name: 'ACME' });
    await score('a2', today);
    const [question] = await bot.ask(maya, csTeam, '/health acme');
    expect(question?.text).toContain('2 accounts fit “acme”');
    const [card] = await bot.choose(maya, question!, 'pick_account', 'a2');
    expect(card?.ts).toBe(question?.ts);
    expect(wordsOf(card)[0]).toBe('ACME · 5.0 / 10 🟡 Concerning');
    expect(card?.blocks.some((block) => block.type === 'image')).toBe(true);
  });

  test('asks which one when several begin alike, also with ids longer than a menu can carry', async () => {
    const long = 'x'.repeat(255);
    await insertAccount(database.db, { id: `${long.slice(0, 254)}1`, name: 'Acme North' });
    await insertAccount(database.db, { id: 'sha256:1', name: 'Acme South' });
    const [question] = await bot.ask(maya, csTeam, '/health acme');
    const values = JSON.stringify(question?.blocks).match(/(?<="value":")[^"]+/g) ?? [];
    expect(values).toHaveLength(2);
    expect((await bot.choose(maya, question!, 'pick_account', values[0]!))[0]?.text).toMatch(/^Acme North:/);
    const [again] = await bot.ask(maya, csTeam, '/health acme');
    expect((await bot.choose(maya, again!, 'pick_account', values[1]!))[0]?.text).toMatch(/^Acme South:/);
  });

  test('offers the nearest names when nothing fits, or says that there are no accounts', async () => {
    expect((await bot.ask(maya, csTeam, '/health acme'))[0]?.text).toContain('There are no accounts yet');
    for (const name of ['Globex', 'Initech', 'Umbrella']) await insertAccount(database.db, { id: name });
    const [answer] = await bot.ask(maya, csTeam, '/health hooli');
    expect(answer?.text).toContain('I found no account called “hooli”');
    expect(answer?.text).toContain('• Globex');
    expect((await bot.choose(maya, answer!, 'pick_account', 'Globex'))[0]?.text).toMatch(/^Globex:/);
  });

  test('shows an account that was never scored, and one without any data, without a score', async () => {
    await insertAccount(database.db, { id: 'never' });
    await insertAccount(database.db, { id: 'empty' });
    await score('empty', today, {});
    expect(wordsOf((await bot.ask(maya, csTeam, '/health never'))[0]).join()).toContain(
      'No score has been computed yet',
    );
    const lines = wordsOf((await bot.ask(maya, csTeam, '/health empty'))[0]);
    expect(lines[0]).toBe('empty · ⚪ No score');
    expect(lines.join()).toContain('0% of the weight has data');
  });

  test('lets a hostile name neither ping, link, format nor break a block', async () => {
    const name = '<!channel> <@U01TOMOKAFO> <https://x.example|x> *b* `c` :tada:\n& 🍦';
    await insertAccount(database.db, { id: 'evil', name });
    await score('evil', today);
    const [card] = await bot.ask(maya, csTeam, '/health evil');
    expect(card?.text).toContain(
      '&lt;!channel&gt; &lt;@U01TOMOKAFO&gt; &lt;https∶//x.example|x&gt; ∗b∗ ˋcˋ ∶tada: &amp; 🍦',
    );
    const [shared] = await bot.press(maya, card!, SHARE_HEALTH);
    expect(shared?.text).toContain('Shared');
    const pings = bot.slack.journal.flatMap((entry) => ('pings' in entry ? entry.pings : []));
    expect(pings.filter((ping) => ping !== `@${maya}`)).toEqual([]);
  });

  test('shows the score of the newest day that is not in the future', async () => {
    await insertAccount(database.db, { id: 'acme' });
    await score('acme', addDays(today, -2));
    await score('acme', addDays(today, 1), { nps_score: 0 });
    const lines = wordsOf((await bot.ask(maya, csTeam, '/health acme'))[0]);
    expect(lines[0]).toBe('acme · 5.0 / 10 🟡 Concerning');
    expect(lines.join()).toContain('score of 19 Nov 2026');
  });
});

describe('/health <account> why', () => {
  beforeEach(async () => {
    await insertAccount(database.db, { id: 'acme', name: 'Acme' });
    await score('acme', addDays(today, -30), { nps_score: 9, events_30d_decrease: 2 });
    await score('acme', addDays(today, -9), { nps_score: 9 });
    await score('acme', today);
  });

  test.each([
    ['why', 'from 12 Nov 2026 to 21 Nov 2026', 'the nearest day before it, 12 Nov 2026'],
    ['why 30d', 'from 22 Oct 2026 to 21 Nov 2026', null],
    ['why 2026-11-12', 'from 12 Nov 2026 to 21 Nov 2026', null],
    ['why 200d', 'from 22 Oct 2026 to 21 Nov 2026', 'this compares with the first, of 22 Oct 2026'],
  ])('compares for %s', async (words, span, note) => {
    const lines = wordsOf((await bot.ask(maya, csTeam, `/health acme ${words}`))[0]);
    expect(lines).toContain(span);
    if (note) expect(lines.join()).toContain(note);
    else expect(lines.join()).not.toContain('There is no score');
  });

  test('skips days that have no score', async () => {
    await score('acme', addDays(today, -7), {});
    expect(wordsOf((await bot.ask(maya, csTeam, '/health acme why'))[0])).toContain('from 12 Nov 2026 to 21 Nov 2026');
  });

  test('takes the change apart into parts that add up', async () => {
    const lines = wordsOf((await bot.ask(maya, csTeam, '/health acme why 30d'))[0]);
    expect(lines[0]).toBe('*Acme*: 10.00 🟢 Healthy → 5.00 🟡 Concerning  (▼ 5.00)');
    expect(lines).toContainEqual(expect.stringMatching(/^▼ 5\.00 {2}\*[^*]+\*: 2% 🟢 Healthy → 30% 🔴 Poor$/));
    expect(lines).toContain('*▼ 5.00  all together*');
  });

  test('marks the switch from one model to another', async () => {
    const createdAt = new Date('2026-08-20T00:00:00Z');
    for (const day of [addDays(today, -7), today])
      await insertScore(database.db, playbook, { account: 'acme', day, createdAt, metrics: { nps_score: 9 } });
    const lines = wordsOf((await bot.ask(maya, csTeam, '/health acme why'))[0]);
    expect(lines.join('\n')).toContain('model switched from *New customer* to *Established customer*');
  });

  test('is what the button Why answers, beside the card', async () => {
    const [card] = await bot.ask(maya, csTeam, '/health acme');
    const [answer] = await bot.press(maya, card!, EXPLAIN_HEALTH);
    expect(wordsOf(answer)[0]).toContain('*Acme*: 10.00 🟢 Healthy → 5.00 🟡 Concerning');
    expect(bot.slack.ephemerals(csTeam, maya).some(({ ts }) => ts === card?.ts)).toBe(true);
  });

  test('says that there is nothing to compare a first score with', async () => {
    await insertAccount(database.db, { id: 'young' });
    expect((await bot.ask(maya, csTeam, '/health young why'))[0]?.text).toContain('no score has been computed yet');
    await score('young', today);
    expect((await bot.ask(maya, csTeam, '/health young why'))[0]?.text).toContain('is the first');
  });

  test.each(['/health acme why tomorrow', '/health acme why 0d', '/health acme why 2026-11-21'])(
    'explains what %s should have been',
    async (line) => {
      const [answer] = await bot.ask(maya, csTeam, line);
      expect(answer?.text).toMatch(/`7d`|`why /);
      expect(bot.failures).toEqual([]);
    },
  );
});

describe('/health alone', () => {
  const mine = (id: string) => insertAccount(database.db, { id, csm_email: 'maya@bellwether.example' });

  test('lists my accounts, the worst first and those without a score last, with the change', async () => {
    for (const id of ['good', 'bad', 'none']) await mine(id);
    await insertAccount(database.db, { id: 'theirs', csm_email: 'tom@bellwether.example' });
    await score('good', today, { nps_score: 9 });
    await score('bad', today, { nps_score: 3 });
    await score('bad', addDays(today, -7), { nps_score: 7 });
    const [list] = await bot.ask(maya, csTeam, '/health');
    expect(list?.text.split('\n')).toEqual([
      'Your 3 accounts, the worst first',
      'bad: 🔴 0.0 Poor · ▼ 5.0 in 7 days',
      'good: 🟢 10.0 Healthy · no score 7 days ago',
      'none: ⚪ No score',
    ]);
    const [card] = await bot.press(maya, list!, OPEN_ACCOUNT, 'bad');
    expect(wordsOf(card)[0]).toBe('bad · 0.0 / 10 🔴 Poor');
    expect(bot.slack.ephemerals(csTeam, maya).some(({ ts }) => ts === list?.ts)).toBe(true);
  });

  test('turns pages in place', async () => {
    for (let index = 10; index < 42; index++) await mine(`account-${index}`);
    const [first] = await bot.ask(maya, csTeam, '/health');
    expect(first?.text).toContain('Your 32 accounts');
    const [second] = await bot.press(maya, first!, NEXT_PAGE);
    expect(second?.ts).toBe(first?.ts);
    expect(wordsOf(second)).toContain('Page 2 of 3');
    expect(second?.text).toContain('account-25');
    const [third] = await bot.press(maya, second!, NEXT_PAGE);
    expect(third?.text.split('\n')).toHaveLength(3);
    expect(wordsOf((await bot.press(maya, third!, PREVIOUS_PAGE))[0])).toContain('Page 2 of 3');
  });

  test('tells somebody without accounts how they come to have a CSM', async () => {
    expect((await bot.ask(tom, csTeam, '/health'))[0]?.text).toContain('`csm_email` is tom@bellwether.example');
  });

  test('explains itself on /health help', async () => {
    expect((await bot.ask(maya, csTeam, '/health help'))[0]?.text).toContain('/health acme why 30d');
  });
});

describe('the trend picture', () => {
  const uploads = () => bot.slack.journal.filter((entry) => entry.kind === 'file' && entry.state === 'ready').length;

  beforeEach(async () => {
    await insertAccount(database.db, { id: 'acme', name: 'Acme' });
    for (const day of daysFrom(addDays(today, -20), today)) await score('acme', day);
  });

  test('follows the card, is drawn once while the trend is the same, and then comes with the card', async () => {
    const before = uploads();
    const [card, picture] = await bot.ask(maya, csTeam, '/health acme');
    expect(card?.blocks.some((block) => block.type === 'image')).toBe(false);
    const image = picture?.blocks.find((block) => block.type === 'image');
    expect(image).toMatchObject({
      alt_text: expect.stringMatching(/^Health score from 24 Aug 2026 .* now 5\.0, Concerning\./),
    });
    const again = await bot.ask(maya, csTeam, '/health acme');
    expect(again).toHaveLength(1);
    expect(again[0]?.blocks.find((block) => block.type === 'image')).toMatchObject({
      slack_file: (image as { slack_file?: unknown }).slack_file,
    });
    expect(uploads() - before).toBe(1);
    await score('acme', today, { nps_score: 9 });
    expect(await bot.ask(maya, csTeam, '/health acme')).toHaveLength(2);
    expect(uploads() - before).toBe(2);
  });

  test('is kept in one thread of the asker’s direct messages', async () => {
    await insertAccount(database.db, { id: 'globex' });
    await score('globex', today);
    for (const id of ['acme', 'globex']) await bot.ask(tom, csTeam, `/health ${id}`);
    const dm = bot.slack.dm(tom);
    const roots = bot.slack.messages(dm, tom).filter(({ thread_ts, ts }) => thread_ts === null || thread_ts === ts);
    expect(roots).toHaveLength(1);
    const replies = bot.slack.messages(dm, tom, roots[0]?.ts).slice(1);
    expect(replies.flatMap(({ files }) => files.map(({ mimetype }) => mimetype))).toEqual(['image/png', 'image/png']);
  });

  test('leaves the card as it is when it cannot be uploaded', async () => {
    await database.db.deleteFrom('trend_pictures').execute();
    bot.slack.fault({ method: 'files.getUploadURLExternal', kind: 'status', status: 500 });
    const answers = await bot.ask(maya, csTeam, '/health acme');
    expect(wordsOf(answers[0])[0]).toBe('Acme · 5.0 / 10 🟡 Concerning');
    expect(answers.every(({ blocks }) => blocks.every((block) => block.type !== 'image'))).toBe(true);
  });
});
