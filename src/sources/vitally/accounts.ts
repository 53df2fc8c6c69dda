import { z } from 'zod';
import { CrmRefused } from '../../crm/errors.ts';
import { getVitally, type VitallyConnection } from './connection.ts';

const pageSize = '100';

const segmentSchema = z.object({ name: z.string() });
const accountSchema = z.looseObject({
  id: z.string().min(1),
  externalId: z.union([z.string(), z.number()]).nullish(),
  name: z.string().nullish(),
  traits: z.record(z.string(), z.unknown()).nullish(),
  segments: z.array(segmentSchema).nullish(),
});
const pageSchema = z.object({ results: z.array(accountSchema), next: z.string().nullish() });
/** How Vitally answers of an address that it does not know is not documented: whatever is no member is none. */
const adminSchema = z.object({ id: z.string(), email: z.string() }).nullable().catch(null);

export type VitallyAccount = z.output<typeof accountSchema>;
type Page = z.output<typeof pageSchema>;

/**
 * All accounts, churned ones too, which would else seem to vanish. They come in the order in which they were made: those
 * that change while we read stay where they are.
 */
export async function listVitallyAccounts(vitally: VitallyConnection): Promise<VitallyAccount[]> {
  const accounts = new Map<string, VitallyAccount>();
  const seen = new Set<string>();
  for (let from: string | null = null; ; ) {
    const query: Record<string, string> = { limit: pageSize, sortBy: 'createdAt', status: 'activeOrChurned' };
    const page: Page | null = await getVitally(
      vitally,
      'accounts',
      from === null ? query : { ...query, from },
      pageSchema,
    );
    if (page === null) throw new CrmRefused('invalid', 'Vitally has no list of accounts. Check VITALLY_URL.');
    for (const account of page.results) accounts.set(account.id, account);
    const next: string | null = page.next ?? null;
    if (next === null) return [...accounts.values()];
    if (seen.has(next)) throw new CrmRefused('invalid', 'Vitally does not say where its list goes on.');
    seen.add(next);
    from = next;
  }
}

/** The addresses of members of Vitally's team, by id. Vitally finds them by address only, so these must be known. */
export async function findVitallyAdmins(
  vitally: VitallyConnection,
  emails: readonly string[],
): Promise<Map<string, string>> {
  const admins = new Map<string, string>();
  for (const email of new Set(emails)) {
    const admin = await getVitally(vitally, 'admins/search', { email }, adminSchema);
    if (admin) admins.set(admin.id, email);
  }
  return admins;
}
