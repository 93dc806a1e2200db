// Reads classification markings out of a text by their grammar: UK (GSCP), US (CAPCO form), NATO, EU, TLP 2.0 (§1.4).
import type { Cased } from '../cased.ts';
import { type Read, readCategories, readNationsOnly, readReleasability, readUkHandling } from './categories.ts';
import type { Level, Light, Marking, Scheme } from './marking.ts';

export type FoundMarking = {
  readonly marking: Marking;
  /** Place in the original text. */
  readonly start: number;
  readonly end: number;
  /** 95: written as a marking is. 70: some words that make one, in a sentence. 50: one word in capitals in a sentence. */
  readonly score: number;
};

/** Of one text so many are read; a text that has more is not seen to its end. */
export const markingsAtMost = 200;

/**
 * All markings of a text. It is one for sure where it is a whole line, begins the text, stands in brackets or has `//`
 * between its parts; a word in capitals within a sentence is a guess, and prose (*this is secret*) is none.
 */
export function findMarkings(cased: Cased): readonly FoundMarking[] {
  const found: FoundMarking[] = [];
  if (!hint.test(cased.text)) return found;
  heads.lastIndex = 0;
  for (
    let head = heads.exec(cased.text);
    head !== null && found.length < markingsAtMost;
    head = heads.exec(cased.text)
  ) {
    const read = readMarking(cased.text, head);
    if (read === undefined) continue;
    heads.lastIndex = Math.max(read.end, heads.lastIndex);
    found.push({
      marking: read.marking,
      start: cased.from(head.index),
      end: cased.to(read.end - 1),
      score: scoreOf(cased.text, head.index, read),
    });
  }
  return found;
}

/** Of these at least one stands in the skeleton of each text that has a marking. */
export const markingHints: readonly string[] =
  'secret official confidenti restr unclass protect cosmic cui fouo sbu eyes noforn tlp limite // ( classif marking nato uk'.split(
    ' ',
  );

// INVARIANT: every repetition is bounded here, or a text of line feeds alone would cost its length squared.
const hint =
  /SECRET|OFFICIAL|CONFIDENTI|RESTR|UNCLASS|PROTECT|COSMIC|CUI|FOUO|SBU|EYES ONLY|NOFORN|TLP|LIMITE|\/\/|\([A-Z]{1,3}\)|(?:^|\n)[\W_]{0,20}(?:(?:security )?(?:classification|marking)|top.secret|secret|official|nato|tlp|uk )/i;

// The beginning of a marking. Longer forms stand before shorter ones.
const words =
  '(?:TOP[ -]SECRET|SECRET|CONFIDENTIAL|RESTRICTED|UNCLASSIFIED|PROTECT|OFFICIAL(?:[ :]{0,2}[-:]?[ ]{0,2}SENSITIVE)?)';
const heads = new RegExp(
  '(?<![A-Za-z0-9])(?:' +
    [
      '(?<tlp>TLP[ ]?[:-]?[ ]?(?:RED|AMBER ?\\+ ?STRICT|AMBER|GREEN|CLEAR|WHITE))',
      '(?<eu>TRES SECRET UE(?:/EU TOP SECRET)?|EU TOP SECRET|SECRET UE(?:/EU SECRET)?|CONFIDENTIEL UE(?:/EU CONFIDENTIAL)?|RESTREINT UE(?:/EU RESTRICTED)?|EU (?:SECRET|CONFIDENTIAL|RESTRICTED)|LIMITE)',
      '(?<nato>COSMIC TOP SECRET|NATO (?:SECRET|CONFIDENTIAL|RESTRICTED|UNCLASSIFIED))',
      `(?<uk>UK ${words})`,
      `(?<joint>//(?:JOINT|[A-Z]{3}) (?:TOP SECRET|SECRET|CONFIDENTIAL|RESTRICTED))`,
      `(?<plain>${words})`,
      '(?<cui>CUI|FOUO|SBU|FOR OFFICIAL USE ONLY)',
      '(?<eyes>[A-Z]{2,4}(?:/[A-Z]{2,4}){0,8} EYES ONLY)',
      '(?<short>(?<=[([])(?:CTS|NS|NC|NR|NU|TS|S|C|U|R)(?=//|[)\\]])|(?:TS|S|C|U|CTS|NS|NC|NR)(?=//))',
    ].join('|') +
    ')(?![A-Za-z0-9])',
  'gi',
);

type MarkingRead = {
  readonly marking: Marking;
  readonly end: number;
  readonly isExplicit: boolean;
  readonly wordCount: number;
};

function readMarking(text: string, head: RegExpExecArray): MarkingRead | undefined {
  const written = head[0];
  // Small letters make no marking, but for a line that holds nothing else, or says what it is.
  if (written !== written.toUpperCase() && !isWholeLine(text, head.index, head.index + written.length))
    return undefined;
  const end = head.index + written.length;
  const base = levelOf(head.groups ?? {}, written.toUpperCase());
  if (base === undefined) return undefined;
  const parts = readParts(text, end, base.scheme);
  const isUs = parts.isUs && (base.scheme === 'plain' || base.scheme === 'us');
  const isUk = parts.isUk && base.scheme === 'plain';
  const caveats = [...new Set([...base.caveats, ...parts.caveats])].sort();
  const nations = base.nations ?? parts.nations;
  const wordCount = written.trim().split(/[ :-]+/).length;
  const rest = { caveats, ...(nations === undefined ? {} : { releasableTo: nations }) };
  const marking: Marking =
    base.scheme === 'tlp'
      ? { scheme: 'tlp', level: base.level, ...rest }
      : { scheme: isUs ? 'us' : isUk ? 'uk' : base.scheme, level: base.level, ...rest };
  return { marking, end: parts.end, isExplicit: parts.isUs || base.isExplicit, wordCount };
}

