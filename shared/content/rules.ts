// What a policy says about content, as data: detectors that find, and rules that decide from what was found.
import type { Instant } from '../clock.ts';
import type { HashList } from './hash-list.ts';
import type { Clearance, Level, Light, Marking, Scheme } from './markings/marking.ts';
import type { Pattern } from './patterns.ts';
import type { Channel, TermList } from './terms.ts';
import type { ValidatorName } from './validators.ts';

/** From the mildest to the most restrictive; of all rules that fire the most restrictive wins. */
export const actions = ['monitor', 'warn', 'redact', 'quarantine', 'block'] as const;
export type Action = (typeof actions)[number];

/** Where a text of a packet stands. */
export type Part =
  | 'body'
  | 'subject'
  | 'thread'
  | 'nick'
  | 'status'
  | 'label'
  | 'link'
  | 'card'
  | 'reason'
  | 'note'
  | 'reaction'
  | 'address'
  | 'id';

export type Direction = 'inward' | 'outward';

/** What is found, and how sure. A finding of a score of 75 or more counts, unless the condition asks for another. */
export type Detector = {
  readonly id: string;
  readonly source: Source;
  /** Replaces what the source gives by itself: 80 for a pattern, 85 for a number, 100 for a hash. Not for terms and markings. */
  readonly score?: number;
  /** Each adds to the score of a finding that has one of these detectors' findings near it; 100 is the most. */
  readonly evidence?: readonly Evidence[];
};

export type Source =
  | { readonly kind: 'terms'; readonly list: TermList }
  /** A match counts only where all of the validators say that it is one of theirs. */
  | { readonly kind: 'pattern'; readonly pattern: Pattern; readonly valid?: readonly ValidatorName[] }
  | { readonly kind: 'number'; readonly validators: readonly ValidatorName[] }
  | { readonly kind: 'hashes'; readonly list: HashList }
  /** Markings of these schemes (all unless told) at or above the level; for TLP at or above the light. */
  | {
      readonly kind: 'marking';
      readonly schemes?: readonly Scheme[];
      readonly atLeast?: Level;
      readonly light?: Light;
    };

/** `within` characters of the original text, counted between the nearest ends; the detectors have no evidence themselves. */
export type Evidence = { readonly detectors: readonly string[]; readonly within: number; readonly add: number };

/** A tree. What it says about findings is about those in the rule's parts alone. */
export type Condition =
  /** At least `count` (1) findings of at least `minScore` (75); `distinct` counts equal texts or terms once. */
  | {
      readonly kind: 'found';
      readonly detector: string;
      readonly minScore?: number;
      readonly count?: number;
      readonly distinct?: boolean;
    }
  /** A finding of each, in one text, at most `within` characters apart; the order does not matter. */
  | {
      readonly kind: 'near';
      readonly first: string;
      readonly second: string;
      readonly within: number;
      readonly minScore?: number;
    }
  /** The scores of all findings of these detectors together, each term or text once. */
  | { readonly kind: 'total'; readonly detectors: readonly string[]; readonly atLeast: number }
  /** The label, or a marking of at least `minScore` (75) in a text, is above what the partner is cleared for. */
  | { readonly kind: 'above-clearance'; readonly minScore?: number }
  /** A marking in a text is above the label (XEP-0258), or there is such a marking and no label. */
  | { readonly kind: 'above-label'; readonly minScore?: number }
  /** There is no label, or one that nobody could read. */
  | { readonly kind: 'unlabelled' }
  | { readonly kind: 'all'; readonly of: readonly Condition[] }
  | { readonly kind: 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition };

export type Rule = {
  readonly id: string;
  readonly when: Condition;
  readonly action: Action;
  /** `monitor` tells what it would have done, and changes nothing. */
  readonly mode: 'enforce' | 'monitor';
  readonly direction: Direction | 'both';
  /** All parts unless told. */
  readonly parts?: readonly Part[];
  /** Each takes this one rule back where its condition holds, until its end; there is no exception for all rules. */
  readonly unless?: readonly { readonly when: Condition; readonly until: Instant }[];
  /** Whether the rule is about this packet at all: partners, people, kinds. True unless told. */
  readonly applies?: (about: About) => boolean;
};

export type Rules = {
  readonly detectors: readonly Detector[];
  readonly rules: readonly Rule[];
  /** What text with embedded, overridden or isolated direction (U+202A–202E, U+2066–2069) meets; `block` unless told. */
  readonly bidiControls?: Action | 'allow';
  /** The marking schemes in use; markings of others in a text mean nothing. All unless told; `plain` always. */
  readonly schemes?: readonly Scheme[];
};

/** What a scope may ask about a packet. */
export type About = {
  readonly partner?: string;
  readonly external?: string;
  readonly internal?: string;
  readonly kind?: string;
};

export type PartOfText = { readonly part: Part; readonly text: string };

/** What is judged: all texts of a packet at once. */
export type Subject = {
  readonly direction: Direction;
  /** Several bodies (languages) are several parts. */
  readonly parts: readonly PartOfText[];
  /** What was said before in this conversation (`Tails`), the oldest first. */
  readonly before?: readonly string[];
  /** Where the engine stood at the end of `before`: then what is said now is only joined with it where that may tell more. */
  readonly carry?: Carry;
  /** `unknown`: there is one, and nobody could read it. */
  readonly label?: Marking | 'unknown';
  /** Undefined: the partner is cleared for nothing but what is unclassified. */
  readonly clearance?: Clearance;
  readonly about?: About;
  /** Exceptions end at a time. */
  readonly now: Instant;
};

/**
 * Where an engine stands at the end of what was said: which terms are begun there. It is of one engine, and to another
 * it says nothing (`noCarry` says nothing to any). A number of states and signs, from which no text can be read back
 * but the end of one that spells the beginning of a term.
 */
export type Carry = {
  readonly engine: number;
  /** States of the two automata: of skeletons, behind the space that the next text is joined by, and of squeezed forms. */
  readonly skeleton: number;
  readonly squeezed: number;
  /** The last piece of the squeezed form. */
  readonly last: string;
  /** Characters since what hints at a pattern that may go over lines. */
  readonly sinceHint: number;
};

export const noCarry: Carry = { engine: 0, skeleton: 0, squeezed: 0, last: '', sinceHint: Number.POSITIVE_INFINITY };

export type Hit = {
  readonly rule: string;
  readonly mode: Rule['mode'];
  /** Undefined: the rule fired for something that no text holds, such as a label. */
  readonly detector?: string;
  /** Index in the subject's parts, and place in that text, in UTF-16 units. */
  readonly part?: number;
  readonly start?: number;
  readonly end?: number;
  readonly channel?: Channel | 'cased';
  readonly score?: number;
  /** It began in an earlier text: nothing of it can be redacted alone. */
  readonly spread?: boolean;
};

export type Evaluation = {
  /** The most restrictive action of the rules in force, or `allow`. */
  readonly action: Action | 'allow';
  /** Of the rules that demand it, the first one. `engine-fault`, `bidi-controls` and `too-large` are the engine's own. */
  readonly rule?: string;
  readonly hits: readonly Hit[];
  /** What rules in monitor mode would have done. */
  readonly wouldHave: readonly { readonly rule: string; readonly action: Action }[];
  /** More was found than is told; what is told is no safe list for redaction. */
  readonly isCut: boolean;
  /** Where the engine stands behind this packet; only where the subject had a carry, and one body or subject. */
  readonly carry?: Carry;
};
