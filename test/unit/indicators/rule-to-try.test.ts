import { describe, expect, it } from 'vitest';
import { readRuleToTry } from '../../../src/indicators/rule-to-try.ts';
import { readPlaybook } from '../../../src/playbook/read.ts';

const playbook = await readPlaybook('product-usage');

describe('a rule to try', () => {
  it('is an indicator of the pack by its id, as the pack has it', () => {
    const { id, indicator, computed } = readRuleToTry(playbook, 'query_failure_rate', {});
    const own = playbook.indicators.list.find((each) => each.id === id);
    expect(indicator).toMatchObject({
      id: 'query_failure_rate',
      name: own?.name,
      evaluationsInARow: 1,
      coolDownDays: 0,
    });
    const plain = (rules: typeof indicator.rules) =>
      rules.map(({ text, clears, volume, windowDays }) => [text, clears?.equation, volume?.equation, windowDays]);
    expect(plain(indicator.rules)).toEqual(plain(own?.rules ?? []));
    // Nothing else of the pack is computed.
    expect(computed.map((metric) => metric.id).sort()).toEqual(['queries_7d', 'query_failure_rate_7d']);
  });

  it('has each rule of an indicator that watches several things', () => {
    const { indicator } = readRuleToTry(playbook, 'new_product_used', { minimumVolume: 'users() > 3' });
    expect(indicator.rules).toHaveLength(6);
    expect(new Set(indicator.rules.map(({ volume }) => volume?.equation))).toEqual(new Set(['users() > 3']));
  });

  it('is none that is read of invoices, whose past is not known', () => {
    expect(() => readRuleToTry(playbook, 'upcoming_large_invoice', {})).toThrow(
      'how invoices were on past days is not known, so it cannot be tried.',
    );
    expect(() => readRuleToTry(playbook, 'payment_failed', {})).toThrow(
      `can: \`bellwether indicators try 'metric("payment_failed")'\`.`,
    );
    expect(() => readRuleToTry(playbook, 'metric("invoice_amount") > 5', {})).toThrow(
      'invoice_amount is of an invoice, and only a rule that is read of each has one',
    );
  });

  it('may be changed in part', () => {
    const changes = { clearsWhen: 'metric("query_failure_rate_7d") < 1', inARow: 3, coolDown: 9 };
    const { indicator } = readRuleToTry(playbook, ' query_failure_rate ', changes);
    expect(indicator).toMatchObject({
      evaluationsInARow: 3,
      coolDownDays: 9,
      rules: [{ clears: { equation: changes.clearsWhen }, volume: { equation: 'metric("queries_7d") >= 20' } }],
    });
  });

  it('is an equation that reads metrics of the pack, their past, events and the score', () => {
    const { id, computed } = readRuleToTry(playbook, 'percent_decrease("events_7d", 7) > 20 && users() > 3', {});
    expect(id).toBeNull();
    expect(computed.map((metric) => metric.id)).toEqual([
      'events_7d',
      'rule:tried:0:when',
      'rule:tried:0:term0',
      'rule:tried:0:term1',
    ]);
    expect(readRuleToTry(playbook, 'metric("health_score") < 3', {}).computed).toEqual([]);
  });

  it.each([
    ['query_failure_rat', {}, /has no indicator "query_failure_rat"; did you mean query_failure_rate\?$/],
    ['nothing_of_the_kind', {}, /`bellwether indicators list` shows those there are\.$/],
    ['users( > 3', {}, /^The rule cannot be read: [\s\S]*\n {2}users\( > 3\n/],
    ['users() + 3', {}, /^The rule cannot be read: /],
    ['', {}, /^The rule cannot be read: /],
    ['users() > 3', { clearsWhen: 'users() <' }, /^--clears-when cannot be read: [\s\S]*users\(\) </],
    [
      'query_failure_rate',
      { minimumVolume: 'metric("querys_7d") > 3' },
      /^--minimum-volume cannot be read: [\s\S]*did you mean queries_7d\?/,
    ],
  ])('is refused with the place of its fault: %s', (rule, changes, message) => {
    expect(() => readRuleToTry(playbook, rule, changes)).toThrow(message);
    expect(() => readRuleToTry(playbook, rule, changes)).toThrow(expect.objectContaining({ code: 'user_error' }));
  });
});
