// What must stand in every text that an expression (RE2 syntax) matches, so that most texts need no expression at all.

/**
 * Literals of which each match holds at least one, in small letters: printable ASCII without the hyphen, single
 * spaces within, and rare enough to be worth asking for. Undefined where there are none, or where the expression has something that this
 * reading of it does not know: it doubts whatever it does not know.
 */
export function requiredLiterals(expression: string): readonly string[] | undefined {
  const read = alternatives({ expression, at: 0 });
  return read?.rest.at === expression.length ? bestOf(read.of) : undefined;
}

/** So many literals an expression may ask for, and so many of a piece are spelt out. */
const literalsAtMost = 64;
const spelledAtMost = 16;

type Place = { readonly expression: string; readonly at: number };

/** `exact`: all that it matches. `must`: each match has one of these in it. Undefined: nobody knows. */
type Piece = { readonly exact: readonly string[] | undefined; readonly must: readonly string[] | undefined };
type Read = { readonly of: Piece; readonly rest: Place } | undefined;

const anything: Piece = { exact: undefined, must: undefined };
const empty: Piece = { exact: [''], must: undefined };
const digits: Piece = { exact: [...'0123456789'], must: undefined };

function bestOf({ exact, must }: Piece): readonly string[] | undefined {
  return better(must, exact);
}

// The longer the shortest of them the rarer it is.
function better(one: readonly string[] | undefined, other: readonly string[] | undefined): typeof one {
  const others = other?.map(solid);
  if (others === undefined || !others.every(isRare)) return one;
  if (one === undefined) return others;
  const [first, second] = [shortest(one), shortest(others)];
  return second > first || (second === first && others.length < one.length) ? others : one;
}

// A skeleton has one space where the text has several, and none at its ends is sure to be seen.
function solid(literal: string): string {
  return literal
    .trim()
    .split(/ {2,}/)
    .reduce((longest, piece) => (piece.length > longest.length ? piece : longest), '');
}

// One or two letters stand in every text.
function isRare(literal: string): boolean {
  return literal.length > 2 || /[^a-z]/.test(literal);
}

function shortest(literals: readonly string[]): number {
  return literals.reduce((least, { length }) => Math.min(least, length), Number.POSITIVE_INFINITY);
}

function ahead({ expression, at }: Place, pattern: RegExp): string | undefined {
  return pattern.exec(expression.slice(at))?.[0];
}

function behind({ expression, at }: Place, length: number): Place {
  return { expression, at: at + length };
}

function alternatives(from: Place): Read {
  let read = sequence(from);
  let all: Piece | undefined = read?.of;
  while (read !== undefined && read.rest.expression[read.rest.at] === '|') {
    read = sequence(behind(read.rest, 1));
    if (read === undefined || all === undefined) return undefined;
    all = either(all, read.of);
  }
  return read === undefined || all === undefined ? undefined : { of: all, rest: read.rest };
}

function either(one: Piece, other: Piece): Piece {
  const exact = one.exact === undefined || other.exact === undefined ? undefined : [...one.exact, ...other.exact];
  const [first, second] = [bestOf(one), bestOf(other)];
  const must = first === undefined || second === undefined ? undefined : [...new Set([...first, ...second])];
  return {
    exact: exact !== undefined && exact.length <= literalsAtMost ? exact : undefined,
    must: must !== undefined && must.length <= literalsAtMost ? must : undefined,
  };
}

function sequence(from: Place): Read {
  let rest = from;
  let spelled: readonly string[] = [''];
  let isExact = true;
  let must: readonly string[] | undefined;
  while (rest.at < rest.expression.length && !/[|)]/.test(rest.expression.charAt(rest.at))) {
    const read = repeated(rest);
    if (read === undefined) return undefined;
    rest = read.rest;
    const { exact } = read.of;
    if (exact !== undefined && exact.length * spelled.length <= spelledAtMost) {
      spelled = spelled.flatMap((start) => exact.map((end) => start + end));
      continue;
    }
    isExact = false;
    must = better(better(must, spelled), bestOf(read.of));
    spelled = exact ?? [''];
  }
  return { of: { exact: isExact ? spelled : undefined, must: better(must, spelled) }, rest };
}

