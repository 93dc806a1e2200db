// A YAML file that people write, checked by a strict schema: all problems at once, each with its line and its mend.
import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import { type ZodType, z } from 'zod';
import { nearest } from './nearest.ts';

export type Checked<S> =
  | { readonly ok: true; readonly value: S }
  | { readonly ok: false; readonly problems: readonly string[] };

const charactersAtMost = 4_000_000;

/**
 * Parses and checks `text`, which stood in the file `name`. YAML 1.2 core schema; a key twice, anchors' aliases and
 * tags of one's own are refused. A problem is one line: `name:line: key: what is wrong; write … instead`.
 */
export function checkYaml<S>(name: string, text: string, schema: ZodType<S>): Checked<S> {
  if (text.length > charactersAtMost) return { ok: false, problems: [`${name}: the file is too large to be read`] };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false, schema: 'core' });
  const broken = [
    ...[...document.errors, ...document.warnings].map((problem) => ({ at: problem.pos[0], says: yamlWords(problem) })),
    ...refusedNodes(document),
  ];
  const line = (offset: number) => Math.max(1, lines.linePos(offset).line);
  if (broken.length > 0) {
    return { ok: false, problems: broken.map(({ at, says }) => oneLine(`${name}:${line(at)}: ${says}`)) };
  }
  const data: unknown = document.toJS({ maxAliasCount: 0 });
  const result = schema.safeParse(data ?? {}, { error: (issue) => wordsFor(issue), reportInput: true });
  if (result.success) return { ok: true, value: result.data };
  const problems = result.error.issues
    .flatMap((issue) => flatten(issue, []))
    .map(({ path, key, says }) => {
      const at = offsetOf(document, key === undefined ? path : [...path, key], key !== undefined);
      const where = [...path, ...(key === undefined ? [] : [key])];
      return { at, text: `${name}:${line(at)}: ${pathWords(where)}${says}` };
    });
  return { ok: false, problems: problems.sort((a, b) => a.at - b.at).map(({ text: problem }) => oneLine(problem)) };
}

/** The line of a place of a file that was checked; of what is not there, that of what is nearest above it. */
export function linesOf(text: string): (...way: readonly PropertyKey[]) => number {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, schema: 'core' });
  return (...way) => Math.max(1, lines.linePos(offsetOf(document, way, true)).line);
}

/** A key or a value of the file is quoted in a problem; it must not end the line or steer the terminal. */
function oneLine(problem: string): string {
  return problem.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** `limits.stanzaBytes`, `partners[0].domain`: a place in a file, as people write it. */
function pathWords(path: readonly PropertyKey[]): string {
  let words = '';
  for (const step of path) {
    if (typeof step === 'number') words += `[${step}]`;
    else words += words === '' ? String(step) : `.${String(step)}`;
  }
  return words === '' ? '' : `${words}: `;
}

type Problem = { readonly path: readonly PropertyKey[]; readonly key?: string; readonly says: string };

// One issue of zod becomes one line for each thing that has to be mended.
function flatten(issue: z.core.$ZodIssue, above: readonly PropertyKey[]): Problem[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    const suggestions = issue.message.split('\n');
    return issue.keys.map((key, i) => ({ path, key, says: suggestions[i] ?? 'is not a known key; remove it' }));
  }
  if (issue.code === 'invalid_union') {
    // The branch that was meant is the one that got furthest.
    const depth = (branch: readonly z.core.$ZodIssue[]) => Math.max(0, ...branch.map((inner) => inner.path.length));
    const meant = issue.errors.toSorted((a, b) => depth(b) - depth(a))[0];
    if (meant !== undefined && depth(meant) > 0) return meant.flatMap((inner) => flatten(inner, path));
  }
  // A schema's own words say what to write; what stands there is said here.
  const says = issue.message.startsWith('write ')
    ? `${shown(issue.input)} is not right; ${issue.message}`
    : issue.message;
  return [{ path, says }];
}

