import fc from 'fast-check';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import type { ClaimSource, ClaimValue } from '../../../src/crm/types.ts';
import { createField } from '../../claim-field.ts';
import { claim } from '../../crm.ts';
import { createTestDatabase } from '../../database.ts';
import { insertAccount } from '../../factories.ts';
import { importText } from '../../import-file.ts';

const sources = ['salesforce', 'vitally', 'files', 'people'] as const;
const days = ['2027-01-31', '2027-02-28', null] as const;
const word = fc.record({ source: fc.constantFrom(...sources), value: fc.constantFrom(...days) });

test('an owned field of the database is as the rule has it, by imports and by claims; repeating all changes nothing', async () => {
  const { db, url, drop } = await createTestDatabase();
  let minutes = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...sources),
      fc.array(word, { minLength: 1, maxLength: 8 }),
      fc.shuffledSubarray([...sources]),
      async (owner, words, order) => {
        await sql`truncate accounts cascade`.execute(db);
        await insertAccount(db, { id: 'acme' });
        const owners = { renewal_date: owner };
        const field = createField(owner);
        const last = new Map<ClaimSource, ClaimValue | null>();
        const say = async (source: ClaimSource, value: ClaimValue | null) => {
          field.say(source, value);
          if (source === 'files')
            await importText(url, 'accounts', `id,renewal_date\nacme,${value ?? ''}\n`, { owners });
          else {
            const now = new Date(Date.parse('2026-11-20T09:00:00Z') + ++minutes * 60_000);
            await claim(db, source, [{ accountId: 'acme', field: 'renewal_date', value }], { owners, now });
          }
          const { renewal_date } = await db.selectFrom('accounts').select('renewal_date').executeTakeFirstOrThrow();
          expect(renewal_date).toBe(field.value());
        };
        for (const { source, value } of words) {
          // A person sets a date, or says nothing.
          if (source === 'people' && value === null) continue;
          await say(source, value);
          last.set(source, value);
        }
        const repeated = order.filter((source) => source !== 'people' && last.has(source));
        // The owner fills a field that is empty; from then on nothing moves.
        for (const source of repeated) await say(source, last.get(source)!);
        const settled = field.value();
        for (const source of repeated.toReversed()) await say(source, last.get(source)!);
        expect(field.value()).toBe(settled);
      },
    ),
    { numRuns: 15 },
  );
  await drop();
});
