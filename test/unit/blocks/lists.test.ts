import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountPicker, noAccount } from '../../../blocks/account-picker.ts';
import { healthHelp } from '../../../blocks/health-help.ts';
import { myAccounts, NEXT_PAGE, noAccountsOfMine, OPEN_ACCOUNT, PREVIOUS_PAGE } from '../../../blocks/my-accounts.ts';
import { checkBlocks } from '../../../simulator/blocks.ts';
import type { MyAccount } from '../../../src/db/my-accounts.ts';
import { hostileText } from '../../hostile.ts';
import { createTestPlaybook } from '../../playbook.ts';

const pack = createTestPlaybook();
const today = '2026-11-21';

function mine(overrides: Partial<MyAccount> = {}): MyAccount {
  const plainOne = { id: 'acme', name: 'Acme', arr: null, currency: 'USD', renewalDate: null };
  return { ...plainOne, model: 'simple', score: 5, band: 'concerning', weekBefore: 5.6, ...overrides };
}

const idsIn = (blocks: unknown) => JSON.stringify(blocks).match(/(?<="action_id":")[^"]+/g) ?? [];

describe('myAccounts', () => {
  it('shows each account with score, band, change and renewal, and a button to open it', () => {
    const accounts = [
      mine({ arr: 1200, renewalDate: '2026-12-01' }),
      mine({ id: 'b', name: 'B', score: null, band: null }),
    ];
    const { text, blocks } = myAccounts({ accounts, total: 2 }, { pack, page: 1, today });
    expect(text.split('\n')).toEqual([
      'Your 2 accounts, the worst first',
      'Acme: 🟡 5.0 Concerning · ▼ 0.6 in 7 days',
      'B: ⚪ No score',
    ]);
    expect(blocks[1]).toMatchObject({
      text: { text: '*Acme*  🟡 5.0 Concerning · ▼ 0.6 in 7 days\nARR $1,200 · renews 1 Dec 2026 (in 10 days)' },
      accessory: { action_id: OPEN_ACCOUNT, value: 'acme' },
    });
    expect(idsIn(blocks)).toEqual([OPEN_ACCOUNT, OPEN_ACCOUNT]);
  });

  it('turns pages where there are more', () => {
    const page = (number: number) =>
      idsIn(myAccounts({ accounts: [mine()], total: 31 }, { pack, page: number, today }).blocks);
    expect(page(1)).toEqual([OPEN_ACCOUNT, NEXT_PAGE]);
    expect(page(2)).toEqual([OPEN_ACCOUNT, PREVIOUS_PAGE, NEXT_PAGE]);
    expect(page(3)).toEqual([OPEN_ACCOUNT, PREVIOUS_PAGE]);
  });

  it('tells how accounts come to have a CSM, or that the address is missing', () => {
    expect(noAccountsOfMine('maya@bellwether.example').text).toContain('`csm_email` is maya@bellwether.example');
    expect(noAccountsOfMine(null).text).toContain('users:read.email');
  });
});

describe('accountPicker and noAccount', () => {
  const choice = (id: string, name: string, domain: string | null = null) => ({ reference: id, id, name, domain });

  it('tells namesakes apart by domain and id', () => {
    const { blocks } = accountPicker(
      'acme',
      [choice('a1', 'Acme', 'acme.de'), choice('a2', 'acme'), choice('b', 'Acme B')],
      3,
    );
    expect(blocks[1]).toMatchObject({
      elements: [
        {
          options: [
            { text: { text: 'Acme' }, value: 'a1', description: { text: 'acme.de, a1' } },
            { text: { text: 'acme' }, value: 'a2', description: { text: 'a2' } },
            { text: { text: 'Acme B' }, value: 'b' },
          ],
        },
      ],
    });
  });

  it('shows a hundred of them and says how many there are', () => {
    const many = Array.from({ length: 130 }, (_, index) => choice(`a${index}`, `Acme ${index}`));
    const { text, blocks } = accountPicker('acme', many, 4000);
    expect(text).toContain('4000 accounts fit');
    expect(text).toContain('the first 100 of 4000');
    expect(checkBlocks(blocks, () => true)).toMatchObject({ ok: true });
  });

  it('names the nearest, or says that there are no accounts yet', () => {
    const { text, blocks } = noAccount('zzz', [choice('acme', 'Acme')]);
    expect(text).toContain('• Acme');
    expect(blocks[0]).toMatchObject({ text: { text } });
    expect(noAccount('zzz', []).text).toContain('There are no accounts yet');
  });
});

describe('every list', () => {
  it('fits into a Slack message and is inert for any names', () => {
    const account = fc.record({ name: hostileText(300), id: hostileText(255), domain: fc.option(hostileText(255)) });
    fc.assert(
      fc.property(fc.array(account, { minLength: 1, maxLength: 15 }), hostileText(255), (accounts, asked) => {
        const choices = accounts.map((each, index) => ({ ...each, reference: String(index) }));
        const messages = [
          accountPicker(asked, choices, choices.length),
          noAccount(asked, choices),
          noAccountsOfMine(asked),
          myAccounts({ accounts: accounts.map((each) => mine(each)), total: 60 }, { pack, page: 2, today }),
          healthHelp('logins_7d'),
        ];
        for (const { text, blocks } of messages) {
          expect(checkBlocks(blocks, () => true)).toMatchObject({ ok: true });
          expect(text).not.toMatch(/<[!@#h]/);
          expect(Buffer.byteLength(JSON.stringify(blocks))).toBeLessThan(12_000);
        }
      }),
      { numRuns: 30 },
    );
  });
});
