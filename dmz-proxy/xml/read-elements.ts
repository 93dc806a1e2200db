// Bytes become restricted XML, one first-level element after the other (RFC 6120 §11, xmpp-boundary P1 to P14):
// saxes inside a wrapper that refuses what saxes would take, and bounds what saxes would collect.
import { Buffer } from 'node:buffer';
import { type Clock, type Instant, systemClock } from '@sallyport/shared/clock.ts';
import type { StreamCondition } from '@sallyport/shared/refusals.ts';
import { SaxesParser } from 'saxes';
import { createUtf8Decoder } from './decode-utf8.ts';
import type { XmlElement } from './element.ts';
import { createElementBuilder, type TagFault } from './element-builder.ts';
import { createMarkupGuard } from './guard-markup.ts';
import { readDeclaration } from './read-declaration.ts';
import { createSpaceAllowance } from './space-allowance.ts';

export type XmlEvent =
  /** The root's open tag: the stream header. `contentNs`: the default namespace that it declares, or empty. */
  | { readonly kind: 'open'; readonly root: XmlElement; readonly contentNs: string }
  /** A complete first-level element and its raw size. */
  | { readonly kind: 'element'; readonly element: XmlElement; readonly bytes: number }
  /** The root's end tag. The reader is dead. */
  | { readonly kind: 'close' }
  /** Not our XML, or too much of it. The reader is dead. `note` is for the audit and never quotes content. */
  | {
      readonly kind: 'broken';
      readonly condition: StreamCondition;
      readonly tooBig: boolean;
      readonly note: string;
    };

export type XmlReader = {
  /** What these bytes complete. After `broken` or `close`: nothing, for ever. */
  readonly read: (chunk: Uint8Array) => readonly XmlEvent[];
  /** Raw bytes after the last complete first-level element, or after the root's open tag; white space counts. */
  readonly pending: () => number;
  /** Other limits from here on. */
  readonly setLimits: (limits: XmlLimits) => void;
  /** When the first byte of the unfinished first-level element (or of the header) came. */
  readonly sinceFirstByte: () => Instant | undefined;
};

/** `firstLevelBytes`: the largest header or first-level element; `totalBytes`: all that this reader takes. */
export type XmlLimits = { readonly firstLevelBytes: number; readonly totalBytes?: number };

type Broken = Extract<XmlEvent, { kind: 'broken' }>;
type Completed = { readonly element: XmlElement | undefined; readonly position: number };

const stop = new Error('the reader has stopped');