type Base = {
  readonly caveats: readonly string[];
  readonly nations?: readonly string[];
  readonly isExplicit: boolean;
} & (
  | { readonly scheme: Exclude<Scheme, 'tlp'>; readonly level: Level }
  | { readonly scheme: 'tlp'; readonly level: Light }
);

function levelOf(groups: Readonly<Record<string, string | undefined>>, written: string): Base | undefined {
  const plain = { caveats: [], isExplicit: false };
  if (groups.tlp !== undefined) {
    const light = lightNames.find(([name]) => written.replaceAll(' ', '').endsWith(name));
    return light === undefined ? undefined : { ...plain, scheme: 'tlp', level: light[1], isExplicit: true };
  }
  if (groups.short !== undefined) {
    const level = shortLevels[written];
    const scheme = written.startsWith('N') || written === 'CTS' ? 'nato' : 'us';
    return level === undefined ? undefined : { ...plain, scheme, level, isExplicit: written.length > 1 };
  }
  if (groups.cui !== undefined) return { caveats: [], scheme: 'us', level: 'restricted', isExplicit: false };
  if (groups.eyes !== undefined) {
    const nations = readNationsOnly(written);
    return nations === undefined
      ? undefined
      : { caveats: [], scheme: 'uk', level: 'official', nations, isExplicit: true };
  }
  const level = levelNamed(written);
  if (level === undefined) return undefined;
  if (groups.eu !== undefined) return { ...plain, scheme: 'eu', level };
  if (groups.nato !== undefined) return { ...plain, scheme: 'nato', level };
  if (groups.joint !== undefined) return { ...plain, scheme: 'us', level, isExplicit: true };
  // These words are of one scheme alone.
  const isBritish = groups.uk !== undefined || /^(?:OFFICIAL|PROTECT)/.test(written);
  return { ...plain, scheme: isBritish ? 'uk' : 'plain', level };
}

const lightNames: readonly (readonly [string, Light])[] = [
  ['AMBER+STRICT', 'amber+strict'],
  ['RED', 'red'],
  ['AMBER', 'amber'],
  ['GREEN', 'green'],
  ['CLEAR', 'clear'],
  ['WHITE', 'clear'],
];

const shortLevels: Readonly<Record<string, Level>> = {
  CTS: 'top-secret',
  TS: 'top-secret',
  NS: 'secret',
  S: 'secret',
  NC: 'confidential',
  C: 'confidential',
  NR: 'restricted',
  R: 'restricted',
  NU: 'unclassified',
  U: 'unclassified',
};

function levelNamed(written: string): Level | undefined {
  if (/TOP[ -]SECRET|TRES SECRET/.test(written)) return 'top-secret';
  if (/SECRET/.test(written)) return 'secret';
  if (/CONFIDENTI/.test(written)) return 'confidential';
  if (/RESTR|SENSITIVE|PROTECT|LIMITE/.test(written)) return 'restricted';
  if (/OFFICIAL/.test(written)) return 'official';
  return /UNCLASSIFIED/.test(written) ? 'unclassified' : undefined;
}

type Parts = Read & { readonly isUs: boolean; readonly isUk: boolean };

function readParts(text: string, end: number, scheme: Scheme): Parts {
  if (text.startsWith('//', end)) {
    const read = readCategories(text, end);
    return { ...read, isUs: read.end > end, isUk: false };
  }
  if (scheme === 'nato') return { ...readReleasability(text, end), isUs: false, isUk: false };
  if (scheme === 'uk' || scheme === 'plain') {
    const read = readUkHandling(text, end);
    return { ...read, isUs: false, isUk: read.end > end };
  }
  return { caveats: [], end, isUs: false, isUk: false };
}

function scoreOf(text: string, start: number, { end, isExplicit, wordCount }: MarkingRead): number {
  // (C) is a copyright, (U) an emphasis, (S) a size: alone in brackets a letter is a guess.
  if (!isExplicit && end - start === 1) return 60;
  if (isExplicit || isWholeLine(text, start, end) || isBracketed(text, start, end)) return 95;
  const isFirst = start < 40 && /^[\W_]*$/.test(text.slice(0, start));
  if (isFirst && (wordCount > 1 || /^ ?[:;|\])>-]/.test(text.slice(end, end + 2)))) return 95;
  return wordCount > 1 ? 70 : 50;
}

function isBracketed(text: string, start: number, end: number): boolean {
  return /[([{<*]/.test(text.charAt(start - 1)) && /[)\]}>*]/.test(text.charAt(end));
}

// Signs around it do not count, nor a word that says that it is a marking.
function isWholeLine(text: string, start: number, end: number): boolean {
  const from = text.lastIndexOf('\n', start - 1) + 1;
  const newline = text.indexOf('\n', end);
  const to = newline < 0 ? text.length : newline;
  if (start - from > 60 || to - end > 40) return false;
  return (
    /^[\W_]*(?:(?:security )?(?:classification|marking|class|subject)[ :=-]+)?[\W_]*$/i.test(text.slice(from, start)) &&
    /^[\W_]*$/.test(text.slice(end, to))
  );
}
