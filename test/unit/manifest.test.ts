import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { commands } from '../../handlers/commands/index.ts';
import { events } from '../../handlers/events/index.ts';
import { shortcuts } from '../../handlers/shortcuts/index.ts';

type Manifest = {
  features: {
    slash_commands: { command: string; description: string; usage_hint: string; url: string }[];
    shortcuts: { type: string; callback_id: string }[];
  };
  settings: {
    event_subscriptions: { request_url: string; bot_events: string[] };
    interactivity: { is_enabled: boolean; request_url: string };
  };
};

const root = resolve(import.meta.dirname, '../..');
const schemaFile = resolve(root, '../shared/data/slack-manifest.schema.json');
const manifest = parse(readFileSync(resolve(root, 'manifest.yml'), 'utf8')) as Manifest;

describe('manifest.yml', () => {
  it.skipIf(!existsSync(schemaFile) && !process.env.CI)("is valid against Slack's schema (skipped without it)", () => {
    const ajv = new Ajv({ strict: false, validateFormats: false });
    const validate = ajv.compile(JSON.parse(readFileSync(schemaFile, 'utf8')));
    validate(manifest);
    expect(validate.errors).toBeNull();
  });

  it('lists exactly the commands that are registered, described alike', () => {
    const listed = manifest.features.slash_commands.map(({ command, description, usage_hint }) => ({
      name: command,
      description,
      usage: usage_hint,
    }));
    expect(listed).toEqual(commands.map(({ name, description, usage }) => ({ name, description, usage })));
  });

  it('lists exactly the events and shortcuts that are handled', () => {
    const listed = manifest.settings.event_subscriptions.bot_events.map((name) => name.split('.', 1)[0]);
    expect([...new Set(listed)].sort()).toEqual(events.flatMap(({ types }) => types).sort());
    const onMessages = manifest.features.shortcuts.filter(({ type }) => type === 'message');
    expect(onMessages.map(({ callback_id }) => callback_id)).toEqual(shortcuts.map(({ callbackId }) => callbackId));
  });

  it('sends commands and interactions to the one route that the bot serves', () => {
    const urls = [
      ...manifest.features.slash_commands.map(({ url }) => url),
      manifest.settings.interactivity.request_url,
      manifest.settings.event_subscriptions.request_url,
    ];
    expect(manifest.settings.interactivity.is_enabled).toBe(true);
    for (const url of urls) expect(new URL(url).pathname).toBe('/slack/events');
  });
});
