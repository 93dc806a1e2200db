// Plain text from the RTF of a chat message: groups are stripped, characters decoded. sip-dialect §5.5.

const deepestGroup = 256;
const mostFonts = 256;

/** Groups whose content is not text of the message. `\*` marks all others that a reader may skip. */
const skippedGroups: ReadonlySet<string> = new Set(
  'colortbl stylesheet info pict object header headerl headerr headerf footer footerl footerr footerf footnote listtable listoverridetable revtbl rsidtbl generator filetbl themedata datastore'.split(
    ' ',
  ),
);
const characterWords: ReadonlyMap<string, string> = new Map([
  ['par', '\n'],
  ['line', '\n'],
  ['sect', '\n'],
  ['page', '\n'],
  ['row', '\n'],
  ['tab', '\t'],
  ['cell', '\t'],
  ['emdash', '—'],
  ['endash', '–'],
  ['lquote', '‘'],
  ['rquote', '’'],
  ['ldblquote', '“'],
  ['rdblquote', '”'],
  ['bullet', '•'],
  ['emspace', ' '],
  ['enspace', ' '],
]);
/** \fcharset numbers and the code pages that they stand for. */
const charsetLabels: ReadonlyMap<number, string> = new Map([
  [0, 'windows-1252'],
  [77, 'macintosh'],
  [128, 'shift_jis'],
  [129, 'euc-kr'],
  [134, 'gbk'],
  [136, 'big5'],
  [161, 'windows-1253'],
  [162, 'windows-1254'],
  [163, 'windows-1258'],
  [177, 'windows-1255'],
  [178, 'windows-1256'],
  [186, 'windows-1257'],
  [204, 'windows-1251'],
  [222, 'windows-874'],
  [238, 'windows-1250'],
]);
const codePageLabels: ReadonlyMap<number, string> = new Map([
  [874, 'windows-874'],
  [932, 'shift_jis'],
  [936, 'gbk'],
  [949, 'euc-kr'],
  [950, 'big5'],
  [10000, 'macintosh'],
  [65001, 'utf-8'],
  ...[1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258].map((page) => [page, `windows-${page}`] as const),
]);

type Group = {
  readonly skipped: boolean;
  readonly fontTable: boolean;
  readonly fallbacks: number;
  readonly font: number;
};

const token = /[{}]|\\(?:([A-Za-z]{1,32})(-?\d{1,10})? ?|'([0-9A-Fa-f]{2})|([\s\S]))|[^{}\\\r\n]+|[\r\n]+|\\/g;

/**
 * The text of an RTF document, or undefined where it does not begin as one or nests deeper than 256 groups. Code
 * pages are those of \ansicpg and of the fonts; what a code page lacks becomes U+FFFD. Hidden text is kept, so that
 * the content rules see it. Linear; the result is never longer than the source.
 */
export function textFromRtf(bytes: Uint8Array): string | undefined {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  if (!/^\s{0,16}\{\\rtf\d/.test(source)) return undefined;

  const out = newText();
  const groups: Group[] = [];
  const fonts = new Map<number, string>();
  let codePage = 'windows-1252';
  let group: Group = { skipped: false, fontTable: false, fallbacks: 1, font: -1 };
  let toSkip = 0; // fallback characters of the last \uN that are still to come

  const decodeAs = (): string => fonts.get(group.font) ?? codePage;
  const bytesOfText = (text: string): void => {
    const skip = Math.min(toSkip, text.length);
    toSkip -= skip;
    if (!group.skipped && !group.fontTable) out.bytes(skip === 0 ? text : text.slice(skip), decodeAs());
  };
  const character = (text: string): void => {
    if (toSkip > 0) toSkip -= 1;
    else if (!group.skipped && !group.fontTable) out.text(text);
  };

  token.lastIndex = 0;
  for (let found = token.exec(source); found !== null; found = token.exec(source)) {
    const [whole, word, digits, hex, symbol] = found;
    if (whole === '{') {
      toSkip = 0;
      if (groups.length === deepestGroup) return undefined;
      groups.push(group);
    } else if (whole === '}') {
      toSkip = 0;
      group = groups.pop() ?? group;
      if (groups.length === 0) break;
    } else if (word !== undefined) {
      const number = digits === undefined ? undefined : Number.parseInt(digits, 10);
      const plain = characterWords.get(word);
      if (plain !== undefined) character(plain);
      else if (word === 'u' && number !== undefined) {
        if (!group.skipped && !group.fontTable) out.text(String.fromCharCode(number & 0xffff));
        toSkip = group.fallbacks;
      } else if (word === 'bin') token.lastIndex += Math.max(0, number ?? 0);
      else if (word === 'ansicpg') codePage = codePageLabels.get(number ?? 1252) ?? codePage;
      else if (word === 'fcharset' && group.fontTable && fonts.size < mostFonts) {
        fonts.set(group.font, charsetLabels.get(number ?? 0) ?? codePage);
      } else group = changed(group, word, number);
    } else if (hex !== undefined) bytesOfText(String.fromCharCode(Number.parseInt(hex, 16)));
    else if (symbol !== undefined) {
      if (symbol === '*') group = { ...group, skipped: true };
      else if (symbol === '\\' || symbol === '{' || symbol === '}') bytesOfText(symbol);
      else if (symbol === '\n' || symbol === '\r') character('\n');
      else if (symbol === '~') character(' ');
      else if (symbol === '_') character('-');
    } else if (!/^[\r\n\\]/.test(whole)) bytesOfText(whole);
  }
  return out.finish();
}

/** What a control word changes for the rest of its group. */
function changed(group: Group, word: string, number: number | undefined): Group {
  if (skippedGroups.has(word)) return { ...group, skipped: true };
  switch (word) {
    case 'fonttbl':
      return { ...group, fontTable: true };
    case 'f':
    case 'deff':
      return { ...group, font: number ?? 0 };
    case 'plain':
      return { ...group, font: -1 };
    case 'uc':
      return { ...group, fallbacks: Math.max(0, number ?? 1) };
    default:
      return group;
  }
}

/** Collects characters; bytes of one code page that follow each other are decoded together (some take two bytes). */
function newText() {
  const done: string[] = [];
  let pending = '';
  let label = 'windows-1252';
  const flush = (): void => {
    if (pending === '') return;
    // \u0080 and above only: ASCII is the same in all of these code pages.
    done.push(/^[\0-\x7f]*$/.test(pending) ? pending : new TextDecoder(label).decode(Buffer.from(pending, 'latin1')));
    pending = '';
  };
  return {
    text: (text: string): void => {
      flush();
      done.push(text);
    },
    bytes: (text: string, as: string): void => {
      if (as !== label) flush();
      label = as;
      pending += text;
    },
    finish: (): string => {
      flush();
      return done.join('').toWellFormed().trimEnd();
    },
  };
}
