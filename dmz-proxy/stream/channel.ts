// A socket as awaited XML events: bounded, with deadlines, and exact about bytes that nobody has read yet
// (RFC 6120 §5.4.3.3, §11.7; xmpp-boundary T2, A6, L8). The only file here that hears a socket's emitter.
import type { Socket } from 'node:net';
import type { Clock, Instant } from '@sallyport/shared/clock.ts';
import { createXmlReader, type XmlEvent, type XmlLimits, type XmlReader } from '../xml/read-elements.ts';
import { type Ending, streamError } from './ending.ts';

/** `ends`: nothing more comes, or somebody wants the stream to end: a deadline, broken XML, the operator. */
export type ChannelEvent = Exclude<XmlEvent, { kind: 'broken' }> | { readonly kind: 'ends'; readonly ending: Ending };

export type Channel = {
  readonly remoteAddress: string;
  /** The next event, where it is here already: what came in one piece is read without a promise for each stanza. */
  readonly ready: () => ChannelEvent | undefined;
  /** The next event. Not asking for it is the back-pressure: 64 KiB are held, then the socket is paused. */
  readonly next: () => Promise<ChannelEvent>;
  /** Whether not one byte, white space included, is here behind the last event. */
  readonly isQuiet: () => boolean;
  /** A new reader for a new stream on the same transport (P12). Call it only when quiet. */
  readonly restart: (limits: XmlLimits) => void;
  /** Other limits for the same stream: dialback proves a peer without a restart. */
  readonly setLimits: (limits: XmlLimits) => void;
  /** Lets go of the socket, for TLS to take it. */
  readonly take: () => Socket;
  readonly give: (socket: Socket) => void;
  /** Writes whole elements. False: the socket is full or closed. `done` hears when the system has taken it. */
  readonly write: (xml: string, done?: (error?: Error | null) => void) => boolean;
  /** Writes our header; remembered, so that an error is preceded by one exactly once (L3). */
  readonly open: (header: string) => void;
  readonly isOpen: () => boolean;
  /** The last words; later ones are not sent. True the first time. */
  readonly sayLast: (xml: string) => boolean;
  readonly isFull: () => boolean;
  readonly whenDrained: (callback: () => void) => void;
  /** Has `next` say that the stream ends; the first reason wins. */
  readonly interrupt: (ending: Ending) => void;
  /** After `at` the stream ends with `connection-timeout`; undefined takes the deadline away. */
  readonly expect: (at: Instant | undefined, what: string) => void;
  /** Called by the sweep: deadline, slow sender, silence. Time that we spent not reading does not count. */
  readonly check: (now: Instant, limits: { readonly assembly: number; readonly idle: number }) => void;
  readonly lastOutput: () => Instant;
  readonly lastInput: () => Instant;
  readonly bytesIn: () => number;
  /** Closes the transport in order: what was written goes out first; a second later it is destroyed. */
  readonly end: () => void;
  readonly destroy: () => void;
};

/** What a peer may say before it has proved who it is (xmpp-boundary §0.2). */
export const bytesBeforeAuthentication = { firstLevelBytes: 10_000, totalBytes: 65_536 } as const;

const heldAtMost = 65_536;
const slowGraceMs = 10_000;
const leastBytesPerSecond = 64;

