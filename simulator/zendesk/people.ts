import { groupJson, personJson } from './json.ts';
import { page } from './pages.ts';
import type { Call, Reply } from './routes.ts';
import { readUser } from './schemas.ts';
import { nextId, type Person, type State } from './state.ts';
import type { Role } from './types.ts';

/** Adds somebody and answers with the id. */
export function addPerson(
  state: State,
  given: { name: string; email?: string | undefined; role?: Role | undefined; external_id?: string | undefined },
): number {
  const { name, email, role = 'end-user', external_id } = given;
  const person: Person = {
    id: nextId(state, 'other'),
    name,
    email: email?.toLowerCase() ?? null,
    role,
    external_id: external_id ?? null,
  };
  state.people.set(person.id, person);
  return person.id;
}

/** POST /api/v2/users/create_or_update */
export function createOrUpdateUser(state: State, { body }: Call): Reply {
  const given = readUser(body);
  const known = [...state.people.values()].find(
    ({ email, external_id }) =>
      (email !== null && email === given.email?.toLowerCase()) ||
      (external_id !== null && external_id === given.external_id),
  );
  if (known) Object.assign(known, { name: given.name });
  const person = known ?? state.people.get(addPerson(state, given))!;
  return { status: known ? 200 : 201, body: { user: personJson(person) } };
}

/** GET /api/v2/groups and /api/v2/groups/assignable */
export function listGroups(state: State, { query }: Call): Reply {
  const groups = [...state.groups.values()].filter(({ deleted }) => !deleted);
  const { items, rest } = page(groups, query, ({ id }) => id);
  return { status: 200, body: { groups: items.map(groupJson), ...rest } };
}
