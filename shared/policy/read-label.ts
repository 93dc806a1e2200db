// What a security label of a partner means by the policy's own mapping, and what of it goes on (XEP-0258, RFC 2634).
import { type EssLabel, readEssLabel, writeEssLabel } from '../content/markings/ess-label.ts';
import { markingOf, markingText } from '../content/markings/label.ts';
import { coversAcross, joinOf, type Marking } from '../content/markings/marking.ts';
import type { SecurityLabel } from '../packet.ts';
import type { Labels } from './label-schema.ts';

/** A label as it stands in a stanza. An ESS label is the bytes of its text, another kind is `unknown`. */
export type WrittenLabel = {
  /** The display marking; empty where there is none. */
  readonly display: string;
  /** `default`: the element is empty, so that what the policy takes for unlabelled holds. */
  readonly primary: Uint8Array | 'unknown' | 'default';
  readonly equivalents: readonly (Uint8Array | 'unknown')[];
};

/**
 * The label as the policy reads it: `default` where it says nothing of its own, undefined where it cannot be read. The
 * primary label counts, else the first equivalent that is known; whatever else can be read of it may be stricter in the
 * same scheme, and must not be stricter in another, so that a label can neither be shown, nor be told to somebody else, as
 * less than it is. Equivalents that are not known say nothing; an ESS label that is broken refuses all of it.
 */
export function readLabel(
  { display, primary, equivalents }: WrittenLabel,
  labels: Labels,
): SecurityLabel | 'default' | undefined {
  const known: { readonly marking: Marking; readonly privacyMark: string }[] = [];
  for (const one of [primary, ...equivalents]) {
    if (one === 'unknown' || one === 'default') continue;
    const ess = readEssLabel(one);
    if (ess === undefined) return undefined;
    const marking = labels.ess.read(ess);
    if (marking !== undefined) known.push({ marking, privacyMark: ess.privacyMark });
  }
  const [first] = known;
  if (first === undefined && primary !== 'default') return undefined;
  const shown = /\S/.test(display) ? labels.shown(display) : undefined;
  if (shown === undefined && /\S/.test(display)) return undefined;
  const claims = known.map(({ marking }) => marking);
  const marking = joined(shown === undefined ? claims : [...claims, shown]);
  if (marking === 'none') return 'default';
  if (marking === undefined || markingText(marking) === undefined) return undefined;
  const privacyMark = first?.privacyMark ?? '';
  return privacyMark === '' ? { marking } : { marking, privacyMark };
}

/** Undefined where they contradict each other. A word without a scheme counts as one of the first's. */
function joined([first, ...others]: readonly Marking[]): Marking | 'none' | undefined {
  if (first === undefined) return 'none';
  let sum = first;
  for (const other of others) {
    const own = other.scheme === 'plain' && sum.scheme !== 'tlp' ? { ...other, scheme: sum.scheme } : other;
    if (own.scheme === sum.scheme) sum = joinOf<Marking>(sum, own);
    else if (!coversAcross(sum, own)) return undefined;
  }
  return sum;
}

/** What leaves for a marking: the text that shows it and the bytes of its ESS label; undefined where no entry can say it. */
export function writtenLabel({ marking }: SecurityLabel, { ess }: Pick<Labels, 'ess'>): LeavingLabel | undefined {
  const display = markingText(marking);
  if (display === undefined) return undefined;
  // One text is one marking, so what it is written as is remembered by it: a partner is told the same few all day.
  const key = `${marking.level} ${display}`;
  const known = labelsWritten.get(ess)?.get(key);
  if (known !== undefined) return known;
  const label: EssLabel | undefined = ess.write(marking);
  if (label === undefined) return undefined;
  const fresh = { display, label: writeEssLabel(label) };
  const remembered = labelsWritten.get(ess) ?? new Map<string, LeavingLabel>();
  if (remembered.size >= rememberedAtMost) remembered.clear();
  labelsWritten.set(ess, remembered.set(key, fresh));
  return fresh;
}

/** The same object for the same marking, as long as it is remembered. */
export type LeavingLabel = { readonly display: string; readonly label: Uint8Array };

const labelsWritten = new WeakMap<Labels['ess'], Map<string, LeavingLabel>>();
const rememberedAtMost = 1000;

/** The line that people read: the marking, and the words of its privacy mark. */
export function labelText({ marking, privacyMark = '' }: SecurityLabel): string {
  const text = markingText(marking) ?? '';
  return privacyMark === '' ? text : `${text} – ${privacyMark}`;
}

/** Makes the reader of display markings: the policy's own words for markings, and the grammar of markings. */
export function shownWith(displays: readonly { readonly text: string; readonly is: string }[]): Labels['shown'] {
  const own = new Map(
    displays.flatMap(({ text, is }) => {
      const marking = markingOf(is);
      return marking === undefined ? [] : [[spaced(text), marking] as const];
    }),
  );
  return (display) => own.get(spaced(display)) ?? markingOf(display);
}

function spaced(text: string): string {
  return text.replace(/\s+/g, ' ').trim().toUpperCase();
}
