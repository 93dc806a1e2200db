// The plain way to look at the texts of a packet: every detector over every text, and over all that was said joined again.
// It is what the engine's way, which looks only where something may be, must agree with.
import { type Cased, casedOf } from '@sallyport/shared/content/cased.ts';
import { decode } from '@sallyport/shared/content/decode.ts';
import type { Detect, Detectors } from '@sallyport/shared/content/detect.ts';
import { findNumbers } from '@sallyport/shared/content/find-numbers.ts';
import { findTerms } from '@sallyport/shared/content/find-terms.ts';
import { createFindings, type Finding, type Findings } from '@sallyport/shared/content/findings.ts';
import { createFolder, type Folded, type Folder } from '@sallyport/shared/content/fold.ts';
import { rankOf } from '@sallyport/shared/content/markings/marking.ts';
import { type FoundMarking, findMarkings, markingsAtMost } from '@sallyport/shared/content/markings/parse-markings.ts';
import type { PartOfText, Source } from '@sallyport/shared/content/rules.ts';
import { isValid } from '@sallyport/shared/content/validators.ts';

/** All texts of a packet and of what is remembered of its conversation together, in UTF-16 units; more is not judged. */
const charactersAtMost = 262_144;

const decodeDepth = 2;
/** Characters on either side of where one text ends and the next begins: what is remembered, and what numbers need. */
const reachAtMost = 512;
const reachAtLeast = 64;
const decodedLess = 5;

/** Makes a detect with buffers of its own; it is used by one evaluation at a time. */
export function createPlainDetect(detectors: Detectors): Detect {
  // A text out of a code is folded while the one around it is still being read.
  // Half a term that was split over messages, with three signs between each two letters, reaches so far.
  const reach = Math.min(reachAtMost, Math.max(reachAtLeast, 2 * detectors.terms.longest));
  const folders: readonly Folder[] = Array.from({ length: decodeDepth + 1 }, createFolder);
  const look = lookWith(detectors, folders);
  return ({ parts, before = [] }) => {
    const findings = createFindings();
    const markings: Finding[] = [];
    let characters = 0;
    for (const { text } of parts) characters += text.length;
    let isWhole = characters <= charactersAtMost;
    if (!isWhole) return { findings, markings, isWhole };
    for (let part = 0; part < parts.length; part++) {
      const place = (start: number, end: number) => ({ part, start, end });
      isWhole = look(parts[part]?.text ?? '', { findings, markings, place }) && isWhole;
    }
    const joined = parts.length + before.length < 2 ? undefined : joinedText(parts, before, reach);
    if (joined !== undefined)
      isWhole = look(joined.text, { findings, markings, place: joined.place, isJoined: true }) && isWhole;
    return { findings, markings, isWhole };
  };
}

type Told = {
  readonly findings: Findings;
  readonly markings: Finding[];
  /** Where a place of this text is in the parts; undefined: it is told of elsewhere. */
  readonly place: (start: number, end: number) => Pick<Finding, 'part' | 'start' | 'end' | 'spread'> | undefined;
  readonly isJoined?: true;
};

type Look = (text: string, told: Told) => boolean;

function lookWith(detectors: Detectors, folders: readonly Folder[]): Look {
  const isCasedNeeded = needsCased(detectors);
  return (text, told) => {
    const folded = folders[0]?.(text);
    if (folded === undefined) return false;
    const terms = lookForTerms(detectors, folders, folded, told, 0);
    const hashes = lookForHashes(detectors, folded, told);
    return (!isCasedNeeded || lookAtCased(detectors, folded, casedOf(folded), told)) && terms && hashes;
  };
}

function needsCased({ patterns, validators, markings, asksForMarkings }: Detectors): boolean {
  return patterns !== undefined || validators.length > 0 || markings.length > 0 || asksForMarkings;
}

