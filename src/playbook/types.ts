import type { SourceSettings } from '../crm/settings.ts';
import type { CompiledModels } from '../health/compile.ts';
import type { HealthModel } from '../health/types.ts';
import type { Indicators } from '../indicators/types.ts';
import type { CompiledMetric, Names, NameUse } from '../metrics/types.ts';
import type { RenewalSettings } from '../renewals/types.ts';

/** A pack, read and checked: what a deployment measures and how it scores. */
export type Playbook = {
  /** The folder's name. */
  id: string;
  /** For people: "New and established customers". */
  name: string;
  description: string;
  /** Absolute path. */
  folder: string;
  /** In the order they are tried; the last is the default. */
  models: readonly HealthModel[];
  /** By model id: changes exactly when the model may score otherwise. SHA-256 in hex. */
  hashes: ReadonlyMap<string, string>;
  /** The models made ready for scoreAccount. */
  scoring: CompiledModels;
  /** Each after those it reads. */
  metrics: readonly CompiledMetric[];
  indicators: Indicators;
  /** When renewals are brought up, and what is read for them. */
  renewals: RenewalSettings;
  /** Which source says what of accounts, and how it is read. */
  sources: SourceSettings;
  /** What the deployment calls what the equations name. */
  names: Names;
  /** The names that the equations read, in the pack's words. */
  uses: readonly NameUse[];
};

/** A fault of a pack keeps it from being used; a warning is odd, and decided by the rules. */
export type Severity = 'error' | 'warning';

/** What the check of a pack found, and where. */
export type Finding = {
  severity: Severity;
  /** In kebab case, for programs: `overlap`, `gap`, `unreachable-band`. docs/health-models.md lists them. */
  code: string;
  /** What is wrong and how to mend it, one sentence or two. */
  message: string;
  /** Relative to the pack's folder. */
  file: string;
  /** From 1. */
  line: number;
  /** From 1. */
  column: number;
};
