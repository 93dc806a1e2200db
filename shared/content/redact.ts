// Takes out of the texts what rules demand to be taken out, and looks again until nothing more is found (§1.2).
import type { Engine } from './engine.ts';
import type { Evaluation, Hit, PartOfText, Subject } from './rules.ts';

export type Redacted =
  /** `parts` in the order of the subject's; the caller drops other renderings of what was changed. */
  | { readonly ok: true; readonly parts: readonly PartOfText[]; readonly evaluation: Evaluation }
  /** It cannot be taken out without doubt, and must be refused. */
  | { readonly ok: false };

const roundsAtMost = 4;
const usualMarker = (rule: string) => `[REDACTED:${rule}]`;

/**
 * Replaces what the redacting rules found by `[REDACTED:rule]`, or what `marker` makes of the rule's id. Not possible, and so to be refused: a hit without a place,
 * one that began in another text, more hits than were told, or a text that is not clean after four rounds.
 */
export function redact(
  engine: Engine,
  subject: Subject,
  evaluation: Evaluation,
  redacting: ReadonlySet<string>,
  marker = usualMarker,
): Redacted {
  let parts = subject.parts;
  let last = evaluation;
  for (let round = 0; round < roundsAtMost; round++) {
    if (last.action !== 'redact')
      return last.action === 'block' || last.action === 'quarantine'
        ? { ok: false }
        : { ok: true, parts, evaluation: last };
    const hits = last.hits.filter(({ rule, mode }) => mode === 'enforce' && redacting.has(rule));
    if (last.isCut || hits.some(({ part, spread }) => part === undefined || spread === true)) return { ok: false };
    parts = parts.map((part, index) => ({ ...part, text: without(part.text, hits, index, marker) }));
    last = engine.evaluate({ ...subject, parts });
  }
  return last.action === 'redact' || last.action === 'block' || last.action === 'quarantine'
    ? { ok: false }
    : { ok: true, parts, evaluation: last };
}

function without(text: string, hits: readonly Hit[], part: number, marker: typeof usualMarker): string {
  const spans = hits
    .filter((hit) => hit.part === part)
    .map(({ rule, start = 0, end = 0 }) => ({ rule, start, end }))
    .toSorted((a, b) => a.start - b.start || b.end - a.end);
  let kept = '';
  let at = 0;
  for (const { rule, start, end } of spans) {
    if (end <= at) continue;
    // One marker stands for places that overlap.
    if (start >= at) kept += `${text.slice(at, start)}${marker(rule)}`;
    at = end;
  }
  return kept + text.slice(at);
}
