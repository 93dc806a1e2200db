// The settings file of a process: read, checked by its schema, paths made absolute, frozen.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type ZodType, z } from 'zod';
import { checkYaml } from './checked-yaml.ts';
import { fileTrouble } from './file-trouble.ts';

export type SettingsRead<S> =
  | { readonly ok: true; readonly settings: S; readonly base: string }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Reads the settings file. Paths in it that the schema marks with `.meta({ path: true })` start at the folder of the
 * file, `base`; the result has them absolute, and nothing in it can be changed.
 * All problems come at once, one line each: `file:line: key: what is wrong; write … instead`. Exit with 2 on them.
 */
export function readSettings<S>(file: string, schema: ZodType<S>): SettingsRead<S> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    return { ok: false, problems: [fileTrouble(file, error)] };
  }
  const checked = checkYaml(file, text, schema);
  if (!checked.ok) return checked;
  const base = path.dirname(path.resolve(file));
  return { ok: true, settings: resolveFiles(checked.value, schema, base), base };
}

/** The same settings with every marked path absolute, frozen. What is absolute already stays. */
export function resolveFiles<S>(settings: S, schema: ZodType<S>, base: string): S {
  // The shape is kept, only texts change: the one place where the type is asserted.
  return resolveAt(settings, schema, base) as S;
}

function resolveAt(value: unknown, schema: unknown, base: string): unknown {
  const plain = innermost(schema);
  if (typeof value === 'string') return marked(schema) ? path.resolve(base, value) : value;
  if (Array.isArray(value)) {
    const element = plain instanceof z.ZodArray ? plain.element : undefined;
    return Object.freeze(value.map((item: unknown) => resolveAt(item, element, base)));
  }
  if (typeof value === 'object' && value !== null) {
    const shape: Readonly<Record<string, unknown>> = plain instanceof z.ZodObject ? plain.shape : {};
    return Object.freeze(
      Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolveAt(item, shape[key], base)])),
    );
  }
  return value;
}

/** The schema inside optional, default and the like. */
export function innermost(schema: unknown): unknown {
  let inner = schema;
  while (
    inner instanceof z.ZodOptional ||
    inner instanceof z.ZodDefault ||
    inner instanceof z.ZodPrefault ||
    inner instanceof z.ZodNullable ||
    inner instanceof z.ZodReadonly
  ) {
    inner = inner.unwrap();
  }
  return inner;
}

function marked(schema: unknown): boolean {
  for (let inner = schema; inner instanceof z.ZodType; ) {
    if (inner.meta()?.path === true) return true;
    if (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault) {
      inner = inner.unwrap();
    } else return false;
  }
  return false;
}
