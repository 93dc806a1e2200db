// Looks at one text with all detectors: a glance first, and then with those alone that may find something in it.
import { type Cased, casedOf } from './cased.ts';
import { decode } from './decode.ts';
import type { Detectors } from './detect.ts';
import { fewestDigits, findNumbers, longRun } from './find-numbers.ts';
import { type Automata, bothAutomata, type FoundTerm, findTerms } from './find-terms.ts';
import type { Finding } from './findings.ts';
import { createFolder, type Folded, type Folder } from './fold.ts';
import { createGlancer, type Glance, type Glancer, hintKinds } from './glance.ts';
import type { Place } from './joined-text.ts';
import { rankOf } from './markings/marking.ts';
import { type FoundMarking, findMarkings, markingsAtMost } from './markings/parse-markings.ts';
import type { Patterns } from './patterns.ts';
import type { Carry, Source } from './rules.ts';
import { isValid } from './validators.ts';

/** Where to tell what is found. */
export type Told = Found & { readonly place: Place };
export type Found = {
  readonly add: (detector: number, finding: Finding) => void;
  /** False: there are too many already. */
  readonly addMarking: (finding: Finding) => boolean;
};

/** What may begin in what was said before and end in this text. */
export type Crossing = { readonly terms: boolean; readonly patterns: boolean; readonly hashes: boolean };

/** Where what was said goes on in a text: where the engine stood before it and stands behind it, and what may go over. */
export type Passage = { readonly from: Carry; behind: Carry; crossing: Crossing | undefined };

export type Look = {
  /** Looks at a text of a packet; false: it did not see it to its end. A passage is filled in. */
  readonly at: (text: string, told: Told, passage?: Passage) => boolean;
  /** Looks at texts that were joined by line feeds, for what may go over them; false as above. */
  readonly overLines: (text: string, told: Told, crossing: Crossing) => boolean;
  /** Where it stands behind a text that was said before. */
  readonly behind: (text: string, from: Carry) => Carry;
};

const decodeDepth = 2;
const decodedLess = 5;

/** Makes a look with buffers of its own. `engine` names its carries; `reach` is what is joined on either side. */
export function createLook(detectors: Detectors, engine: number, reach: number): Look {
  const { terms, hints, hashes, patterns, patternsUnhinted, patternsOverLines, overLinesUnhinted, validators } =
    detectors;
  // A text out of a code is looked at while the one around it is still being read.
  const glancers = Array.from({ length: decodeDepth + 1 }, () => createGlancer(terms, hints, engine));
  const folders = Array.from({ length: decodeDepth + 1 }, createFolder);
  const [glancer = createGlancer(terms, hints, engine)] = glancers;
  const [folder = createFolder()] = folders;
  const fewest = fewestDigits(validators, true);
  const fewestWithoutRuns = fewestDigits(validators, false);
  const looksForMarkings = detectors.markings.length > 0 || detectors.asksForMarkings;
  const hashesCross = hashes.some(({ words }) => words > 1);

  function at(text: string, told: Told, passage?: Passage): boolean {
    return lookAt(text, told, 0, glancer, folder, passage);
  }

  function lookAt(text: string, told: Told, depth: number, glancer: Glancer, fold: Folder, passage?: Passage): boolean {
    let folded: Folded | undefined;
    let glance = glancer.atAscii(text, passage?.from);
    if (glance === undefined) {
      folded = fold(text);
      glance = glancer.atFolded(folded, passage?.from);
    }
    if (passage !== undefined) {
      passage.behind = glancer.carry();
      passage.crossing = crossing(glance, passage.from);
    }
    const { hints: hinted, digits } = glance;
    const isAscii = folded === undefined;
    let isWhole = true;
    const isSpelt = glance.inSkeleton || glance.inSqueezed;
    if (isSpelt || hashes.length > 0) folded ??= fold(text);
    if (isSpelt && folded !== undefined) lookForTerms(detectors, folded, told, depth, glance);
    if (depth < decodeDepth && (glance.escaped || glance.run || digits >= 4))
      isWhole = lookIntoCode(text, glance, told, depth);
    if (folded !== undefined && hashes.length > 0) isWhole = lookForHashes(detectors, folded, told) && isWhole;
    const found = (hinted & hintKinds.pattern) !== 0 ? patterns : patternsUnhinted;
    // A sign of equality, which is one of escapes, may stand within a run.
    const hasRun = glance.longestRun >= longRun || glance.escaped;
    const isNumber = digits >= (hasRun ? fewest : fewestWithoutRuns) || (hinted & hintKinds.key) !== 0;
    const isMarked = looksForMarkings && (hinted & hintKinds.marking) !== 0;
    if (found === undefined && !isNumber && !isMarked) return isWhole;
    const cased = casedOf({ text, ascii: isAscii });
    const channel = depth === 0 ? 'cased' : 'decoded';
    if (found !== undefined) lookForPatterns(detectors, found, text, cased, told, channel);
    if (isNumber) lookForNumbers(detectors, text, glance, cased, told, channel);
    return (!isMarked || lookForMarkings(detectors, text, cased, told, channel)) && isWhole;
  }

  function crossing({ crossing: mayCross, hints: hinted }: Glance, { sinceHint }: Carry): Crossing | undefined {
    const isHinted = overLinesUnhinted || sinceHint < reach || (hinted & hintKinds.overLines) !== 0;
    const crosses = { terms: mayCross, patterns: patternsOverLines !== undefined && isHinted, hashes: hashesCross };
    return crosses.terms || crosses.patterns || crosses.hashes ? crosses : undefined;
  }

  function lookIntoCode(text: string, glance: Glance, told: Told, depth: number): boolean {
    let isWhole = true;
    const [inside, fold] = [glancers[depth + 1] ?? glancer, folders[depth + 1] ?? folder];
    for (const decoded of decode(text, glance)) {
      const place: Place = (start, end) => told.place(decoded.from[start] ?? 0, decoded.to[end - 1] ?? 0);
      isWhole = lookAt(decoded.text, { ...told, place }, depth + 1, inside, fold) && isWhole;
    }
    return isWhole;
  }

  // No number and no marking goes over the end of a line; nothing is taken out of a code that was split.
  function overLines(
    text: string,
    told: Told,
    { terms: withTerms, patterns: withPatterns, hashes: withHashes }: Crossing,
  ): boolean {
    const folded = folder(text);
    if (withTerms) lookForTerms(detectors, folded, told, 0, bothAutomata);
    if (withPatterns && patternsOverLines !== undefined)
      lookForPatterns(detectors, patternsOverLines, text, casedOf(folded), told, 'cased');
    return !withHashes || lookForHashes(detectors, folded, told);
  }

  function behind(text: string, from: Carry): Carry {
    if (glancer.atAscii(text, from) === undefined) glancer.atFolded(folder(text), from);
    return glancer.carry();
  }

  return { at, overLines, behind };
}

