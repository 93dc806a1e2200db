// Words of a list that would stop half of all messages: too short, or words that everybody says.
import path from 'node:path';
import { skeletonOf } from '@sallyport/shared/content/fold.ts';
import { utf8 } from '@sallyport/shared/policy/check-file.ts';
import { commonWords } from './common-words.ts';
import type { ReadPolicy } from './read-policy.ts';

const lettersAtLeast = 4;
const toldAtMost = 20;

/** By file and line, never with the word itself: the list may be secret, and warnings go into tickets. */
export function wordWarnings(policy: ReadPolicy): readonly string[] {
  return [...decidingLists(policy)].flatMap((name) => warningsIn(policy, name));
}

// What only makes another finding surer may be as common as it likes.
function decidingLists({ content, rules }: ReadPolicy): ReadonlySet<string> {
  const asked = new Set(rules.rules.flatMap((rule) => (rule.mode === 'enforce' ? namesIn(rule.when) : [])));
  const files = [...(content.lists ?? []), ...(content.detectors ?? [])].flatMap((one) => {
    const file = 'file' in one ? one.file : one.terms;
    return file !== undefined && asked.has(one.id) ? [file] : [];
  });
  return new Set(files);
}

type Asking = ReadPolicy['rules']['rules'][number]['when'];

// In company (near, all) a common word may well stand: only what decides alone counts here.
function namesIn(condition: Asking): readonly string[] {
  if (condition.kind === 'found') return (condition.count ?? 1) === 1 ? [condition.detector] : [];
  return condition.kind === 'any' ? condition.of.flatMap(namesIn) : [];
}

function warningsIn({ folder, files }: ReadPolicy, name: string): readonly string[] {
  const file = path.join(folder, name);
  const told: string[] = [];
  for (const [at, raw] of (utf8(files.files.get(name) ?? Buffer.of()) ?? '').split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const skeleton = skeletonOf(line).trim();
    const letters = skeleton.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
    // One sign of these scripts is a word.
    const isDense = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Hangul}]/u.test(line);
    if (commonWords.has(skeleton)) {
      told.push(
        `${file}:${at + 1}: a word that everybody says, and each of its messages would be stopped; write a phrase`,
      );
    } else if (letters < lettersAtLeast && !isDense) {
      told.push(
        `${file}:${at + 1}: only ${letters} letters, which stand in much that is harmless; write a longer phrase`,
      );
    }
  }
  if (told.length <= toldAtMost) return told;
  return [...told.slice(0, toldAtMost), `${file}: and ${told.length - toldAtMost} more such words`];
}
