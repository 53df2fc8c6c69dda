import { z } from 'zod';
import { userJson } from '../json.ts';
import { SlackRefusal, type State } from '../state.ts';
import { findUser } from '../workspace.ts';
import { method, page, paging, TIER_2, TIER_3, TIER_4 } from './method.ts';

// Without users:read.email the address is left out, not refused.
const showsEmail = (state: State) => ({ email: state.settings.scopes.includes('users:read.email') });

/** users.info, users.list and users.lookupByEmail. */
export const userMethods = [
  method({
    name: 'users.info',
    scopes: ['users:read'],
    rate: TIER_4,
    args: z.object({ user: z.string() }),
    run: (state, { user: id }) => {
      const user = findUser(state.workspace, id);
      if (!user) throw new SlackRefusal('user_not_found');
      return { user: userJson(state, user, showsEmail(state)) };
    },
  }),
  method({
    name: 'users.list',
    scopes: ['users:read'],
    rate: TIER_2,
    args: z.object(paging),
    run: (state, args) => {
      const ours = state.workspace.users.filter(({ team_id }) => team_id === state.workspace.team.id);
      const { items, next_cursor } = page(ours, args, { standard: 1000, most: 1000 });
      return {
        members: items.map((user) => userJson(state, user, showsEmail(state))),
        cache_ts: Math.floor(state.now().getTime() / 1000),
        response_metadata: { next_cursor },
      };
    },
  }),
  method({
    name: 'users.lookupByEmail',
    scopes: ['users:read.email'],
    rate: TIER_3,
    args: z.object({ email: z.string() }),
    run: (state, { email }) => {
      const user = state.workspace.users.find(
        (each) =>
          each.email?.toLowerCase() === email.toLowerCase() &&
          each.team_id === state.workspace.team.id &&
          !each.deleted,
      );
      if (!user) throw new SlackRefusal('users_not_found');
      return { user: userJson(state, user, { email: true }) };
    },
  }),
];