function lookForTerms(
  { terms, termDetectors, looksIntoCode }: Detectors,
  folded: Folded,
  told: Told,
  depth: number,
  automata: Automata,
): void {
  const tell = (found: FoundTerm): void => {
    const place = told.place(found.start, found.end);
    const detector = termDetectors[found.list];
    if (place === undefined || detector === undefined) return;
    if (depth > 0 && looksIntoCode[found.list] !== true) return;
    const channel = depth > 0 ? 'decoded' : found.channel;
    const score = Math.max(0, found.score - (depth > 0 ? decodedLess : 0));
    told.add(detector, { ...place, channel, score, same: String(found.term) });
  };
  findTerms(terms, folded, tell, automata);
}

function lookForHashes({ hashes }: Detectors, folded: Folded, told: Told): boolean {
  let isWhole = true;
  for (const { detector, score, find } of hashes) {
    const seen = find(folded, ({ start, end }) => {
      add(told, detector, start, end, score, 'skeleton', folded.text);
    });
    isWhole &&= seen;
  }
  return isWhole;
}

function lookForPatterns(
  { patternDetectors }: Detectors,
  patterns: Patterns,
  text: string,
  cased: Cased,
  told: Told,
  channel: Finding['channel'],
): void {
  patterns(cased, ({ pattern, start, end, matched }) => {
    const known = patternDetectors[pattern];
    if (known?.valid.every((validator) => isValid(validator, matched)))
      add(told, known.detector, start, end, known.score, channel, text);
  });
}

function lookForNumbers(
  { validators, numberDetectors }: Detectors,
  text: string,
  { digits, longestRun }: Pick<Glance, 'digits' | 'longestRun'>,
  cased: Cased,
  told: Told,
  channel: Finding['channel'],
): void {
  findNumbers(validators, { digits, longestRun }, cased, ({ validator, start, end }) => {
    for (const { detector, score } of numberDetectors.get(validator) ?? [])
      add(told, detector, start, end, score, channel, text);
  });
}

function add(
  { add: tell, place: placeOf }: Told,
  detector: number,
  start: number,
  end: number,
  score: number,
  channel: Finding['channel'],
  text: string,
): void {
  const place = placeOf(start, end);
  if (place !== undefined) tell(detector, { ...place, channel, score, same: text.slice(start, end) });
}

function lookForMarkings(
  detectors: Detectors,
  text: string,
  cased: Cased,
  told: Told,
  channel: Finding['channel'],
): boolean {
  const all = findMarkings(cased);
  let isWhole = all.length < markingsAtMost;
  for (const found of all) {
    const { scheme } = found.marking;
    if (detectors.schemes !== undefined && scheme !== 'plain' && !detectors.schemes.includes(scheme)) continue;
    const place = told.place(found.start, found.end);
    if (place === undefined) continue;
    const finding: Finding = {
      ...place,
      channel,
      score: found.score,
      same: text.slice(found.start, found.end),
      marking: found.marking,
    };
    isWhole = told.addMarking(finding) && isWhole;
    for (const { detector, source } of detectors.markings) if (isAsked(source, found)) told.add(detector, finding);
  }
  return isWhole;
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
