import type { AnyBlock } from '@slack/types';
import type { z } from 'zod';
import { everyBlock, nestedIn } from './block-fill.ts';
import { messageBlocks, type Table, tableCharacters, type ViewPayload, view as viewSchema } from './schemas/blocks.ts';
import { countChars } from './schemas/objects.ts';

export type FileReference = { id?: string; url?: string };
/** Says whether an image block may show this file: known, complete and shared. */
export type FileCheck = (file: FileReference) => boolean;
export type Checked<T> = { ok: true; value: T } | { ok: false; problems: string[] };

const MESSAGE_ONLY = new Set(['markdown', 'table', 'data_table', 'context_actions', 'task_card', 'plan']);
const VIEW_ONLY = new Set(['alert']);

/** Checks a message's blocks; problems read as Slack's, such as `must be less than 3001 characters [json-pointer:/blocks/0/text/text]`. */
export function checkBlocks(blocks: unknown, isUsable: FileCheck): Checked<AnyBlock[]> {
  const parsed = messageBlocks.safeParse(blocks, { reportInput: true });
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error, '/blocks') };
  const problems = [...contentProblems(parsed.data as AnyBlock[], '/blocks', isUsable)];
  parsed.data.forEach((block, index) => {
    if (VIEW_ONLY.has(block.type)) problems.push(at(`unsupported type: ${block.type}`, `/blocks/${index}/type`));
  });
  return problems.length ? { ok: false, problems } : { ok: true, value: parsed.data as AnyBlock[] };
}

/** Checks a modal or Home; problems point into /view. */
export function checkView(view: unknown, isUsable: FileCheck): Checked<ViewPayload> {
  const parsed = viewSchema.safeParse(view, { reportInput: true });
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error, '/view') };
  const blocks = parsed.data.blocks as AnyBlock[];
  const problems = [...contentProblems(blocks, '/view/blocks', isUsable)];
  blocks.forEach((block, index) => {
    if (MESSAGE_ONLY.has(block.type)) {
      problems.push(at(`unsupported type: ${block.type}`, `/view/blocks/${index}/type`));
    }
  });
  if (parsed.data.type === 'modal' && !parsed.data.submit && everyBlock(blocks).some(({ type }) => type === 'input')) {
    problems.push(at('missing required field: submit', '/view'));
  }
  return problems.length ? { ok: false, problems } : { ok: true, value: parsed.data };
}

const at = (message: string, pointer: string) => `${message} [json-pointer:${pointer}]`;

function* contentProblems(blocks: AnyBlock[], base: string, isUsable: FileCheck) {
  const blockIds = new Set<string>();
  let tables = 0;
  let cells = 0;
  let markdown = 0;
  let focused = 0;
  for (const [block, pointer] of placed(blocks, base)) {
    if (block.block_id) {
      if (blockIds.has(block.block_id)) {
        yield at(`\`block_id\` \`${block.block_id}\` already exists for another block`, `${pointer}/block_id`);
      }
      blockIds.add(block.block_id);
    }
    if (block.type === 'markdown') markdown += countChars((block as { text?: string }).text ?? '');
    if (block.type === 'table' && ++tables > 1) yield at('only_one_table_allowed', pointer);
    if (isTable(block)) cells += tableCharacters(block.rows);
    const actionIds = new Set<string>();
    for (const [value, path] of objectsIn(block, pointer, new Set(nestedIn(block)))) {
      if (typeof value.action_id === 'string') {
        if (actionIds.has(value.action_id)) {
          yield at(`\`action_id\` \`${value.action_id}\` already exists for another element`, `${path}/action_id`);
        }
        actionIds.add(value.action_id);
      }
      if (value.focus_on_load === true && ++focused > 1) {
        yield at('only one element can have `focus_on_load`', `${path}/focus_on_load`);
      }
      if (value.slack_file && !isUsable(value.slack_file as FileReference)) {
        yield at('invalid slack file', `${path}/slack_file`);
      }
    }
  }
  if (markdown > 12_000) yield at('must be less than 12001 characters', base);
  if (cells > 10_000) yield at('must be less than 10001 characters', base);
}

/** All blocks with where they lie, those within others too. */
function* placed(blocks: AnyBlock[], base: string): Generator<[AnyBlock, string]> {
  for (const [index, block] of blocks.entries()) {
    yield [block, `${base}/${index}`];
    const list = block.type === 'carousel' ? 'elements' : 'child_blocks';
    yield* placed(nestedIn(block), `${base}/${index}/${list}`);
  }
}

const isTable = (block: { type: string }): block is Table => block.type === 'table' || block.type === 'data_table';

/** All objects within a value with where they lie, but for those in `skipped`. */
function* objectsIn(value: unknown, path: string, skipped: Set<unknown>): Generator<[Record<string, unknown>, string]> {
  if (value === null || typeof value !== 'object' || skipped.has(value)) return;
  if (!Array.isArray(value)) yield [value as Record<string, unknown>, path];
  for (const [key, child] of Object.entries(value)) yield* objectsIn(child, `${path}/${key}`, skipped);
}

function problemsOf(error: z.ZodError, base: string): string[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map(String);
    const pointer = [base, ...path].join('/');
    const parent = [base, ...path.slice(0, -1)].join('/');
    const missing = issue.input === undefined && path.length > 0;
    switch (issue.code) {
      case 'invalid_type':
        if (missing) return at(`missing required field: ${path.at(-1)}`, parent);
        return at(`must provide ${/^[aeiou]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}`, pointer);
      case 'invalid_union': {
        const type = (issue.input as { type?: unknown } | undefined)?.type;
        if (missing || type === undefined)
          return at('missing required field: type', missing ? parent : pointer.replace(/\/type$/, ''));
        return at(`unsupported type: ${String(type)}`, pointer.endsWith('/type') ? pointer : `${pointer}/type`);
      }
      case 'too_big':
        if (issue.origin === 'string') return at(`must be less than ${Number(issue.maximum) + 1} characters`, pointer);
        if (issue.origin === 'array') return at(`no more than ${issue.maximum} items allowed`, pointer);
        return at(`must be no more than ${issue.maximum}`, pointer);
      case 'too_small':
        if (issue.origin === 'string') return at(`must be more than ${Number(issue.minimum) - 1} characters`, pointer);
        if (issue.origin === 'array') return at(`no fewer than ${issue.minimum} items allowed`, pointer);
        return at(`must be no less than ${issue.minimum}`, pointer);
      case 'unrecognized_keys':
        return issue.keys.map((key) => at(`invalid additional property: ${key}`, pointer));
      case 'invalid_value':
        if (missing) return at(`missing required field: ${path.at(-1)}`, parent);
        return at(`must be one of: ${issue.values.map(String).join(', ')}`, pointer);
      default:
        return at(issue.message, pointer);
    }
  });
}
