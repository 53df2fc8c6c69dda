import { z } from 'zod';
import { viewJson } from '../json.ts';
import { SlackRefusal, type State, type StoredView } from '../state.ts';
import { spendTrigger } from '../triggers.ts';
import { openView, parseView, publishHome, pushView, updateView } from '../views.ts';
import { findUser } from '../workspace.ts';
import { json, method, TIER_4 } from './method.ts';

const triggered = z.object({ trigger_id: z.string(), view: json(z.unknown()) });

const answer = (state: State, view: StoredView) => ({ view: viewJson(state, view) });

function checkHash(view: StoredView | undefined, hash: string | undefined): void {
  if (view && hash !== undefined && hash !== view.hash) throw new SlackRefusal('hash_conflict');
}

/** views.* */
export const viewMethods = [
  method({
    name: 'views.open',
    rate: TIER_4,
    args: triggered,
    run: (state, args) => {
      const view = parseView(state, args.view, 'modal');
      return answer(state, openView(state, spendTrigger(state, args.trigger_id).user, view));
    },
  }),
  method({
    name: 'views.push',
    rate: TIER_4,
    args: triggered,
    run: (state, args) => {
      const view = parseView(state, args.view, 'modal');
      const trigger = spendTrigger(state, args.trigger_id);
      // Only a trigger that came from an open modal can put another on top.
      if (trigger.view === null || !state.views.has(trigger.view)) throw new SlackRefusal('not_found');
      return answer(state, pushView(state, trigger.user, view));
    },
  }),
  method({
    name: 'views.update',
    rate: TIER_4,
    args: z.object({
      view: json(z.unknown()),
      view_id: z.string().optional(),
      external_id: z.string().optional(),
      hash: z.string().optional(),
    }),
    run: (state, args) => {
      const old = args.view_id
        ? state.views.get(args.view_id)
        : [...state.views.values()].find((each) => args.external_id && each.external_id === args.external_id);
      if (!old) throw new SlackRefusal('not_found');
      checkHash(old, args.hash);
      return answer(state, updateView(state, old, parseView(state, args.view, old.type)));
    },
  }),
  method({
    name: 'views.publish',
    rate: TIER_4,
    args: z.object({ user_id: z.string(), view: json(z.unknown()), hash: z.string().optional() }),
    run: (state, args) => {
      const user = findUser(state.workspace, args.user_id);
      if (!user || user.deleted || user.is_bot) throw new SlackRefusal('user_not_found');
      checkHash(state.views.get(state.homes.get(user.id) ?? ''), args.hash);
      return answer(state, publishHome(state, user.id, parseView(state, args.view, 'home')));
    },
  }),
];
