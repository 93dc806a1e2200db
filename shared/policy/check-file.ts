// One YAML file of the policy, checked by its schema; and texts that must be UTF-8.
import path from 'node:path';
import type { ZodType } from 'zod';
import { checkYaml } from '../checked-yaml.ts';
import type { PolicyFiles } from './policy-files.ts';

/** A folder of a policy as it was read, and where what is wrong with it goes, one line each. */
export type PolicyFolder = { readonly folder: string; readonly read: PolicyFiles; readonly problems: string[] };

/** The content of a file that a policy needs; undefined where it is missing or wrong, which is told then. */
export function checkFile<S>(
  { folder, read, problems }: PolicyFolder,
  name: string,
  schema: ZodType<S>,
): S | undefined {
  const file = path.join(folder, name);
  const bytes = read.files.get(name);
  if (bytes === undefined) {
    if (read.problems.length === 0) problems.push(`${file}: there is no such file; a policy needs it`);
    return undefined;
  }
  const text = utf8(bytes);
  if (text === undefined) {
    problems.push(`${file}: the text is not UTF-8; save it as UTF-8`);
    return undefined;
  }
  const checked = checkYaml(file, text, schema);
  if (checked.ok) return checked.value;
  problems.push(...checked.problems);
  return undefined;
}

/** The same for a file that may be left out. */
export function checkFileIfThere<S>(from: PolicyFolder, name: string, schema: ZodType<S>): S | undefined {
  return from.read.files.has(name) ? checkFile(from, name, schema) : undefined;
}

/** Undefined: it is not UTF-8. */
export function utf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
