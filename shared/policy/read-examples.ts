// The examples of a policy, read from its files: bounded, each with its place, and for the proxy only those that it may hold.
import path from 'node:path';
import { checkYaml, linesOf } from '../checked-yaml.ts';
import { utf8 } from './check-file.ts';
import { examplesFile } from './example-schema.ts';
import type { Side } from './load-policy.ts';
import { isExample, type PolicyFiles } from './policy-files.ts';
import type { Example } from './prove-examples.ts';

export type ExamplesRead = { readonly examples: readonly Example[]; readonly problems: readonly string[] };

/** All examples of a policy together: they are played in one go whenever a policy is put in force. */
export const examplesAtMost = 2_000;
export const exampleBytesAtMost = 524_288;

/**
 * Reads the examples, for the proxy those of the files that say `where: both`. Refused: more than 2,000 of them, or files
 * of more than 512 KiB together, since the process waits while they are played.
 */
export function readExamples(folder: string, { files }: Pick<PolicyFiles, 'files'>, side: Side): ExamplesRead {
  const named = [...files].filter(([name]) => isExample(name)).sort(([a], [b]) => (a < b ? -1 : 1));
  const bytes = named.reduce((sum, [, content]) => sum + content.length, 0);
  const place = path.join(folder, 'examples');
  if (bytes > exampleBytesAtMost) {
    return { examples: [], problems: [`${place}: more than ${exampleBytesAtMost} bytes in all; make them fewer`] };
  }
  const examples: Example[] = [];
  const problems: string[] = [];
  for (const [name, content] of named) {
    const file = path.join(folder, name);
    const text = utf8(content);
    if (text === undefined) {
      problems.push(`${file}: the text is not UTF-8; save it as UTF-8`);
      continue;
    }
    const checked = checkYaml(file, text, examplesFile);
    if (!checked.ok) {
      problems.push(...checked.problems);
      continue;
    }
    const atProxy = checked.value.where === 'both';
    // In a folder that both programs share; a copy that was cut has no other.
    if (side === 'dmz' && !atProxy) continue;
    const lineOf = linesOf(text);
    for (const [at, one] of checked.value.examples.entries()) {
      examples.push({ ...one, file, line: lineOf('examples', at), atProxy });
    }
  }
  if (examples.length > examplesAtMost) problems.push(`${place}: more than ${examplesAtMost}; make them fewer`);
  return { examples, problems };
}
