import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { commands } from '../../handlers/commands/index.ts';

type Manifest = {
  features: { slash_commands: { command: string; description: string; usage_hint: string; url: string }[] };
  settings: { interactivity: { is_enabled: boolean; request_url: string } };
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

  it('sends commands and interactions to the one route that the bot serves', () => {
    const urls = [
      ...manifest.features.slash_commands.map(({ url }) => url),
      manifest.settings.interactivity.request_url,
    ];
    expect(manifest.settings.interactivity.is_enabled).toBe(true);
    for (const url of urls) expect(new URL(url).pathname).toBe('/slack/events');
  });
});
