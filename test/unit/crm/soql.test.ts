import { describe, expect, it } from 'vitest';
import { accountQuery, conditionFault, renewalQuery } from '../../../src/crm/soql.ts';
import { salesforceMapping } from '../../crm.ts';

describe('the queries of a mapping', () => {
  it('ask for each field once, and have the conditions in brackets', () => {
    const mapping = salesforceMapping({
      where: "Type = 'Customer' OR Type = 'Partner'",
      traits: { kind: 'name', id: 'ID' },
    });
    expect(accountQuery(mapping)).toBe(
      "SELECT ID, name, External_Id__c, Website, Owner.Email, Annual_Recurring__c FROM Account WHERE (Type = 'Customer' OR Type = 'Partner')",
    );
    expect(renewalQuery(mapping)).toBe(
      "SELECT Id, AccountId, CloseDate, Amount FROM Opportunity WHERE (Type = 'Renewal' AND IsClosed = false) AND AccountId != null AND CloseDate != null",
    );
  });

  it('ask the account for the date where that is a field of it', () => {
    const mapping = salesforceMapping({
      renewal: { kind: 'field', field: 'Renewal_Date__c' },
      traits: {},
      owner: null,
    });
    expect(accountQuery(mapping)).toContain('Renewal_Date__c FROM Account');
    expect(renewalQuery(mapping)).toBeNull();
  });
});

describe('a condition', () => {
  it.each([
    "Type = 'Renewal' AND IsClosed = false",
    "(Type = 'Renewal' OR Name LIKE '%renewal%') AND CloseDate >= LAST_N_DAYS:365",
    "Name = 'It\\'s; a (test -- order by'",
    'CreatedDate > 2026-01-01T00:00:00Z',
    "Id IN (SELECT AccountId FROM Opportunity WHERE StageName = 'Open')",
    "Renewal_Type__c NOT IN ('A', 'B') AND Amount > -1.5",
  ])('may be %s', (text) => {
    expect(conditionFault(text)).toBeNull();
  });

  it.each([
    ['', 'is empty'],
    ["Type = 'Renewal", 'does not end'],
    ["Type = 'a') OR (Name = 'b'", 'closes a bracket'],
    ["(Type = 'a'", 'opens a bracket'],
    ["Type = 'a' ORDER BY Name", 'without ORDER'],
    ['IsClosed = false LIMIT 1', 'without LIMIT'],
    ['IsClosed = false FOR UPDATE', 'without FOR'],
    ["Type = 'a'; DELETE", 'must not have ;'],
    ['Type = :type', 'must not have :'],
    ['Type = "a"', 'must not have "'],
    ["Type = 'a' -- all", 'comments'],
    ["Type = 'a' /* all", 'must not have /'],
  ])('may not be %s', (text, expected) => {
    expect(conditionFault(text)).toContain(expected);
  });
});
