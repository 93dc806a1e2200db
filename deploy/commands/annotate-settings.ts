// Writes a settings file from its schema: every key with its words, what is not said commented out with its default.
import { innermost } from '@sallyport/shared/settings.ts';
import { z } from 'zod';

/** A value of a settings file as it is written: a scalar, a list or a group of keys. */
export type Written = string | number | boolean | readonly Written[] | { readonly [key: string]: Written | undefined };

const WIDTH = 110;

/**
 * YAML for `values`, in the order of `schema`, each key below its words. Keys without a value are commented out: with
 * their default, or empty where they have none. `title` is the first comment.
 */
export function annotateSettings(title: readonly string[], schema: z.ZodType, values: Written): string {
  const lines = [...title.flatMap((line) => comment(line, '')), '', ...group(innermost(schema), values, '')];
  return `${lines.join('\n')}\n`;
}

/** A group that is a sample shows what it needs, though nobody gave it: it is going to be commented out. */
function group(schema: unknown, values: Written | undefined, indent: string, isSample = false): readonly string[] {
  if (!(schema instanceof z.ZodObject)) throw new TypeError('settings are made of groups of keys');
  const given = isGroup(values) ? values : {};
  return Object.entries(schema.shape).flatMap(([key, member], index) => [
    ...(indent === '' && index > 0 ? [''] : []),
    ...entry(key, member, given[key] ?? (isSample ? defaultOf(member) : undefined), indent, isSample),
  ]);
}

function entry(
  key: string,
  schema: unknown,
  value: Written | undefined,
  indent: string,
  isSample: boolean,
): readonly string[] {
  const inner = innermost(schema);
  const words = comment([wordsOf(schema), ...boundsOf(inner, schema)].filter((each) => each !== '').join('; '), indent);
  if (inner instanceof z.ZodObject) {
    if (value !== undefined && !isSample) return [...words, `${indent}${key}:`, ...group(inner, value, `${indent}  `)];
    return [...words, ...commentedOut([`${indent}${key}:`, ...group(inner, undefined, `${indent}  `, true)], indent)];
  }
  if (value === undefined) {
    const mark = isSample && !(schema instanceof z.ZodOptional) ? '' : '# ';
    return [...words, `${indent}${mark}${key}: ${scalarList(defaultOf(schema))}`.trimEnd()];
  }
  if (inner instanceof z.ZodArray && Array.isArray(value) && value.some(isGroup)) {
    return [...words, `${indent}${key}:`, ...value.flatMap((each) => item(inner.element, each, `${indent}  `))];
  }
  return [...words, `${indent}${key}: ${scalarList(value)}`];
}

/** One group in a list: its first key carries the dash. Words stand above the dash. */
function item(schema: unknown, value: Written, indent: string): readonly string[] {
  const lines = group(innermost(schema), value, `${indent}  `);
  const first = lines.findIndex((line) => !/^\s*#/.test(line));
  return lines.map((line, index) => (index === first ? `${indent}- ${line.trimStart()}` : line));
}

function commentedOut(lines: readonly string[], indent: string): readonly string[] {
  return lines.map((line) => `${indent}# ${line.slice(indent.length)}`);
}

function comment(words: string, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of words.split(' ').filter((each) => each !== '')) {
    if (line !== '' && indent.length + line.length + word.length + 3 > WIDTH) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  if (line !== '') lines.push(line);
  return lines.map((each) => `${indent}# ${each}`);
}

/** The words of a schema, which may stand on what it wraps. */
function wordsOf(schema: unknown): string {
  if (!(schema instanceof z.ZodType)) return '';
  if (schema.description !== undefined) return schema.description;
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault
    ? wordsOf(schema.unwrap())
    : '';
}

/** What may be written: the choices, or the smallest and largest number; and the default. */
function boundsOf(inner: unknown, schema: unknown): readonly string[] {
  const standard = defaultOf(schema);
  const unless = standard === undefined || typeof standard === 'object' ? [] : [`${scalarList(standard)} unless told`];
  if (inner instanceof z.ZodEnum) return [`one of ${inner.options.join(', ')}`, ...unless];
  if (!(inner instanceof z.ZodNumber)) return unless;
  const { minValue: least, maxValue: most } = inner;
  const isPort = most === 65535 || least === null || most === null;
  return [...(isPort ? [] : [`${least} to ${most}`]), ...unless];
}

function defaultOf(schema: unknown): Written | undefined {
  if (schema instanceof z.ZodOptional) return defaultOf(schema.unwrap());
  if (!(schema instanceof z.ZodDefault) && !(schema instanceof z.ZodPrefault)) return undefined;
  const value: unknown = schema.def.defaultValue;
  return isWritten(value) ? value : undefined;
}

function scalarList(value: Written | undefined): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return `[${value.map((each) => scalarList(each)).join(', ')}]`;
  if (typeof value !== 'string') return JSON.stringify(value);
  const isPlain =
    /^[A-Za-z/][A-Za-z0-9_./:@-]*[A-Za-z0-9]$/.test(value) && !/^(true|false|null|yes|no|on|off)$/i.test(value);
  return isPlain ? value : JSON.stringify(value);
}

function isGroup(value: unknown): value is { readonly [key: string]: Written | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWritten(value: unknown): value is Written {
  return ['string', 'number', 'boolean'].includes(typeof value) || Array.isArray(value) || isGroup(value);
}
