// A policy folder as the author's tools see it: compiled for both sides, with its entries, its examples and its texts.
import { linesOf } from '@sallyport/shared/checked-yaml.ts';
import type { Rules } from '@sallyport/shared/content/rules.ts';
import { checkFileIfThere, type PolicyFolder, utf8 } from '@sallyport/shared/policy/check-file.ts';
import { contentTerms } from '@sallyport/shared/policy/content-key.ts';
import type { ContentEntry } from '@sallyport/shared/policy/content-schema.ts';
import { labelsFile } from '@sallyport/shared/policy/label-schema.ts';
import { readContent } from '@sallyport/shared/policy/load-content.ts';
import { type LoadTerms, loadPolicy } from '@sallyport/shared/policy/load-policy.ts';
import type { Policy } from '@sallyport/shared/policy/policy.ts';
import { type PolicyFiles, readPolicyFiles } from '@sallyport/shared/policy/policy-files.ts';
import { type PartnerEntry, partnersFile } from '@sallyport/shared/policy/policy-schema.ts';
import type { Example } from '@sallyport/shared/policy/prove-examples.ts';
import { readExamples } from '@sallyport/shared/policy/read-examples.ts';
import type { z } from 'zod';
import { type Options, textOption, WrongQuestion } from '../command.ts';

export type ReadPolicy = {
  readonly folder: string;
  readonly files: PolicyFiles;
  /** As the gateway judges. */
  readonly inside: Policy;
  /** As the proxy judges, which holds no words of lists that say `where: inside`. */
  readonly dmz: Policy;
  readonly partners: readonly PartnerEntry[];
  readonly content: ContentEntry;
  readonly labels: z.infer<typeof labelsFile> | undefined;
  /** What the gateway's engine was compiled from. */
  readonly rules: Rules;
  /** What the proxy's engine was compiled from. */
  readonly dmzRules: Rules;
  readonly examples: readonly Example[];
};

export type PolicyRead =
  | { readonly ok: true; readonly policy: ReadPolicy }
  | { readonly ok: false; readonly problems: readonly string[] };

/** The option that every command takes which reads a policy. */
export const keyOption = { 'content-key': { type: 'string' } } as const;
export const keyHelp = '  --content-key FILE  the key of hash lists, where the policy has such a list';

/** The mend of what is wrong where the policy has a list of hashes, and no key was given. */
export const keyMissing = 'write --content-key FILE';

/** Reads a policy with its examples, or tells all that is wrong with it, one line each. */
export function readPolicy(folder: string, options: Options): PolicyRead {
  const key = keyIn(textOption(options, 'content-key'));
  const inside = loadPolicy(folder, 'inside', key);
  const dmz = loadPolicy(folder, 'dmz', key);
  const files = readPolicyFiles(folder);
  const { examples, problems: inExamples } = readExamples(folder, files, 'inside');
  // What is wrong on both sides is one problem.
  const told = [...(inside.ok ? [] : inside.problems), ...(dmz.ok ? [] : dmz.problems), ...inExamples];
  const problems = [...new Set(told)].map((one) => one.replace('write contentKeyFile into the settings', keyMissing));
  if (!inside.ok || !dmz.ok || problems.length > 0) return { ok: false, problems };
  const from: PolicyFolder = { folder, read: files, problems };
  const read = readContent(from, 'inside', new Set(inside.policy.partners.keys()), key.contentKey);
  const cut = readContent(from, 'dmz', new Set(inside.policy.partners.keys()), key.contentKey);
  const partners = checkFileIfThere(from, 'partners.yaml', partnersFile);
  const labels = checkFileIfThere(from, 'labels.yaml', labelsFile);
  // Somebody saved a file between the two readings.
  if (read === undefined || cut === undefined) return { ok: false, problems };
  return {
    ok: true,
    policy: {
      ...{ folder, files, inside: inside.policy, dmz: dmz.policy, labels, examples },
      ...{ content: read.entry, rules: read.rules, dmzRules: cut.rules, partners: partners?.partners ?? [] },
    },
  };
}

/** The lines of a file of the policy. */
export function placesIn({ files }: Pick<ReadPolicy, 'files'>, name: string): ReturnType<typeof linesOf> {
  return linesOf(utf8(files.files.get(name) ?? Buffer.of()) ?? '');
}

function keyIn(file: string | undefined): LoadTerms {
  try {
    return contentTerms({ contentKeyFile: file });
  } catch (error) {
    throw new WrongQuestion(error instanceof Error ? error.message : String(error));
  }
}