export function openChannel(
  first: Socket,
  clock: Clock,
  firstLimits: XmlLimits,
  remoteAddress = first.remoteAddress ?? '',
): Channel {
  let socket: Socket | undefined;
  let reader: XmlReader = createXmlReader(firstLimits, clock);
  let queue: readonly XmlEvent[] = [];
  let head = 0;
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let paused = false;
  let waiter: ((event: ChannelEvent) => void) | undefined;
  let wish: Ending | undefined;
  let wished = false;
  let final: ChannelEvent | undefined;
  let error = '';
  let opened = false;
  let lastWord = false;
  let deadline: { at: Instant; what: string } | undefined;
  let input = clock.now();
  let output = input;
  let waitingSince = input;
  let bytesIn = 0;

  const deliver = (event: ChannelEvent): void => {
    const wake = waiter;
    waiter = undefined;
    wake?.(event);
  };
  const onData = (chunk: Uint8Array): void => {
    bytesIn += chunk.length;
    input = clock.now();
    if (final !== undefined) return;
    if (waiter === undefined) {
      held.push(chunk);
      heldBytes += chunk.length;
      if (heldBytes >= heldAtMost) {
        paused = true;
        socket?.pause();
      }
      return;
    }
    queue = reader.read(chunk);
    head = 0;
    const event = fromQueue();
    if (event !== undefined) deliver(event);
  };
  const onError = (cause: unknown): void => {
    error = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
  };
  const onEnd = (): void => {
    const note = error === '' ? 'the peer cut the connection' : `the connection broke: ${error}`;
    final ??= { kind: 'ends', ending: { kind: 'cut', note, quiet: bytesIn === 0 } };
    if (waiter !== undefined) deliver(final);
  };

  function attach(next: Socket): void {
    socket = next;
    next.on('data', onData);
    next.on('error', onError);
    next.on('end', onEnd);
    next.on('close', onEnd);
    next.setNoDelay(true);
  }
  function fromQueue(): ChannelEvent | undefined {
    const event = queue[head];
    if (event === undefined) return undefined;
    head += 1;
    if (event.kind !== 'broken') return event;
    queue = [];
    held = [];
    const more = event.tooBig ? { application: 'stanza-too-big' } : {};
    final ??= { kind: 'ends', ending: streamError(event.condition, event.note, more) };
    return final;
  }
  function ready(): ChannelEvent | undefined {
    if (wish !== undefined) {
      const ending = wish;
      wish = undefined;
      return { kind: 'ends', ending };
    }
    for (;;) {
      const event = fromQueue();
      if (event !== undefined) return event;
      const chunk = held.shift();
      if (chunk === undefined) return final;
      heldBytes -= chunk.length;
      queue = reader.read(chunk);
      head = 0;
    }
  }

  attach(first);
  return {
    remoteAddress,
    ready,
    next() {
      const event = ready();
      if (event !== undefined) return Promise.resolve(event);
      waitingSince = clock.now();
      return new Promise((resolve) => {
        waiter = resolve;
        if (paused) {
          paused = false;
          socket?.resume();
        }
      });
    },
    isQuiet: () =>
      head >= queue.length && held.length === 0 && reader.pending() === 0 && (socket?.readableLength ?? 0) === 0,
    restart(limits) {
      reader = createXmlReader(limits, clock);
      queue = [];
      head = 0;
      opened = false;
    },
    setLimits: (limits) => reader.setLimits(limits),
    take() {
      const taken = socket;
      if (taken === undefined) throw new Error('the socket was taken already');
      taken.off('data', onData).off('end', onEnd).off('close', onEnd);
      // What the system has read for us already is for TLS; a flowing socket would drop it.
      taken.pause();
      socket = undefined;
      opened = false;
      return taken;
    },
    give: attach,
    write(xml, done) {
      if (socket === undefined || lastWord || !socket.writable) {
        done?.(new Error('closed'));
        return false;
      }
      output = clock.now();
      return socket.write(xml, 'utf8', done);
    },
    open(header) {
      opened = true;
      if (socket?.writable === true && !lastWord) socket.write(header);
      output = clock.now();
    },
    isOpen: () => opened,
    sayLast(xml) {
      if (lastWord) return false;
      lastWord = true;
      if (socket?.writable === true) socket.write(xml);
      return true;
    },
    isFull: () => socket?.writableNeedDrain ?? true,
    whenDrained(callback) {
      socket?.once('drain', callback);
    },
    interrupt(ending) {
      if (wished || final !== undefined) return;
      wished = true;
      if (waiter === undefined) wish = ending;
      else deliver({ kind: 'ends', ending });
    },
    expect(at, what) {
      deadline = at === undefined ? undefined : { at, what };
      wished = false;
    },
    check(now, limits) {
      if (waiter === undefined) return;
      const late = lateness(now, limits);
      if (late !== undefined) this.interrupt(streamError('connection-timeout', late));
    },
    lastOutput: () => output,
    lastInput: () => input,
    bytesIn: () => bytesIn,
    end() {
      const ending = socket;
      if (ending === undefined || ending.destroyed) return;
      ending.resume();
      ending.end();
      setTimeout(() => ending.destroy(), 1_000).unref();
    },
    destroy: () => socket?.destroy(),
  };

  function lateness(now: Instant, limits: { assembly: number; idle: number }): string | undefined {
    if (deadline !== undefined) return now >= deadline.at ? `${deadline.what} took too long` : undefined;
    if (now - Math.max(input, waitingSince) >= limits.idle) return 'no byte came for too long';
    const firstByte = reader.sinceFirstByte();
    if (firstByte === undefined) return undefined;
    const age = now - Math.max(firstByte, waitingSince);
    if (age >= limits.assembly) return 'an element took too long to arrive';
    if (age >= slowGraceMs && reader.pending() < (age / 1000) * leastBytesPerSecond) {
      return 'an element arrives too slowly';
    }
    return undefined;
  }
}
