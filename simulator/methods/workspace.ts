import { z } from 'zod';
import { SlackRefusal } from '../state.ts';
import { method, TIER_3 } from './method.ts';

/** api.test, auth.test and team.info. */
export const workspaceMethods = [
  method({
    name: 'api.test',
    token: 'none',
    rate: { perMinute: 1000 },
    args: z.looseObject({ error: z.string().optional() }),
    run: (_state, { token: _, ...args }) => {
      if (args.error) throw new SlackRefusal(args.error, { args });
      return { args };
    },
  }),
  method({
    name: 'auth.test',
    rate: { perMinute: 600 },
    args: z.object({}),
    run: ({ workspace: { team, app, users } }) => ({
      url: `https://${team.domain}.slack.com/`,
      team: team.name,
      user: users.find(({ id }) => id === app.bot_user_id)?.name,
      team_id: team.id,
      user_id: app.bot_user_id,
      bot_id: app.bot_id,
      is_enterprise_install: false,
    }),
  }),
  method({
    name: 'team.info',
    scopes: ['team:read'],
    rate: TIER_3,
    args: z.object({ team: z.string().optional() }),
    run: ({ workspace }, args) => {
      const team = workspace.teams.find(({ id }) => id === (args.team ?? workspace.team.id));
      if (!team) throw new SlackRefusal('team_not_found');
      const url = `https://${team.domain}.slack.com/`;
      return { team: { ...team, url, icon: { image_default: true }, avatar_base_url: 'https://ca.slack-edge.com/' } };
    },
  }),
];
