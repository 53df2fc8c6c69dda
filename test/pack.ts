import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

const files = {
  'pack.yml': `name: Small
models:
  - small
`,
  'metrics.yml': `metrics:
  - { id: logins, name: Logins, unit: number }
  - { id: mood, name: Mood, unit: text }
  - { id: champion, name: Champion, unit: boolean }
  - { id: drop, name: Drop, unit: percent }
`,
  'models/small.yml': `id: small
name: Small
when: default
dimensions:
  - id: use
    name: Use
    weight: 100
    measures:
      - metric: logins
        bands:
          poor: "< 1"
          concerning: "1 - 4"
          healthy: "> 4"
`,
};

/** A faultless pack in a folder of its own, with these files put in or, when `null`, left out. Gone when the test ends. */
export function makePack(changes: Record<string, string | Uint8Array | null> = {}): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'bellwether-pack-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(path.join(folder, 'models'));
  for (const [file, content] of Object.entries({ ...files, ...changes })) {
    if (content !== null) writeFileSync(path.join(folder, file), content);
  }
  return folder;
}

/** The pack's one model with each `from`, which must be there, replaced by its `to`. */
export function changedModel(...replacements: [from: string | RegExp, to: string][]): Record<string, string> {
  const text = replacements.reduce((model, [from, to]) => {
    const changed = model.replace(from, to);
    if (changed === model) throw new Error(`Not in the model: ${from}`);
    return changed;
  }, files['models/small.yml']);
  return { 'models/small.yml': text };
}
