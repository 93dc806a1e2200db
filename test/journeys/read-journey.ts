// Reads a .journey file: each line fits one form of the closed language, or the file, the line and the nearest form are
// named. Lines that begin with a blank go on with the line before; lines that begin with # are for the reader.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Form, Slot, Words } from './form.ts';
import { addressOf, namesOf, type Place } from './people.ts';

export type Step = { readonly line: number; readonly text: string; readonly form: Form; readonly words: Words };

export type Journey = {
  readonly name: string;
  /** The first lines for the reader, as one text. */
  readonly about: string;
  readonly ownPair: boolean;
  readonly connectSeconds?: number;
  readonly steps: readonly Step[];
};

const patterns: Readonly<Record<Slot, string>> = {
  ANN: '([A-Z][a-z]+)',
  BOB: '([A-Z][a-z]+)',
  XML: '(<.*>)',
  TEXT: '([^"]*)',
  N: '(\\d{1,6})',
  DOMAIN: '([a-z][a-z.]*\\.example)',
  CODE: '([a-z]+(?:-[a-z]+)*)',
  TYPE: '([a-z]+)',
  STAGE: '([A-Za-z-]+)',
  ADDRESS: '(sips?:\\S+)',
  EVENTS: '([a-z]+(?:, [a-z]+)*)',
  HALF: '(proxy|gateway)',
};
const slots = /\b(ANN|BOB|XML|TEXT|N|DOMAIN|CODE|TYPE|STAGE|ADDRESS|EVENTS|HALF)\b/g;
const places: Partial<Record<Slot, Place>> = { ANN: 'outside', BOB: 'inside' };

/** Reads a file. Throws one Error for the first line that is wrong: file, line, and what to write instead. */
export function readJourney(file: string, language: readonly Form[]): Journey {
  return parseJourney(readFileSync(file, 'utf8'), basename(file), language);
}

/** The same for a text; `file` is the name that trouble is told with. */
export function parseJourney(text: string, file: string, language: readonly Form[]): Journey {
  const forms = language.map((form) => ({ form, ...compile(form.form) }));
  const steps: Step[] = [];
  const about: string[] = [];
  let ownPair = false;
  let connectSeconds: number | undefined;

  for (const { line, text: said } of joinLines(text)) {
    const trouble = (what: string) => new Error(`${file}:${line}: ${what}`);
    if (said.startsWith('#')) {
      if (steps.length === 0) about.push(said.replace(/^#\s*/, ''));
      continue;
    }
    const waiting = /^Given stanzas wait (\d{1,3}) s for a partner$/.exec(said);
    if (said === 'Given a pair of its own' || waiting !== null) {
      if (steps.length > 0) throw trouble('what is given stands before everything else');
      ownPair = true;
      if (waiting !== null) connectSeconds = Number(waiting[1]);
      continue;
    }
    const fits = forms.flatMap(({ form, pattern, names }) => {
      const match = pattern.exec(said);
      return match === null ? [] : [{ form, names, values: match.slice(1) }];
    });
    if (fits.length === 0)
      throw trouble(`no line of a journey reads “${said}”. The nearest is: ${nearestForm(said, language)}`);
    // Some forms read alike for people outside and inside: the name decides.
    const known = fits.find((fit) => strangerIn(fit) === undefined);
    const stranger = fits[0] === undefined ? undefined : strangerIn(fits[0]);
    if (known === undefined)
      throw trouble(
        `nobody is called ${stranger} here; outside are ${namesOf('outside').join(', ')}, inside ${namesOf('inside').join(', ')}`,
      );
    const { form, names } = known;
    if (form.harms === true && !ownPair)
      throw trouble('this does lasting harm: begin the journey with “Given a pair of its own”');
    const values = known.values.map((value, i) => personIn(names[i], value) ?? value);
    steps.push({ line, text: said, form, words: wordsOf(names, values) });
  }
  if (steps.length === 0) throw new Error(`${file}: nothing happens in it`);
  return {
    name: file.replace(/\.journey$/, ''),
    about: about.join(' '),
    ownPair,
    steps,
    ...(connectSeconds === undefined ? {} : { connectSeconds }),
  };
}

function joinLines(text: string): readonly { readonly line: number; readonly text: string }[] {
  const joined: { line: number; text: string }[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    const last = joined.at(-1);
    if (line.trim() === '') continue;
    if (/^\s/.test(line) && last !== undefined) last.text += line.trim();
    else joined.push({ line: i + 1, text: line.trim() });
  }
  return joined;
}

type Fit = { readonly names: readonly Slot[]; readonly values: readonly string[] };

/** The first name in it that nobody at that place has. */
function strangerIn({ names, values }: Fit): string | undefined {
  return values.find((value, i) => isPerson(names[i]) && personIn(names[i], value) === undefined);
}

function isPerson(slot: Slot | undefined): boolean {
  return slot !== undefined && places[slot] !== undefined;
}

function personIn(slot: Slot | undefined, name: string): string | undefined {
  const place = slot === undefined ? undefined : places[slot];
  return place === undefined ? undefined : addressOf(name, place);
}

function compile(form: string): { readonly pattern: RegExp; readonly names: readonly Slot[] } {
  const names: Slot[] = [];
  const escaped = form.replace(/[[\]().?*+^$|{}\\]/g, '\\$&').replaceAll(' ', '\\s+');
  const pattern = escaped.replace(slots, (slot) => {
    if (!isSlot(slot)) return slot;
    names.push(slot);
    return patterns[slot];
  });
  return { pattern: new RegExp(`^${pattern}$`, 'u'), names };
}

function isSlot(word: string): word is Slot {
  return Object.hasOwn(patterns, word);
}

function wordsOf(names: readonly Slot[], values: readonly string[]): Words {
  return (slot, nth = 0) => {
    const value = values.filter((_, i) => names[i] === slot)[nth];
    if (value === undefined) throw new Error(`a form asks for a ${slot} that it does not have`);
    return value;
  };
}

// By the words that both have: a writer knows the words sooner than their order.
function nearestForm(said: string, language: readonly Form[]): string {
  const plain = said
    .replace(/<.*>/, 'XML')
    .replace(/"[^"]*"/, '"TEXT"')
    .replace(/\bsip:\S+/, 'ADDRESS')
    .replace(/\b\d+\b/g, 'N');
  const bag = new Set(plain.toLowerCase().match(/[a-z"]+/g) ?? []);
  const alike = ({ form }: Form) => {
    const words = form.toLowerCase().match(/[a-z"]+/g) ?? [];
    return words.filter((word) => bag.has(word)).length / Math.max(words.length, bag.size, 1);
  };
  return language.toSorted((a, b) => alike(b) - alike(a))[0]?.form ?? '';
}
