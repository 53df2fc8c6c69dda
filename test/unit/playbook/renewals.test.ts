import { describe, expect, it } from 'vitest';
import { lintPlaybook, readPlaybook } from '../../../src/playbook/read.ts';
import { makePack } from '../../pack.ts';

const usual = {
  firstMonths: 2,
  firstMonthsQuiet: 3,
  firstMonthsCredit: 3,
  creditEndTraits: ['credit_ends_on', 'stripe_credit_ends_on'],
  quietDays: 30,
  steps: [
    { id: '1 month', lead: { months: 1, days: 0 } },
    { id: '2 weeks', lead: { months: 0, days: 14 } },
    { id: '1 week', lead: { months: 0, days: 7 } },
  ],
  usage: { name: 'Events', unit: 'number', month: 'sum' },
};

describe('renewals.yml', () => {
  it('need not be there', async () => {
    expect((await readPlaybook(makePack())).renewals).toMatchObject(usual);
  });

  it('of the packs that ship says what is usual', async () => {
    for (const pack of ['product-usage', 'new-vs-established', 'by-segment'])
      expect((await readPlaybook(pack)).renewals).toMatchObject(usual);
  });

  it('changes what it names', async () => {
    const pack = makePack({
      'renewals.yml':
        'first_months: 4\nfirst_months_quiet: 6\nquiet_days: 45\nsteps: [2 months, 10 day, 3 days]\nusage_metric: logins\n',
    });
    const { renewals } = await readPlaybook(pack);
    expect(renewals).toMatchObject({
      firstMonths: 4,
      firstMonthsQuiet: 6,
      firstMonthsCredit: 6,
      quietDays: 45,
      steps: [{ id: '2 months' }, { id: '10 days', lead: { months: 0, days: 10 } }, { id: '3 days' }],
      usage: { name: 'Logins', unit: 'number', month: 'mean' },
    });
    expect(renewals.computed.map(({ id }) => id)).toContain('logins');
  });

  it('reads credit by the names that the deployment has for it, which go first', async () => {
    const pack = makePack({
      'renewals.yml': 'first_months_credit: 4\n',
      'names.yml': 'account_traits: { credit_ends_on: prepaid_until }\n',
    });
    expect((await readPlaybook(pack)).renewals).toMatchObject({
      firstMonthsCredit: 4,
      creditEndTraits: ['prepaid_until', 'stripe_credit_ends_on'],
    });
  });

  it.each([
    ['first_months: 0', 'at least 1'],
    ['first_months: two', 'must be a number'],
    ['first_months: 1.5', 'must be a whole number'],
    ['first_months: 5', '"first_months_quiet" must not be less'],
    ['first_months: 3\nfirst_months_credit: 2', '"first_months_credit" must not be less'],
    ['steps: [soon]', 'must be a number and month, week or day'],
    ['steps: [1 week, 2 weeks]', '"2 weeks" must be nearer to the renewal date'],
    ['steps: [1 week, 7 days]', '"7 days" must be nearer to the renewal date'],
    ['steps: [2 months]', '"2 months" must be nearer to the renewal date'],
    ['usage_metric: gone', '"gone" is an unknown metric'],
    ['usage_metric: mood', '"mood" is no number'],
    ['usage_month: most', 'must be sum or mean'],
    ['remind: often', '"remind" is not a known key'],
  ])('with %s is refused', async (text, expected) => {
    const { playbook, findings } = await lintPlaybook(makePack({ 'renewals.yml': `${text}\n` }));
    expect(playbook).toBeNull();
    expect(findings[0]).toMatchObject({ severity: 'error', file: 'renewals.yml' });
    expect(findings.map(({ message }) => message).join()).toContain(expected);
  });
});
