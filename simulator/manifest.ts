import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Shortcut, SlashCommand } from './types.ts';

const command = z.object({
  command: z.string(),
  description: z.string().default(''),
  usage_hint: z.string().optional(),
  should_escape: z.boolean().optional(),
});
const shortcut = z.object({
  type: z.enum(['global', 'message']),
  name: z.string(),
  callback_id: z.string(),
  description: z.string().default(''),
});
const manifest = z.object({
  features: z
    .object({ slash_commands: z.array(command).default([]), shortcuts: z.array(shortcut).default([]) })
    .prefault({}),
  oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()).default([]) }).prefault({}) }).prefault({}),
  settings: z
    .object({ event_subscriptions: z.object({ bot_events: z.array(z.string()).default([]) }).prefault({}) })
    .prefault({}),
});

/** What the app asks Slack for, from its manifest. */
export type AppManifest = { scopes: string[]; events: string[]; commands: SlashCommand[]; shortcuts: Shortcut[] };

/** Reads the app's manifest.yml; rejects one that Slack would not take. */
export function readManifest(file: URL): AppManifest {
  const read = manifest.parse(parse(readFileSync(file, 'utf8')));
  return {
    scopes: read.oauth_config.scopes.bot,
    events: read.settings.event_subscriptions.bot_events,
    commands: read.features.slash_commands,
    shortcuts: read.features.shortcuts,
  };
}
