// Cuts the bytes of one connection into SIP messages (RFC 3261 §18.3, RFC 5626 §3.5.1): Content-Length is mandatory.
import type { SipMessage } from './message.ts';
import { type BadHead, type Head, parseHead } from './parse-head.ts';

export const maxHeadBytes = 64 * 1024;
export const maxBodyBytes = 1024 * 1024;

export type Read =
  | { readonly kind: 'message'; readonly message: SipMessage }
  /** A double CRLF: the peer wants one CRLF back. */
  | { readonly kind: 'ping' }
  /** A message that is not SIP as we take it; `message` stands where a request among them can be told so (400). */
  | { readonly kind: 'malformed'; readonly why: string; readonly message?: SipMessage }
  /** Nobody can tell where the next message starts: the connection has to end. */
  | { readonly kind: 'broken'; readonly why: string; readonly message?: SipMessage };

export type Reader = {
  /** Adds bytes as they came off the socket. */
  readonly push: (chunk: Uint8Array) => void;
  /** The next thing that is complete; undefined until more bytes come. After `broken` there is nothing more. */
  readonly next: () => Read | undefined;
  /** How many bytes wait. */
  readonly buffered: () => number;
};

/** A reader for one connection. It holds at most one head and one body besides what was pushed last. */
export function createReader(): Reader {
  // INVARIANT: bytes below `end` are never written again, since bodies are views into this memory.
  let store: Buffer = Buffer.alloc(0);
  let start = 0;
  let end = 0;
  let searched = 0;
  let lineEnds = 0;
  let broken = false;
  let waiting: Head | BadHead | undefined;

  function push(chunk: Uint8Array): void {
    if (broken || chunk.length === 0) return;
    if (start === end) {
      store = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
      start = 0;
      end = store.length;
      searched = 0;
      return;
    }
    if (end + chunk.length > store.length) {
      const grown = Buffer.allocUnsafe(Math.max(2 * (end - start), end - start + chunk.length, 4096));
      store.copy(grown, 0, start, end);
      searched -= start;
      end -= start;
      start = 0;
      store = grown;
    }
    store.set(chunk, end);
    end += chunk.length;
  }

  function next(): Read | undefined {
    if (broken) return undefined;
    if (waiting !== undefined) return body(waiting);
    while (end - start >= 2 && store[start] === 13 && store[start + 1] === 10) {
      start += 2;
      lineEnds++;
      if (lineEnds === 2) {
        lineEnds = 0;
        return { kind: 'ping' };
      }
    }
    if (end - start < 4) return undefined;
    const all = end === store.length ? store : store.subarray(0, end);
    const headEnd = all.indexOf('\r\n\r\n', Math.max(start, searched), 'latin1');
    if (headEnd < 0 ? end - start > maxHeadBytes : headEnd - start > maxHeadBytes) return fail('headers above 64 KiB');
    if (headEnd < 0) {
      searched = Math.max(start, end - 3);
      return undefined;
    }
    const head = parseHead(store.toString('utf8', start, headEnd));
    start = headEnd + 4;
    searched = start;
    lineEnds = 0;
    if (head.contentLength === undefined) return fail('why' in head ? head.why : '', head.message);
    if (head.contentLength > maxBodyBytes) return fail('a body above 1 MiB', head.message);
    waiting = head;
    return body(head);
  }

  function body(head: Head | BadHead): Read | undefined {
    const { contentLength = 0, message } = head;
    if (end - start < contentLength) return undefined;
    waiting = undefined;
    const from = start;
    start += contentLength;
    searched = start;
    if ('why' in head) return { kind: 'malformed', why: head.why, ...(message === undefined ? {} : { message }) };
    if (contentLength > 0) head.message.body = store.subarray(from, start);
    return { kind: 'message', message: head.message };
  }

  function fail(why: string, message?: SipMessage): Read {
    broken = true;
    store = Buffer.alloc(0);
    start = 0;
    end = 0;
    return { kind: 'broken', why, ...(message === undefined ? {} : { message }) };
  }

  return { push, next, buffered: () => end - start };
}