function repeated(from: Place): Read {
  let read = single(from);
  while (read !== undefined) {
    const sign = ahead(read.rest, /^(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})\??/);
    if (sign === undefined) return read;
    read = { of: times(read.of, sign), rest: behind(read.rest, sign.length) };
  }
  return undefined;
}

function times(piece: Piece, sign: string): Piece {
  if (sign.startsWith('?'))
    return { exact: piece.exact === undefined ? undefined : [...piece.exact, ''], must: undefined };
  if (sign.startsWith('*') || /^\{0+[,}]/.test(sign)) return anything;
  // Once at least, whatever follows.
  return { exact: /^\{0*1\}/.test(sign) ? piece.exact : undefined, must: bestOf(piece) };
}

function single(from: Place): Read {
  const { expression, at } = from;
  const sign = expression.charAt(at);
  switch (sign) {
    case '(':
      return group(from);
    case '[':
      return oneOf(from);
    case '\\':
      return escaped(from);
    case '.':
      return { of: anything, rest: behind(from, 1) };
    case '^':
    case '$':
      return { of: empty, rest: behind(from, 1) };
    case '*':
    case '+':
    case '?':
    case '{':
      return undefined;
    default:
      return { of: letter(sign), rest: behind(from, 1) };
  }
}

function letter(sign: string): Piece {
  return /^[ -,.-~]$/.test(sign) ? { exact: [sign.toLowerCase()], must: undefined } : anything;
}

function group(from: Place): Read {
  // Flags change no letter of what is asked for: it has no capitals.
  const flags = ahead(from, /^\(\?[imsU-]+\)/);
  if (flags !== undefined) return { of: empty, rest: behind(from, flags.length) };
  const opening = ahead(from, /^\((?:\?(?:P?<\w+>|[imsU-]*:)|(?!\?))/);
  if (opening === undefined) return undefined;
  const read = alternatives(behind(from, opening.length));
  return read?.rest.expression[read.rest.at] === ')' ? { of: read.of, rest: behind(read.rest, 1) } : undefined;
}

function escaped(from: Place): Read {
  const sign = from.expression.charAt(from.at + 1);
  const rest = behind(from, 2);
  if (/^[bBAz]$/.test(sign)) return { of: empty, rest };
  if (sign === 'd') return { of: digits, rest };
  if (/^[wWsSDntrfva]$/.test(sign)) return { of: anything, rest };
  return /^[!-/:-@[-`{-~]$/.test(sign) ? { of: letter(sign), rest } : undefined;
}

// A class of a few plain signs is spelt out; any other may be anything.
function oneOf(from: Place): Read {
  const written = ahead(from, /^\[\^?(?:[^\\[\]]|\\[dwsDWS!-/:-@[-`{-~])+\]/);
  if (written === undefined) return undefined;
  const rest = behind(from, written.length);
  if (!/^\[(?:[!-,./0-9:-Z_`a-~]|[a-zA-Z0-9]-[a-zA-Z0-9]|\\[d.])+\]$/.test(written) || written.startsWith('[^'))
    return { of: anything, rest };
  const signs = new Set<string>();
  for (const [, first = '', last = '', other = ''] of written
    .slice(1, -1)
    .matchAll(/([a-zA-Z0-9])-([a-zA-Z0-9])|(\\?.)/g)) {
    if (other === '\\d') for (const digit of '0123456789') signs.add(digit);
    else if (other !== '') signs.add(other.slice(-1).toLowerCase());
    for (let code = first.charCodeAt(0); code <= last.charCodeAt(0) && signs.size <= spelledAtMost; code++)
      signs.add(String.fromCharCode(code).toLowerCase());
  }
  return { of: signs.size <= spelledAtMost ? { exact: [...signs], must: undefined } : anything, rest };
}
