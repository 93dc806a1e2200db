// The header lines of one head, and how one is found by its name (RFC 3261 §7.3). Of some fifteen headers of a message
// three or four are ever read, so nothing is cut out of the text before it is asked for.

/** `text` is the whole head, unfolded; `starts` is where each of its header lines begins. */
export type HeaderLines = {
  readonly text: string;
  readonly starts: readonly number[];
  /** No value holds anything that ends a line somewhere, nor a tab: each can be printed as it stands. */
  readonly plain: boolean;
};

/** The first value of a header, trimmed; `name` is the long form in lower case. */
export function firstValue({ text, starts }: HeaderLines, name: string): string | undefined {
  const short = shortOf(name);
  for (let i = 0; i < starts.length; i++) {
    const colon = colonOf(text, starts[i] ?? 0, name, short);
    if (colon >= 0) return valueAfter(text, colon);
  }
  return undefined;
}

/** All values of a header, one for each line that it came in. */
export function allValues({ text, starts }: HeaderLines, name: string): string[] {
  const values: string[] = [];
  const short = shortOf(name);
  for (let i = 0; i < starts.length; i++) {
    const colon = colonOf(text, starts[i] ?? 0, name, short);
    if (colon >= 0) values.push(valueAfter(text, colon));
  }
  return values;
}

/** What stands between a colon and the end of its line, without the blanks around it. */
export function valueAfter(text: string, colon: number): string {
  let from = colon + 1;
  let to = text.indexOf('\r\n', from);
  if (to < 0) to = text.length;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

/** A letter in lower case; every other character of a name as it is. */
export function lower(code: number): number {
  return code >= 65 && code <= 90 ? code | 32 : code;
}

export function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

/** White space as `trim` and `\s` have it. */
export function isSpace(code: number): boolean {
  if (code < 160) return code === 32 || (code >= 9 && code <= 13);
  return /\s/.test(String.fromCharCode(code));
}

// Where the colon of the line stands, if the line has this name; else -1.
function colonOf(text: string, start: number, name: string, short: number): number {
  const first = lower(text.charCodeAt(start));
  if (first === name.charCodeAt(0)) {
    let i = 1;
    while (i < name.length && lower(text.charCodeAt(start + i)) === name.charCodeAt(i)) i++;
    if (i === name.length) {
      const colon = colonAt(text, start + i);
      if (colon >= 0) return colon;
    }
  }
  return first === short ? colonAt(text, start + 1) : -1;
}

function colonAt(text: string, from: number): number {
  let at = from;
  while (isBlank(text.charCodeAt(at))) at++;
  return text.charCodeAt(at) === 58 ? at : -1;
}

function shortOf(name: string): number {
  return compact.get(name) ?? -1;
}

// The compact forms that are registered with IANA for SIP.
const compact: ReadonlyMap<string, number> = new Map(
  [
    'a accept-contact',
    'b referred-by',
    'c content-type',
    'd request-disposition',
    'e content-encoding',
    'f from',
    'i call-id',
    'j reject-contact',
    'k supported',
    'l content-length',
    'm contact',
    'o event',
    'r refer-to',
    's subject',
    't to',
    'u allow-events',
    'v via',
    'x session-expires',
    'y identity',
  ].map((line): [string, number] => [line.slice(2), line.charCodeAt(0)]),
);
