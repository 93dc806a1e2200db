// A word list as its author writes it: one word or phrase a line, # starts a comment.
import { canonicalOf } from '../content/fold.ts';

const wordsAtMost = 100_000;
/** Lines that are no comment, words that stand there twice included: reading ends here, however long the list is. */
const linesAtMost = 200_000;
const problemsAtMost = 100;
const charactersAtMost = 200;

/**
 * Reads the text of the list `file`; of words that differ in nothing that counts, the first one comes. `text` is undefined where
 * the file is not UTF-8. A problem never quotes a word: the list may be secret.
 */
export function readWordList(
  file: string,
  text: string | undefined,
): { readonly words: readonly string[]; readonly problems: readonly string[] } {
  if (text === undefined) return { words: [], problems: [`${file}: the text is not UTF-8; save it as UTF-8`] };
  const words = new Map<string, string>();
  const problems: string[] = [];
  let lines = 0;
  for (const [i, raw] of text.split('\n').entries()) {
    const line = raw.replace(/^\uFEFF/, '').trim();
    if (line === '' || line.startsWith('#')) continue;
    if (words.size > wordsAtMost || problems.length >= problemsAtMost) break;
    if (++lines > linesAtMost) {
      problems.push(`${file}: more than ${linesAtMost} lines; split it or make it smaller`);
      break;
    }
    const word = canonicalOf(line.slice(0, 4 * charactersAtMost)).trim();
    if (!/[\p{L}\p{N}]/u.test(word))
      problems.push(`${file}:${i + 1}: no letter and no digit in it; write a word instead`);
    else if (line.length > charactersAtMost) {
      problems.push(`${file}:${i + 1}: too long; write a phrase of at most ${charactersAtMost} characters instead`);
    } else if (!words.has(word)) words.set(word, line);
  }
  if (words.size > wordsAtMost) problems.push(`${file}: more than ${wordsAtMost} words; split it or make it smaller`);
  if (words.size === 0 && problems.length === 0) {
    problems.push(`${file}: there is no word in it; write at least one, or remove the list from content.yaml`);
  }
  return { words: [...words.values()], problems };
}
