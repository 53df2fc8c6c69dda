import { z } from 'zod';
import { createTicket } from '../socket.ts';
import { method } from './method.ts';

/** apps.connections.open: the way into Socket Mode. */
export const appMethods = [
  method({
    name: 'apps.connections.open',
    token: 'app',
    rate: { perMinute: 1000 },
    args: z.object({}),
    run: (state) => ({ url: `${state.baseUrl.replace(/^http/, 'ws')}/link/?ticket=${createTicket(state)}` }),
  }),
];
