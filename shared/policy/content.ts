// The content rules of a policy, compiled: which list, if any, a text breaks. The engine is that of shared/content.
import { compileRules } from '../content/compile-rules.ts';
import { createEngine } from '../content/engine.ts';
import type { Rules } from '../content/rules.ts';
import type { ContentRules, Direction } from './policy.ts';

export type WordList = {
  readonly id: string;
  readonly direction: Direction | 'both';
  readonly publicText: string;
  readonly words: readonly string[];
};

export type ContentCompiled =
  | { readonly ok: true; readonly content: ContentRules }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Compiles the lists; where several match, the first one in this order decides. A word counts in every disguise that is
 * sure enough. Refuses, with what to do in words, what is larger than the engine takes.
 */
export function compileContent(lists: readonly WordList[]): ContentCompiled {
  const made = compileRules(rulesOf(lists));
  if (!made.ok) return { ok: false, problems: made.problems.map(({ problem }) => problem) };
  const engine = createEngine(made.compiled);
  const publicTexts = new Map(lists.map(({ id, publicText }) => [id, publicText]));
  return {
    ok: true,
    content: {
      judge(direction, texts) {
        if (texts.length === 0) return undefined;
        // Texts come without their places here, so that none is joined with another.
        const parts = texts.map((text) => ({ part: 'note' as const, text }));
        const { rule } = engine.evaluate({ direction, parts, now: 0 });
        return rule === undefined ? undefined : { rule, publicText: publicTexts.get(rule) ?? '' };
      },
    },
  };
}

function rulesOf(lists: readonly WordList[]): Rules {
  return {
    detectors: lists.map(({ id, words }) => ({
      id,
      source: { kind: 'terms', list: { terms: words.map((text) => ({ text })) } },
    })),
    rules: lists.map(({ id, direction }) => ({
      id,
      when: { kind: 'found', detector: id },
      action: 'block',
      mode: 'enforce',
      direction,
    })),
    // Pairs that are closed are let through by the stage that cleans texts; others never come here.
    bidiControls: 'allow',
  };
}
