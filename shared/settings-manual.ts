// Writes the manual of a settings schema: each key, its type, its default, and the words that the schema carries.
import { type ZodType, z } from 'zod';
import { isRefusalCode, type RefusalCode, refusalRow, refusals } from './refusals.ts';
import { innermost } from './settings.ts';

/** A Markdown table of all keys of a schema, blocks before what is in them, in the order of the schema. */
export function settingsTable(schema: ZodType): string {
  const rows = keysOf(schema, '').map(
    ({ key, type, fallback, words }) => `| \`${key}\` | ${cell(type)} | ${fallback} | ${cell(words)} |`,
  );
  return ['| key | is | default | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

/** A Markdown table of all refusal codes: what each side's sender is told, and what it means. */
export function refusalsTable(): string {
  const rows = Object.keys(refusals).filter(isRefusalCode).map(refusalLine);
  return [
    '| code | answer | XMPP sender is told | SIP sender is told | meaning |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

type Key = { readonly key: string; readonly type: string; readonly fallback: string; readonly words: string };

function keysOf(schema: ZodType, above: string): Key[] {
  const plain = innermost(schema);
  if (plain instanceof z.ZodArray) {
    return plain.element instanceof z.ZodType ? keysOf(plain.element, `${above}[]`) : [];
  }
  if (plain instanceof z.ZodUnion) {
    return plain.options.flatMap((option) => (option instanceof z.ZodType ? keysOf(option, above) : []));
  }
  if (plain instanceof z.ZodRecord) return keysOf(z.strictObject({ LANGUAGE: entryOf(plain) }), above);
  if (!(plain instanceof z.ZodObject)) return [];
  const found: Key[] = [];
  for (const [name, part] of Object.entries(plain.shape)) {
    if (!(part instanceof z.ZodType)) continue;
    const key = above === '' ? name : `${above}.${name}`;
    found.push({ key, type: typeOf(part), fallback: defaultOf(part), words: wordsOf(part) }, ...keysOf(part, key));
  }
  return found;
}

// The policy's records are all by language.
function entryOf(record: z.ZodRecord): ZodType {
  if (!(record.valueType instanceof z.ZodType)) throw new Error('a record of nothing that a schema says');
  return record.valueType;
}

function typeOf(schema: unknown): string {
  const plain = innermost(schema);
  if (plain instanceof z.ZodString) return isPath(schema) ? 'path' : 'text';
  if (plain instanceof z.ZodNumber) return `number${range(plain)}`;
  if (plain instanceof z.ZodBoolean) return 'true or false';
  if (plain instanceof z.ZodEnum) return plain.options.map((option) => `\`${option}\``).join(' or ');
  if (plain instanceof z.ZodLiteral) return [...plain.values].map((value) => `\`${String(value)}\``).join(' or ');
  if (plain instanceof z.ZodArray) {
    const element = typeOf(plain.element);
    return element === 'block' ? 'list of blocks' : `list of: ${element}`;
  }
  if (plain instanceof z.ZodObject) return 'block';
  if (plain instanceof z.ZodUnion) return plain.options.map(typeOf).join(' or ');
  if (plain instanceof z.ZodRecord) return 'block';
  if (plain instanceof z.ZodLazy) return 'condition';
  throw new Error(`the manual has no word for a schema of type ${plain instanceof z.ZodType ? plain.type : 'unknown'}`);
}

function range(schema: z.ZodNumber): string {
  const { minValue, maxValue } = schema;
  const limit = (value: number | null) =>
    value === null || !Number.isFinite(value) || Math.abs(value) >= Number.MAX_SAFE_INTEGER ? undefined : value;
  const least = limit(minValue);
  const most = limit(maxValue);
  if (least === undefined && most === undefined) return '';
  if (most === undefined) return ` from ${least}`;
  return least === undefined ? ` up to ${most}` : ` ${least} to ${most}`;
}

function defaultOf(schema: ZodType): string {
  if (schema instanceof z.ZodOptional) return 'none';
  if (schema instanceof z.ZodPrefault) return 'as below';
  if (schema instanceof z.ZodDefault) {
    const value: unknown = schema.def.defaultValue;
    if (Array.isArray(value) && value.length === 0) return 'empty';
    return typeof value === 'object' ? 'as below' : `\`${String(value)}\``;
  }
  return '**required**';
}

function wordsOf(schema: unknown): string {
  for (let inner: unknown = schema; inner instanceof z.ZodType; ) {
    if (inner.description !== undefined) return inner.description;
    if (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault) {
      inner = inner.unwrap();
    } else if (inner instanceof z.ZodArray) inner = inner.element;
    else break;
  }
  return '';
}

function isPath(schema: unknown): boolean {
  return schema instanceof z.ZodType && (schema.meta()?.path === true || isPath(unwrapped(schema)));
}

function unwrapped(schema: ZodType): unknown {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ? schema.unwrap() : undefined;
}

function refusalLine(code: RefusalCode): string {
  const { answer, xmpp, stream, sip, meaning } = refusalRow(code);
  const told = answer === 'drop' ? 'nothing' : `\`${xmpp.condition}\` (${xmpp.type})`;
  const ended = stream === undefined ? '' : `; the stream ends with \`${stream}\``;
  const statuses = [
    `${sip.status}`,
    ...(sip.invite === undefined ? [] : [`${sip.invite} to an INVITE`]),
    ...(sip.federated === undefined ? [] : [`${sip.federated} to a federated peer`]),
  ];
  return `| \`${code}\` | ${answer} | ${told}${ended} | ${statuses.join(', ')} | ${cell(meaning)} |`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
