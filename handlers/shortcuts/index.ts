import type { ShortcutDefinition } from '../types.ts';
import { createTicket } from './create-ticket.ts';

/** Every shortcut on messages. */
export const shortcuts: readonly ShortcutDefinition[] = [createTicket];
