// Prints records of the audit as JSON lines, straight into bytes: this is done several times for each message, and a text
// would be put together from some thirty pieces, looked through, hashed and turned into bytes, each time as a copy.
import type { AuditEntry } from '../audit.ts';

/** What the writer says about the audit itself. */
export type OwnEntry = {
  readonly event:
    | 'audit-opened'
    | 'audit-repaired'
    | 'audit-lost'
    | 'audit-resumed'
    | 'audit-continued'
    | 'checkpoint'
    | 'countersigned'
    | 'policy-activated'
    | 'policy-refused';
  /** policy-activated, policy-refused: which policy. */
  readonly revision?: string;
  readonly note?: string;
  /** countersigned: the node whose audit it is, and the name of its file there. */
  readonly node?: string;
  readonly file?: string;
  /** checkpoint, countersigned: the number of the record that sealed what is signed, and that seal. */
  readonly of?: number;
  readonly head?: string;
  /** checkpoint: which key signed, and its signature. */
  readonly key?: string;
  readonly signature?: string;
};

/** Lines in bytes, one behind the other. */
export type Lines = {
  /** `{"seq":…,"ts":…` and the fields of the entry, without its end: what seals it can still be added. */
  readonly record: (seq: number, ms: number, entry: AuditEntry | OwnEntry) => void;
  /** ASCII, as it stands. */
  readonly put: (text: string) => void;
  /** Takes back the last byte. */
  readonly takeBack: () => void;
  readonly length: () => number;
  /** What stands from there on; valid until more is written. */
  readonly since: (start: number) => Buffer;
  /** Begins anew; what `since` gave is written over. */
  readonly clear: () => void;
};

const bytesAtFirst = 65_536;
// Room that one large batch has taken is given back.
const keptAtMost = 1_048_576;

export function createLines(): Lines {
  let bytes = Buffer.allocUnsafeSlow(bytesAtFirst);
  let at = 0;

  function need(more: number): void {
    if (at + more <= bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (at + more));
    bytes.copy(larger, 0, 0, at);
    bytes = larger;
  }

  function put(text: string): void {
    const { length } = text;
    need(length);
    const into = bytes;
    const start = at;
    for (let i = 0; i < length; i++) into[start + i] = text.charCodeAt(i);
    at = start + length;
  }

  function field(name: string, text: string | undefined): void {
    if (text === undefined) return;
    put(name);
    const { length } = text;
    need(length + 2);
    const into = bytes;
    const start = at + 1;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code < 0x20 || code > 0x7e || code === quote || code === backslash) {
        putEscaped(text);
        return;
      }
      into[start + i] = code;
    }
    into[at] = quote;
    into[start + length] = quote;
    at = start + length + 1;
  }

  function putEscaped(text: string): void {
    const json = escaped(text);
    need(3 * json.length);
    at += bytes.write(json, at, 'utf8');
  }

  function number(name: string, value: number | undefined): void {
    if (value === undefined) return;
    put(name);
    put(String(value));
  }

  // Field by field: a walk over the keys costs three times as much.
  function decision(entry: AuditEntry): void {
    put(',"direction":"');
    put(entry.direction);
    put('"');
    field(',"packet":', entry.packet);
    field(',"from":', entry.from);
    field(',"to":', entry.to);
    field(',"kind":', entry.kind);
    field(',"stanzaId":', entry.stanzaId);
    field(',"callId":', entry.callId);
    field(',"digest":', entry.digest);
    number(',"bytes":', entry.bytes);
    field(',"code":', entry.code);
    field(',"stage":', entry.stage);
    field(',"rule":', entry.rule);
    field(',"note":', entry.note);
    field(',"noticed":', entry.noticed);
    field(',"incident":', entry.incident);
    field(',"revision":', entry.revision);
  }

  function own(entry: OwnEntry): void {
    field(',"revision":', entry.revision);
    field(',"note":', entry.note);
    field(',"node":', entry.node);
    field(',"file":', entry.file);
    number(',"of":', entry.of);
    field(',"head":', entry.head);
    field(',"key":', entry.key);
    field(',"signature":', entry.signature);
  }

  return {
    record(seq, ms, entry) {
      number('{"seq":', seq);
      put(',"ts":"');
      put(timestamp(ms));
      put('","event":"');
      put(entry.event);
      put('"');
      if ('direction' in entry) decision(entry);
      else own(entry);
    },
    put,
    takeBack() {
      at -= 1;
    },
    length: () => at,
    since: (start) => bytes.subarray(start, at),
    clear() {
      at = 0;
      if (bytes.length > keptAtMost) bytes = Buffer.allocUnsafeSlow(bytesAtFirst);
    },
  };
}

const quote = 0x22;
const backslash = 0x5c;

// JSON leaves some characters as they are that a terminal obeys or that reorder what is read: they are written as escapes.
function escaped(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

let lastMs = 0;
let lastText = '';
function timestamp(ms: number): string {
  if (ms !== lastMs) {
    lastMs = ms;
    lastText = new Date(ms).toISOString();
  }
  return lastText;
}
