import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml';
import type { Finding } from './types.ts';

/** From 1, as editors count. */
type Place = { line: number; column: number };

/** Where in a YAML file: keys and list places from the top. */
export type YamlPath = readonly PropertyKey[];

/** A YAML file that could be read, its plain value, and where in the text each part of it stands. */
export type YamlSource = {
  /** Relative to the pack's folder. */
  file: string;
  value: unknown;
  /** Of the value at `path`; of its key where the value is a list or mapping; of the nearest thing above where it is missing. */
  place(path: YamlPath): Place;
  /** Of the key at the end of `path`. */
  keyPlace(path: YamlPath): Place;
  /** Of a character of the text value at `path`. */
  placeWithin(path: YamlPath, offset: number): Place;
};

/** What reading a file gave; without a source there is at least one finding. */
export type YamlReading = { source: YamlSource | null; findings: Finding[] };

const LARGEST_FILE = 256 * 1024;
/** `\\U0001F600` is the longest. */
const MOST_OF_ESCAPE = 10;
const START: Place = { line: 1, column: 1 };

/** Reads `file` of the pack's `folder`; whatever is wrong with it becomes a finding. */
export async function readYaml(folder: string, file: string): Promise<YamlReading> {
  const failed = (code: string, message: string): YamlReading => ({
    source: null,
    findings: [{ severity: 'error', code, message, file, ...START }],
  });
  const full = path.join(folder, file);
  let bytes: Buffer;
  try {
    const stats = await stat(full);
    if (!stats.isFile()) return failed('unreadable-file', `${file} is not a file: put the YAML there.`);
    if (stats.size > LARGEST_FILE) {
      return failed('file-too-large', `${file} is larger than ${LARGEST_FILE / 1024} kB: remove what is not needed.`);
    }
    bytes = await readFile(full);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return failed('missing-file', `${file} is missing: create it in ${folder}.`);
    return failed('unreadable-file', `${file} cannot be read (${code}): check that it may be read.`);
  }
  try {
    return parseYaml(new TextDecoder('utf-8', { fatal: true }).decode(bytes), file);
  } catch {
    return failed('unreadable-file', `${file} is not UTF-8 text: save it as UTF-8.`);
  }
}

/** Parses one YAML document. Aliases and tags are refused: they make small files huge, and packs need neither. */
function parseYaml(text: string, file: string): YamlReading {
  const lines = new LineCounter();
  const document = tryParse(text, lines);
  const finding = (offset: number, code: string, message: string): Finding => {
    const { line, col } = lines.linePos(offset);
    return { severity: 'error', code, message, file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  if (!document) {
    return { source: null, findings: [finding(0, 'bad-yaml', `${file} is nested too deeply: write it flatter.`)] };
  }
  const findings = [...document.errors, ...document.warnings]
    // What follows the first fault in the syntax is mostly its echo.
    .filter(({ code }, index) => code === 'DUPLICATE_KEY' || index === 0)
    .map(({ code, message, pos }) => {
      const [kind, say] = explainSyntax(code, message, text.slice(pos[0], pos[1] + 1).trim());
      return finding(pos[0], kind, say);
    });
  if (findings.length === 0) {
    visit(document, {
      Alias: (_, node) => {
        findings.push(finding(node.range?.[0] ?? 0, 'alias', `*${node.source} is an alias: write its value out here.`));
      },
    });
  }
  return findings.length > 0 ? { source: null, findings } : { source: sourceOf(document, text, file, lines), findings };
}

function tryParse(text: string, lines: LineCounter): Document.Parsed | null {
  try {
    return parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      stringKeys: true,
      resolveKnownTags: false,
      logLevel: 'error',
    });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function explainSyntax(code: string, message: string, at: string): [code: string, message: string] {
  switch (code) {
    case 'DUPLICATE_KEY':
      return ['duplicate-key', 'This key is written twice: remove one of the two.'];
    case 'TAB_AS_INDENT':
      return ['bad-yaml', 'A tab cannot indent YAML: use spaces.'];
    case 'MULTIPLE_DOCS':
      return ['bad-yaml', 'There is more than one YAML document: remove the line "---".'];
    case 'TAG_RESOLVE_FAILED':
      return ['bad-yaml', 'Tags (!...) are not used in packs: write the plain value.'];
    case 'NON_STRING_KEY':
      return ['bad-yaml', 'A key must be plain text.'];
  }
  if (message.includes('call stack')) return ['bad-yaml', 'This is nested too deeply: write it flatter.'];
  if (message.startsWith('Nested mappings')) {
    return ['bad-yaml', 'A text with ": " in it reads as a mapping: put it in quotes, or below the key after ">-".'];
  }
  const quote = /^[>|@%&`]/.test(at) || message.startsWith('Not a YAML token');
  const hint = quote ? 'Put the value in quotes, as in "> 20".' : 'Check the quotes, brackets and indentation here.';
  return ['bad-yaml', `This is not YAML (${message}). ${hint}`];
}

function sourceOf(document: Document.Parsed, text: string, file: string, lines: LineCounter): YamlSource {
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const start = (node: Node | null | undefined) => node?.range?.[0] ?? 0;
  return {
    file,
    value: document.toJS(),
    place: (path) => {
      const { node, key } = find(document, path);
      return at(start(key && !isScalar(node) ? key : (node ?? key)));
    },
    keyPlace: (path) => {
      const { node, key } = find(document, path);
      return at(start(key ?? node));
    },
    placeWithin: (path, offset) => {
      const { node } = find(document, path);
      if (!isScalar(node) || typeof node.value !== 'string' || !node.range) return at(start(node));
      return at(node.range[0] + offsetInText(text.slice(node.range[0], node.range[1]), node.value, offset));
    },
  };
}

type Found = { node: Node | null; key: Node | null };

/** The node at `path` and its key, or the deepest one on the way there. */
function find(document: Document.Parsed, path: YamlPath): Found {
  let found: Found = { node: document.contents, key: null };
  for (const step of path) {
    const next = child(found.node, step);
    if (!next) return found;
    found = next;
  }
  return found;
}

function child(node: Node | null, step: PropertyKey): Found | null {
  if (isMap<Node, Node | null>(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && key.value === step);
    return pair ? { node: pair.value, key: pair.key } : null;
  }
  const item = isSeq<Node>(node) && typeof step === 'number' ? node.items[step] : undefined;
  return item && !isAlias(item) ? { node: item, key: null } : null;
}

/**
 * Where in the raw text of a scalar a character of its value stands. White space is folded and indented in as many ways
 * as there are kinds of scalar, so the characters between are counted, an escaped one as one.
 */
function offsetInText(raw: string, value: string, offset: number): number {
  const quote = /^["']/.exec(raw)?.[0] ?? '';
  const header = /^[|>].*\n/.exec(raw)?.[0].length ?? quote.length;
  const escapes: Record<string, RegExp> = { '"': /^\\(x..|u....|U.{8}|.)/s, "'": /^''/ };
  let left = value.slice(0, offset).replace(/\s/g, '').length;
  for (let index = header; index < raw.length; ) {
    const escaped = escapes[quote]?.exec(raw.slice(index, index + MOST_OF_ESCAPE))?.[0];
    const isSpace = escaped ? /^\\[\snrt]/.test(escaped) : /\s/.test(raw[index]!);
    if (!isSpace) {
      if (left === 0) return index;
      left--;
    }
    index += escaped?.length ?? 1;
  }
  return Math.max(0, raw.length - 1);
}