function lookForTerms(
  detectors: Detectors,
  folders: readonly Folder[],
  folded: Folded,
  told: Told,
  depth: number,
): boolean {
  findTerms(detectors.terms, folded, (found) => {
    const place = told.place(found.start, found.end);
    const detector = detectors.termDetectors[found.list];
    if (place === undefined || detector === undefined) return;
    if (depth > 0 && detectors.looksIntoCode[found.list] !== true) return;
    const channel = depth > 0 ? 'decoded' : found.channel;
    const score = Math.max(0, found.score - (depth > 0 ? decodedLess : 0));
    told.findings.add(detector, { ...place, channel, score, same: String(found.term) });
  });
  let isWhole = true;
  if (depth === decodeDepth || told.isJoined === true) return isWhole;
  for (const decoded of decode(folded.text, folded)) {
    const inner = folders[depth + 1]?.(decoded.text);
    if (inner === undefined) continue;
    const place: Told['place'] = (start, end) => told.place(decoded.from[start] ?? 0, decoded.to[end - 1] ?? 0);
    const within: Told = { ...told, place };
    isWhole = lookForTerms(detectors, folders, inner, within, depth + 1) && isWhole;
    isWhole = lookForHashes(detectors, inner, within) && isWhole;
    if (needsCased(detectors)) isWhole = lookAtCased(detectors, inner, casedOf(inner), within, 'decoded') && isWhole;
  }
  return isWhole;
}

function lookForHashes(detectors: Detectors, folded: Folded, told: Told): boolean {
  let isWhole = true;
  for (const { detector, score, find } of detectors.hashes) {
    const seen = find(folded, ({ start, end }) => {
      const place = told.place(start, end);
      if (place === undefined) return;
      told.findings.add(detector, { ...place, channel: 'skeleton', score, same: folded.text.slice(start, end) });
    });
    isWhole &&= seen;
  }
  return isWhole;
}

function lookAtCased(
  detectors: Detectors,
  folded: Folded,
  cased: Cased,
  told: Told,
  channel: Finding['channel'] = 'cased',
): boolean {
  const add = (detector: number, start: number, end: number, score: number): void => {
    const place = told.place(start, end);
    if (place === undefined) return;
    told.findings.add(detector, { ...place, channel, score, same: folded.text.slice(start, end) });
  };
  const patterns = told.isJoined === true ? detectors.patternsOverLines : detectors.patterns;
  patterns?.(cased, ({ pattern, start, end, matched }) => {
    const known = detectors.patternDetectors[pattern];
    if (known?.valid.every((validator) => isValid(validator, matched))) add(known.detector, start, end, known.score);
  });
  if (detectors.validators.length > 0) {
    findNumbers(detectors.validators, folded, cased, ({ validator, start, end }) => {
      for (const { detector, score } of detectors.numberDetectors.get(validator) ?? [])
        add(detector, start, end, score);
    });
  }
  // No marking goes over the end of a line, and texts are joined by one: none begins in one and ends in another.
  if (told.isJoined === true || (detectors.markings.length === 0 && !detectors.asksForMarkings)) return true;
  const all = findMarkings(cased);
  for (const found of all) {
    const { scheme } = found.marking;
    if (detectors.schemes !== undefined && scheme !== 'plain' && !detectors.schemes.includes(scheme)) continue;
    const place = told.place(found.start, found.end);
    if (place === undefined) continue;
    const finding: Finding = {
      ...place,
      channel,
      score: found.score,
      same: folded.text.slice(found.start, found.end),
      marking: found.marking,
    };
    told.markings.push(finding);
    for (const { detector, source } of detectors.markings)
      if (isAsked(source, found)) told.findings.add(detector, finding);
  }
  return all.length < markingsAtMost && told.markings.length < 10 * markingsAtMost;
}

function isAsked(
  { schemes, atLeast, light }: Extract<Source, { kind: 'marking' }>,
  { marking }: FoundMarking,
): boolean {
  if (schemes !== undefined && marking.scheme !== 'plain' && !schemes.includes(marking.scheme)) return false;
  if (marking.scheme === 'tlp')
    return (light !== undefined || atLeast === undefined) && rankOf(marking.level) >= rankOf(light ?? 'clear');
  return (atLeast !== undefined || light === undefined) && rankOf(marking.level) >= rankOf(atLeast ?? 'unclassified');
}

// What begins in one text and ends in a later one: subject and bodies of this packet, behind what was said before it.
function joinedText(
  parts: readonly PartOfText[],
  before: readonly string[],
  reach: number,
): { readonly text: string; readonly place: Told['place'] } | undefined {
  const spoken: number[] = [];
  for (let part = 0; part < parts.length; part++)
    if (parts[part]?.part === 'body' || parts[part]?.part === 'subject') spoken.push(part);
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
function lastOf(before: readonly string[], reach: number): string[] {
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
