// The texts that one conversation says one after the other as one text, so that what is split over them is found.
import type { Finding } from './findings.ts';
import type { Part, PartOfText } from './rules.ts';

/** Where a place of a text is in the parts of the packet; undefined: it is told of elsewhere. */
export type Place = (start: number, end: number) => Pick<Finding, 'part' | 'start' | 'end' | 'spread'> | undefined;

/** The parts that people say, which go on from message to message. */
export function spokenParts(parts: readonly PartOfText[]): number {
  let spoken = 0;
  for (const { part } of parts) if (isSpoken(part)) spoken++;
  return spoken;
}

export function isSpoken(part: Part): boolean {
  return part === 'body' || part === 'subject';
}

/**
 * The subject and the bodies of a packet behind the last `reach` characters of what was said before it, a line feed between
 * each two; undefined where there is nothing to join. Its places are those of what begins in one text and ends in a later one.
 */
export function joinedText(
  parts: readonly PartOfText[],
  before: readonly string[],
  reach: number,
): { readonly text: string; readonly place: Place } | undefined {
  const spoken: number[] = [];
  for (const [index, { part }] of parts.entries()) if (isSpoken(part)) spoken.push(index);
  if (spoken.length === 0 || spoken.length + before.length < 2) return undefined;
  const pieces = lastOf(before, reach);
  const earlier = pieces.length;
  for (const index of spoken) {
    const text = parts[index]?.text ?? '';
    pieces.push(spoken.length === 1 ? text.slice(0, reach) : text);
  }
  let text = '';
  const starts: number[] = [];
  for (const piece of pieces) {
    if (starts.length > 0) text += '\n';
    starts.push(text.length);
    text += piece;
  }
  return {
    text,
    place(start, end) {
      const piece = starts.findLastIndex((from) => from < end);
      const from = starts[piece] ?? 0;
      const part = spoken[piece - earlier];
      // It must end in this packet, and must have begun in an earlier piece.
      return part === undefined || start >= from ? undefined : { part, start: 0, end: end - from, spread: true };
    },
  };
}

/** The last characters of what was said before, so many at most. */
export function lastOf(before: readonly string[], reach: number): string[] {
  let first = before.length;
  let left = reach;
  while (first > 0 && left > 0) {
    first--;
    left -= before[first]?.length ?? 0;
  }
  const kept = before.slice(first);
  // The first of them gives what is left of the reach.
  if (left < 0) kept[0] = kept[0]?.slice(-left) ?? '';
  return kept;
}
