import path from 'node:path';
import { UserError } from '../errors.ts';
import { checkShape, describeFinding } from '../playbook/issues.ts';
import type { Finding } from '../playbook/types.ts';
import { readYaml, type YamlPath, type YamlSource } from '../playbook/yaml-source.ts';
import { createCompiler, type Expression, ExpressionFault } from './expressions.ts';
import { type Aggregate, type ColumnType, type MappingFile, mappingSchema } from './mapping-schema.ts';

/** A property of an event, made of one or of all of its rows. */
export type PropertyRule = { name: string; aggregate: Aggregate; value: Expression | null };

/** How rows become events of one name. */
export type EventRule = {
  event: string;
  when: Expression | null;
  /** Rows for which it is the same become one event. */
  groupBy: Expression | null;
  id: Expression | null;
  account: Expression;
  user: Expression | null;
  timestamp: Expression;
  properties: readonly PropertyRule[];
};

/** A mapping file, checked. */
export type Mapping = {
  rules: readonly EventRule[];
  /** The columns that its expressions use, by their name there. */
  columns: ReadonlyMap<string, ColumnType>;
};

/** Reads a mapping file. @throws {UserError} naming each fault with its place */
export async function readMapping(file: string): Promise<Mapping> {
  const { source, findings } = await readYaml(path.dirname(file), path.basename(file));
  if (!source) throw faulty(file, findings);
  const { value, findings: faults } = checkShape(mappingSchema, source);
  if (!value) throw faulty(file, faults);
  const compiled = compileMapping(value, source);
  if (compiled.findings.length > 0) throw faulty(file, compiled.findings);
  return compiled.mapping;
}

function faulty(file: string, findings: readonly Finding[]): UserError {
  const list = findings.map((finding) => `  ${describeFinding({ ...finding, file })}`);
  return new UserError(`The mapping cannot be used:\n${list.join('\n')}`);
}

function compileMapping(written: MappingFile, source: YamlSource): { mapping: Mapping; findings: Finding[] } {
  const compiler = createCompiler(written.columns);
  const findings: Finding[] = [];
  const compile = (text: string, at: YamlPath, type?: ColumnType): Expression => {
    try {
      return compiler.compile(text, type);
    } catch (error) {
      if (!(error instanceof ExpressionFault)) throw error;
      const place = source.placeWithin(at, error.start);
      const message = `${text}: ${error.message}`;
      findings.push({ severity: 'error', code: 'bad-expression', message, file: source.file, ...place });
      return () => '';
    }
  };
  const optional = (text: string | undefined, at: YamlPath, type?: ColumnType) =>
    text === undefined ? null : compile(text, at, type);

  const rules = written.events.map((rule, index): EventRule => {
    const at = (...steps: string[]): YamlPath => ['events', index, ...steps];
    return {
      event: rule.event,
      when: optional(rule.when, at('when'), 'boolean'),
      groupBy: optional(rule.group_by, at('group_by')),
      id: optional(rule.id, at('id')),
      account: compile(rule.account, at('account')),
      user: optional(rule.user, at('user')),
      timestamp: compile(rule.timestamp, at('timestamp'), 'text'),
      properties: Object.entries(rule.properties).map(([name, given]): PropertyRule => {
        if (typeof given === 'string') {
          return { name, aggregate: 'first', value: compile(given, at('properties', name)) };
        }
        if ('count' in given) return { name, aggregate: 'count', value: null };
        const [aggregate, text] = Object.entries(given)[0] as [Aggregate, string];
        const type = aggregate === 'first' || aggregate === 'last' ? undefined : 'number';
        return { name, aggregate, value: compile(text, at('properties', name, aggregate), type) };
      }),
    };
  });
  for (const name of Object.keys(written.columns)) {
    if (compiler.used.has(name)) continue;
    const message = `No expression uses the column ${name}: remove it or mend its spelling.`;
    const place = source.keyPlace(['columns', name]);
    findings.push({ severity: 'error', code: 'unused-column', message, file: source.file, ...place });
  }
  const columns = new Map([...compiler.used].map((name) => [name, written.columns[name] ?? 'text']));
  return { mapping: { rules, columns }, findings };
}
