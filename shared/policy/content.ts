// The content rules of a policy, compiled: which list, if any, a text breaks.
import { compileWords, type Matcher, type Word } from './match-words.ts';
import type { ContentRules, Direction } from './policy.ts';

export type WordList = {
  readonly id: string;
  readonly direction: Direction | 'both';
  readonly publicText: string;
  /** Normalised. */
  readonly words: readonly string[];
};

/** Compiles the lists; where several match, the first one in this order decides. */
export function compileContent(lists: readonly WordList[]): ContentRules {
  const shared = lists.every(({ direction }) => direction === 'both') ? matcherOf(lists, 'inward') : undefined;
  const inward = shared ?? matcherOf(lists, 'inward');
  const outward = shared ?? matcherOf(lists, 'outward');
  return {
    judge(direction, texts) {
      const matches = direction === 'inward' ? inward : outward;
      let first: number | undefined;
      for (const text of texts) {
        const rank = matches(text);
        if (rank !== undefined && (first === undefined || rank < first)) first = rank;
      }
      const list = first === undefined ? undefined : lists[first];
      return list === undefined ? undefined : { rule: list.id, publicText: list.publicText };
    },
  };
}

function matcherOf(lists: readonly WordList[], direction: Direction): Matcher {
  const words: Word[] = [];
  for (const [rank, list] of lists.entries()) {
    if (list.direction !== 'both' && list.direction !== direction) continue;
    for (const word of list.words) words.push({ word, rank });
  }
  return compileWords(words);
}