/** Makes the reader of one stream; each restart of the stream takes a new one (P12). */
export function createXmlReader(limits: XmlLimits, clock: Clock = systemClock): XmlReader {
  const utf8 = createUtf8Decoder();
  const guard = createMarkupGuard();
  const builder = createElementBuilder();
  const parser = new SaxesParser({ position: false });
  let totalBytes = limits.totalBytes ?? Number.POSITIVE_INFINITY;
  let limit = limits.firstLevelBytes;
  let events: XmlEvent[] = [];
  let dead = false;

  // Where we are. Byte counts are from the start of the stream.
  let received = 0;
  let decoded = 0;
  let head: string | undefined = '';
  let headBytes = 0;
  let opened = false;
  let start: number | undefined = 0;
  let startedAt: Instant | undefined;
  let lastEnd = 0;
  let completed: Completed | undefined;

  // The text at hand: `from` is what the parser got first of it, at its position `fedBefore`.
  let text = '';
  let textBytes = 0;
  let from = 0;
  let fed = 0;
  let fedBefore = 0;
  let counted = 0;
  let countedBytes = 0;

  let now: Instant = 0;
  const space = createSpaceAllowance();

  function end(condition: StreamCondition, note: string, tooBig = false): never {
    const broken: Broken = { kind: 'broken', condition, tooBig, note };
    dead = true;
    events.push(broken);
    throw stop;
  }

  function tooBig(note: string): never {
    end('policy-violation', note, true);
  }

  // Bytes of the stream up to this index of the text at hand. Asked with rising indexes, so that it stays linear.
  function bytesAt(index: number): number {
    if (text.length === textBytes) return decoded + index;
    countedBytes += Buffer.byteLength(text.slice(counted, index));
    counted = index;
    return decoded + countedBytes;
  }

  function indexNow(): number {
    return from + (parser.position - fedBefore);
  }

  // Between first-level elements there is white space only (P11); the parser would collect it, so it is skipped here.
  function skipSpace(index: number): number {
    let i = index;
    while (isSpace(text.charCodeAt(i))) i++;
    if (opened && i > index && !space.take(i - index, now)) {
      end('policy-violation', 'more white space than a keepalive needs');
    }
    if (i >= text.length) return i;
    if (text[i] !== '<') {
      end(opened ? 'invalid-xml' : 'not-well-formed', opened ? 'text between elements' : 'text before the root');
    }
    if (opened) {
      start = bytesAt(i);
      startedAt = now;
    }
    return i;
  }

  function checkSize(until: number): void {
    if (start !== undefined && until - start > limit) tooBig('an element larger than the limit');
  }

  // An end tag is only believed once the parser has compared its name, which it does after telling us.
  function settle(): void {
    if (completed === undefined) return;
    const { element, position } = completed;
    completed = undefined;
    if (element === undefined) {
      dead = true;
      events.push({ kind: 'close' });
      throw stop;
    }
    const index = from + (position - fedBefore);
    const until = bytesAt(index);
    checkSize(until);
    events.push({ kind: 'element', element, bytes: until - (start ?? until) });
    between(index, until);
  }

  function between(index: number, until: number): void {
    lastEnd = until;
    start = undefined;
    startedAt = undefined;
    space.elementEnded();
    skipSpace(index);
  }

  function fault(what: TagFault): never {
    checkSize(bytesAt(indexNow()));
    if (what === 'name') end('not-well-formed', 'a malformed name');
    if (what === 'prefix') end('bad-namespace-prefix', 'an unbound namespace prefix');
    if (what === 'attribute-twice') end('not-well-formed', 'an attribute twice');
    tooBig(`over the limit: ${what}`);
  }

  // Six handlers and no more: with seven of them V8 keeps the parser as a dictionary, at twice the cost.
  parser.on('attribute', ({ name, value }) => {
    const what = builder.addAttribute(name, value);
    if (what === undefined) return;
    settle();
    fault(what);
  });
  parser.on('opentag', (tag) => {
    settle();
    const root = builder.openTag(tag.name);
    if (typeof root === 'string') fault(root);
    if (builder.depth() > 1) return;
    const until = bytesAt(indexNow());
    checkSize(until);
    opened = true;
    events.push({ kind: 'open', root, contentNs: builder.defaultNs() });
    // A root that is closed at once has nothing between its elements; what follows is read by nobody.
    if (tag.isSelfClosing) return;
    between(indexNow(), until);
  });
  parser.on('text', (characters) => {
    settle();
    builder.addText(characters);
  });
  parser.on('cdata', (characters) => {
    settle();
    if (builder.depth() === 1) end('invalid-xml', 'text between elements');
    builder.addText(characters);
  });
  parser.on('closetag', () => {
    settle();
    const element = builder.closeTag();
    const depth = builder.depth();
    if (depth <= 1) completed = { element: depth === 1 ? element : undefined, position: parser.position };
  });
  parser.on('error', (error) => {
    if (completed !== undefined && completed.position !== parser.position) settle();
    checkSize(bytesAt(indexNow()));
    const [condition, note] = meaning(error.message);
    end(condition, note);
  });

  // Hands the parser text[first, last) and believes what it completed.
  function feed(first: number, last: number): void {
    if (last <= first) return;
    from = first;
    fedBefore = fed;
    fed += last - first;
    parser.write(first === 0 && last === text.length ? text : text.slice(first, last));
    settle();
  }

  function readText(): void {
    let first = 0;
    if (head !== undefined) {
      const declaration = readDeclaration(text);
      if (declaration.state === 'broken') end(declaration.condition, declaration.note);
      if (declaration.state === 'more') return;
      head = undefined;
      first = declaration.length;
    }
    const forbidden = guard.inspect(text, first);
    const last = forbidden === undefined ? text.length : Math.max(first, forbidden.end);
    if (builder.depth() === 0 || start === undefined) first = Math.min(skipSpaceBefore(first), last);
    feed(first, last);
    if (forbidden !== undefined) {
      checkSize(bytesAt(last));
      end(forbidden.condition, forbidden.note);
    }
  }

  function skipSpaceBefore(first: number): number {
    return fed === 0 || opened ? skipSpace(first) : first;
  }

  function readBytes(chunk: Uint8Array): void {
    const allowed = chunk.length > totalBytes - received ? chunk.subarray(0, totalBytes - received) : chunk;
    if (startedAt === undefined && received === 0 && allowed.length > 0) startedAt = now;
    received += allowed.length;
    const piece = utf8.decode(allowed);
    text = head === undefined ? piece.text : head + piece.text;
    textBytes = head === undefined ? piece.bytes : headBytes + piece.bytes;
    counted = 0;
    countedBytes = 0;
    readText();
    if (head === undefined) decoded += textBytes;
    else [head, headBytes] = [text, textBytes];
    if (piece.broken) checkSize(decoded);
    if (piece.broken) end('not-well-formed', 'bytes that are not UTF-8');
    checkSize(received);
    if (allowed !== chunk) tooBig('more bytes than a stream may bring before it is authenticated');
  }

  return {
    read(chunk) {
      if (dead) return [];
      now = clock.now();
      events = [];
      try {
        readBytes(chunk);
      } catch (error) {
        dead = true;
        if (error !== stop) throw error;
      }
      return events;
    },
    pending: () => received - lastEnd,
    setLimits(changed) {
      limit = changed.firstLevelBytes;
      totalBytes = changed.totalBytes ?? Number.POSITIVE_INFINITY;
    },
    sinceFirstByte: () => startedAt,
  };
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

// The parser's words quote what it read, so ours take their place.
function meaning(message: string): [StreamCondition, string] {
  if (message.startsWith('undefined entity')) return ['restricted-xml', 'an entity other than the five'];
  return ['not-well-formed', 'not well-formed'];
}
