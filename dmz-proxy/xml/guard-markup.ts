// Finds forbidden markup at its first characters, before the parser would buffer it (RFC 6120 §11.1, P4, P8):
// comments, processing instructions, document types, and references that are none or have more than 8 digits.
import type { StreamCondition } from '@sallyport/shared/refusals.ts';

/** The parser may have everything before `end`; then the stream ends for this reason. */
export type Forbidden = { readonly end: number; readonly condition: StreamCondition; readonly note: string };

export type MarkupGuard = {
  /** Looks at the next characters of the stream, from `from` on; undefined when nothing there is forbidden. */
  readonly inspect: (text: string, from: number) => Forbidden | undefined;
};

const digitsAtMost = 8;
const [lessThan, ampersand, question, bang] = [0x3c, 0x26, 0x3f, 0x21];
const semicolon = 0x3b;
const [hash, letterX, openBracket, closeBracket, greaterThan] = [0x23, 0x78, 0x5b, 0x5d, 0x3e];

// - . : _
const namePunctuation: ReadonlySet<number> = new Set([0x2d, 0x2e, 0x3a, 0x5f]);

type Fault = 'forbidden' | 'malformed';
type State =
  | 'plain'
  | 'less'
  | 'bang'
  | 'cdata'
  | 'bracket'
  | 'brackets'
  | 'reference'
  | 'entity'
  | 'digits-or-x'
  | 'digits';

/** Makes the guard of one stream; it remembers where it is from chunk to chunk. */
export function createMarkupGuard(): MarkupGuard {
  let state: State = 'plain';
  let digits = 0;

  // What follows does not depend on where we are in a tag: `<` is forbidden in attribute values, and the parser,
  // which gets that character first, says so.
  function step(code: number): State | Fault {
    switch (state) {
      case 'plain':
        return plain(code);
      case 'less':
        if (code === question) return 'forbidden';
        return code === bang ? 'bang' : plain(code);
      case 'bang':
        return code === openBracket ? 'cdata' : 'forbidden';
      case 'cdata':
        return code === closeBracket ? 'bracket' : 'cdata';
      case 'bracket':
        return code === closeBracket ? 'brackets' : 'cdata';
      case 'brackets':
        if (code === greaterThan) return 'plain';
        return code === closeBracket ? 'brackets' : 'cdata';
      case 'reference':
        digits = 0;
        return code === hash ? 'digits-or-x' : entity(code);
      case 'entity':
        return code === semicolon ? 'plain' : entity(code);
      case 'digits-or-x':
        return code === letterX ? 'digits' : digit(code);
      case 'digits':
        return digit(code);
      default:
        return state satisfies never;
    }
  }

  function digit(code: number): State | Fault {
    if (code === semicolon) return 'plain';
    digits++;
    return digits > digitsAtMost || !isDigit(code) ? 'malformed' : 'digits';
  }

  return {
    inspect(text, from) {
      if (state === 'plain' && isHarmless(text)) return undefined;
      let less = state === 'less' || state === 'bang' ? from - 1 : from;
      for (let i = from; i < text.length; i++) {
        const next = step(text.charCodeAt(i));
        if (next === 'forbidden') {
          return { end: less + 1, condition: 'restricted-xml', note: 'a comment, a declaration or an instruction' };
        }
        if (next === 'malformed') {
          return { end: i, condition: 'not-well-formed', note: 'a malformed reference, or one of more than 8 digits' };
        }
        if (next === 'less') less = i;
        state = next;
      }
      return undefined;
    },
  };
}

function plain(code: number): State {
  if (code === lessThan) return 'less';
  return code === ampersand ? 'reference' : 'plain';
}

// The parser would collect anything up to the next semicolon.
function entity(code: number): State | Fault {
  const isNameCharacter = (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || isDigit(code);
  return isNameCharacter || code > 0x7f || namePunctuation.has(code) ? 'entity' : 'malformed';
}

function isDigit(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66);
}

// The common chunk: no reference, no `<!`, no `<?`, and nothing begun at its end.
function isHarmless(text: string): boolean {
  return (
    !text.includes('&') && !text.includes('<!') && !text.includes('<?') && text.charCodeAt(text.length - 1) !== lessThan
  );
}
