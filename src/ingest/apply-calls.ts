import type { Owners } from '../crm/types.ts';
import { findAccountIds, writeAccounts } from '../db/ingest-accounts.ts';
import { findAliases, writeTies } from '../db/ingest-identities.ts';
import { type SaidOfUser, takeWaitingUsers, writeUsers } from '../db/ingest-users.ts';
import type { Db } from '../db/types.ts';
import type { Appeared } from '../db/waiting-events.ts';
import type { StateCall } from './prepare.ts';
import { resolveTies, type Tie } from './ties.ts';
import type { AccountCall, Actor } from './types.ts';

/** Writes what calls say of users and accounts; returns those for which events may have been waiting. */
export async function applyCalls(
  transaction: Db,
  calls: readonly StateCall[],
  { timeZone, owners, now }: { timeZone: string; owners: Owners; now: Date },
): Promise<Appeared> {
  // Traits and accounts of a user are the newest's, whatever the order in which calls came.
  const ordered = calls.toSorted((one, other) => one.at.getTime() - other.at.getTime());
  const ties = resolveTies(await findAliases(transaction, unique(ordered.flatMap(idsOf))), ordered.flatMap(tiesOf));
  await writeTies(transaction, ties, timeZone);

  const named = unique(ordered.flatMap((call) => ('account' in call && call.account !== null ? [call.account] : [])));
  const known = await findAccountIds(transaction, named);
  const accountCalls = ordered.filter((call): call is AccountCall => call.kind === 'account');
  const told = accountCalls.map(({ account, traits }) => ({ id: known.get(account) ?? account, traits }));
  await writeAccounts(transaction, told, { owners, now });
  const created = unique(accountCalls.map(({ account }) => account).filter((name) => !known.has(name)));
  for (const name of created) known.set(name, name);

  const said = ordered.flatMap((call): SaidOfUser[] => {
    if (call.kind === 'alias' || call.actor === null) return [];
    const { userId, anonymousId } = call.actor;
    const actor = userId ?? anonymousId;
    if (actor === null) return [];
    const user = ties.userOf(actor);
    return [
      {
        actor,
        isUser: userId !== null,
        user: userId === null && user === actor ? null : user,
        account: call.account,
        accountId: call.account === null ? null : (known.get(call.account) ?? null),
        at: call.at,
        traits: call.kind === 'user' ? call.traits : {},
      },
    ];
  });
  const appeared = { accounts: created, users: unique(ordered.flatMap(idsOf).map(ties.userOf)) };
  const waited = await takeWaitingUsers(transaction, appeared);
  await writeUsers(transaction, [...waited, ...said]);
  return { ...appeared, users: unique([...appeared.users, ...waited.map(({ user, actor }) => user ?? actor)]) };
}

function idsOf(call: StateCall): string[] {
  if (call.kind === 'alias') return [call.previousId, call.userId];
  return call.actor ? [call.actor.userId, call.actor.anonymousId].filter((id) => id !== null) : [];
}

function tiesOf(call: StateCall): Tie[] {
  if (call.kind === 'alias') return [{ alias: call.previousId, user: call.userId }];
  return call.actor ? tieOf(call.actor) : [];
}

function tieOf({ userId, anonymousId }: Actor): Tie[] {
  return userId !== null && anonymousId !== null ? [{ alias: anonymousId, user: userId }] : [];
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
