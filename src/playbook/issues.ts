import type { z } from 'zod';
import type { Finding } from './types.ts';
import type { YamlPath, YamlSource } from './yaml-source.ts';

const kinds: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping of keys to values',
  record: 'a mapping of keys to values',
};

/** Checks a file's value; each of zod's issues becomes an error at its place, in words that say what to do. */
export function checkShape<Schema extends z.ZodType>(
  schema: Schema,
  source: YamlSource,
): { value: z.infer<Schema> | null; findings: Finding[] } {
  const result = schema.safeParse(source.value);
  if (result.success) return { value: result.data, findings: [] };
  return { value: null, findings: result.error.issues.flatMap((issue) => findingsOf(issue, source)) };
}

/** `models/default.yml:12:5: error: ... [code]`, as editors and terminals link it. */
export function describeFinding({ file, line, column, severity, code, message }: Finding): string {
  return `${file}:${line}:${column}: ${severity}: ${message} [${code}]`;
}

function findingsOf(issue: z.core.$ZodIssue, source: YamlSource): Finding[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      severity: 'error',
      code: 'unknown-key',
      message: `"${key}" is not a known key: remove it or mend its spelling. ${issue.message}`,
      file: source.file,
      ...source.keyPlace([...issue.path, key]),
    }));
  }
  const { code, message } = explain(issue, valueAt(source.value, issue.path));
  return [{ severity: 'error', code, message, file: source.file, ...source.place(issue.path) }];
}

function explain(issue: z.core.$ZodIssue, value: unknown): Pick<Finding, 'code' | 'message'> {
  const what = issue.path.length === 0 ? 'The file' : nameOf(issue.path);
  if (value === undefined) return { code: 'missing-key', message: `${what} is missing: add it.` };
  if (issue.code !== 'invalid_type') return { code: 'invalid-value', message: `${what} ${issue.message}.` };
  const hint = issue.expected === 'string' && typeof value !== 'object' ? ': put it in quotes' : '';
  const message = `${what} must be ${kinds[issue.expected] ?? issue.expected}, not ${describe(value)}${hint}.`;
  return { code: 'invalid-value', message };
}

/** `weight`, or `models[2]` in a list. */
function nameOf(path: YamlPath): string {
  const last = path.at(-1);
  return typeof last === 'number' ? `${String(path.at(-2) ?? '')}[${last}]` : `"${String(last)}"`;
}

function describe(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  const text = String(value);
  return text.length > 40 ? `"${text.slice(0, 40)}…"` : `"${text}"`;
}

function valueAt(value: unknown, path: YamlPath): unknown {
  return path.reduce<unknown>(
    (inner, step) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, step)
        ? (inner as Record<PropertyKey, unknown>)[step]
        : undefined,
    value,
  );
}