function wordsFor(issue: z.core.$ZodRawIssue): string {
  const input: unknown = issue.input;
  switch (issue.code) {
    case 'invalid_type': {
      const kind = kinds.get(String(issue.expected)) ?? String(issue.expected);
      const about = issue.inst instanceof z.ZodType ? issue.inst.description : undefined;
      const meaning = about === undefined ? '' : ` (${about})`;
      if (input === undefined) return `is missing; write ${kind}${meaning}`;
      return `${shown(input)} is not ${kind}; write ${kind} instead${meaning}`;
    }
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, issue.inst)).join('\n');
    case 'invalid_value':
      return `${shown(input)} is not possible; write ${issue.values.map(String).join(' or ')} instead`;
    case 'too_small':
      return typeof input === 'number'
        ? `${input} is too small; write ${issue.minimum} or more instead`
        : `is too short; write at least ${issue.minimum} ${typeof input === 'string' ? 'characters' : 'of them'} instead`;
    case 'too_big':
      return typeof input === 'number'
        ? `${input} is too large; write ${issue.maximum} or less instead`
        : `is too long; write at most ${issue.maximum} ${typeof input === 'string' ? 'characters' : 'of them'} instead`;
    case 'invalid_format': {
      const prefix = issue.format === 'starts_with' ? issue.prefix : undefined;
      return typeof prefix === 'string'
        ? `${shown(input)} does not start with ${prefix}; write ${prefix}… instead`
        : `${shown(input)} does not look as it must; see the manual for what to write instead`;
    }
    case 'invalid_union':
      return `${shown(input)} is none of the forms that are possible; see the manual for what to write instead`;
    default:
      return `${shown(input)} is wrong; see the manual for what to write instead`;
  }
}

const kinds: ReadonlyMap<string, string> = new Map([
  ['string', 'a text'],
  ['number', 'a number'],
  ['int', 'a whole number'],
  ['boolean', 'true or false'],
  ['array', 'a list'],
  ['object', 'a block of keys'],
]);

function unknownKey(key: string, inst: unknown): string {
  const known = inst instanceof z.ZodObject ? Object.keys(inst.shape) : [];
  const meant = nearest(key, known);
  if (meant !== undefined) return `is not a known key; write ${meant} instead`;
  return `is not a known key; remove it${known.length === 0 ? '' : `, or write one of ${known.join(', ')} instead`}`;
}

// Settings hold no secrets, only paths to them; a value is still cut, so that a slip of the paste fills no screen.
function shown(input: unknown): string {
  if (input === null) return 'nothing';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object') return 'a block of keys';
  const text = typeof input === 'string' ? JSON.stringify(input) : String(input);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function yamlWords(problem: { readonly code: string; readonly message: string }): string {
  switch (problem.code) {
    case 'DUPLICATE_KEY':
      return 'this key stands here for the second time; keep one of them';
    case 'TAB_AS_INDENT':
      return 'a tab at the start of the line; write spaces instead';
    case 'TAG_RESOLVE_FAILED':
      return 'tags (!name) are not taken here; write the plain value instead';
    case 'MULTIPLE_DOCS':
      return 'the file holds more than one document; remove the line ---';
    default:
      return `this is not YAML: ${problem.message.split('\n')[0]?.trim() ?? problem.code}; check quotes, colons and indentation`;
  }
}

function refusedNodes(document: Document): { readonly at: number; readonly says: string }[] {
  const found: { at: number; says: string }[] = [];
  visit(document, (_, node) => {
    if (isAlias(node))
      found.push({ at: node.range?.[0] ?? 0, says: 'aliases (*name) are not taken here; write the value again' });
    if (isPair(node) && !(isScalar(node.key) && typeof node.key.value === 'string')) {
      const at = isNode(node.key) ? (node.key.range?.[0] ?? 0) : 0;
      found.push({ at, says: 'this key is not a text; write it in quotes' });
    }
  });
  return found;
}

// Where a place of the data stands in the file; of what is missing, where its parent stands.
function offsetOf(document: Document, path: readonly PropertyKey[], wantsKey: boolean): number {
  let node: unknown = document.contents;
  let at = start(node);
  for (const [i, step] of path.entries()) {
    if (!isCollection(node)) return at;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === step);
      if (pair === undefined) return at;
      if (isNode(pair.key)) at = start(pair.key);
      node = pair.value;
      if (wantsKey && i === path.length - 1) return at;
    } else {
      node = node.get(Number(step), true);
      at = isNode(node) ? start(node) : at;
    }
  }
  return isScalar(node) ? start(node) : at;
}

function start(node: unknown): number {
  const range = isNode(node) ? (node satisfies Node).range : undefined;
  return range?.[0] ?? 0;
}
