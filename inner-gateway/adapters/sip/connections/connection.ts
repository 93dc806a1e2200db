// One authenticated TLS connection: bytes in, messages out, and back (RFC 3261 §18, RFC 5626 §3.5.1 for keep-alive).
// This file owns the socket.
import type { Socket } from 'node:net';
import type { Clock, Instant } from '@sallyport/shared/clock.ts';
import { createTurns } from '@sallyport/shared/turns.ts';
import type { SipMessage } from '../wire/message.ts';
import { createReader } from '../wire/reader.ts';
import type { PeerGroup } from './peer-group.ts';

export type Connection = {
  readonly group: PeerGroup;
  /** The name in its certificate by which it was recognised. */
  readonly name: string;
  /** We dialled it; otherwise it came to us. */
  readonly dialled: boolean;
  readonly live: () => boolean;
  /** Writes a message with all others of this turn of the event loop; false where the connection is gone or stuck. */
  readonly send: (text: string) => boolean;
  /** One more request that came in here is being judged; above the bound, reading stops until `release`. */
  readonly hold: () => void;
  readonly release: () => void;
  readonly heardAt: () => Instant;
  readonly saidAt: () => Instant;
  /** Writes what waits and ends it. */
  readonly close: (why: string) => void;
};

/** What the owner of the connections is told. */
export type Told = {
  readonly message: (message: SipMessage, connection: Connection) => void;
  /** A request, readable as far as it goes, that deserves 400. */
  readonly malformed: (message: SipMessage, why: string, connection: Connection) => void;
  readonly closed: (connection: Connection, why: string) => void;
};

/** So many requests of one connection may wait for a judgement; then we stop reading it. */
const heldAtMost = 256;
/** With so much unsent we stop reading (whoever does not read our answers gets no more of them) … */
const unsentPauses = 1024 * 1024;
/** … and above this the connection is ended. */
const unsentEnds = 16 * 1024 * 1024;

/** Serves an authenticated connection until it ends. */
export function serveConnection(
  socket: Socket,
  who: { readonly group: PeerGroup; readonly name: string; readonly dialled: boolean },
  clock: Clock,
  told: Told,
): Connection {
  const reader = createReader();
  const turns = createTurns();
  let live = true;
  let held = 0;
  let paused = false;
  let reading = false;
  // Until our turn comes again.
  let waiting = false;
  let pending = '';
  let heardAt = clock.now();
  let saidAt = clock.now();

  const connection: Connection = {
    ...who,
    live: () => live,
    send,
    hold: () => {
      held++;
    },
    release: () => {
      held--;
      if (paused) resume();
    },
    heardAt: () => heardAt,
    saidAt: () => saidAt,
    close: (why) => end(why),
  };

  function send(text: string): boolean {
    if (!live) return false;
    if (socket.writableLength > unsentEnds) {
      end('the peer does not read what we write');
      return false;
    }
    if (pending === '') setImmediate(flush);
    pending += text;
    saidAt = clock.now();
    return true;
  }

  function flush(): void {
    const text = pending;
    pending = '';
    if (text !== '' && !socket.destroyed) socket.write(text);
  }

  function tooMuch(): boolean {
    return held >= heldAtMost || socket.writableLength > unsentPauses;
  }

  function pause(): void {
    paused = true;
    socket.pause();
  }

  function resume(): void {
    if (waiting || tooMuch() || !live) return;
    paused = false;
    setImmediate(readOn);
  }

  function readOn(): void {
    read();
    if (!paused && live) socket.resume();
  }

  async function readAfter(turn: Promise<void>): Promise<void> {
    waiting = true;
    pause();
    await turn;
    waiting = false;
    paused = false;
    readOn();
  }

  function read(): void {
    if (reading || waiting) return;
    reading = true;
    while (live) {
      if (tooMuch()) {
        pause();
        break;
      }
      const turn = reader.buffered() > 0 ? turns.mine() : undefined;
      if (turn !== undefined) {
        void readAfter(turn);
        break;
      }
      const read = reader.next();
      if (read === undefined) break;
      switch (read.kind) {
        case 'message':
          told.message(read.message, connection);
          break;
        case 'ping':
          send('\r\n');
          break;
        case 'malformed':
          if (read.message !== undefined) told.malformed(read.message, read.why, connection);
          break;
        case 'broken':
          if (read.message !== undefined) told.malformed(read.message, read.why, connection);
          end(read.why);
          break;
        default:
          read satisfies never;
      }
    }
    reading = false;
  }

  function end(why: string): void {
    if (!live) return;
    live = false;
    flush();
    socket.end();
    // Whoever does not close their half within 2 s is cut off.
    setTimeout(() => socket.destroy(), 2_000).unref();
    told.closed(connection, why);
  }

  socket.setNoDelay(true);
  socket.setKeepAlive(true, 30_000);
  socket.on('data', (chunk: Buffer) => {
    heardAt = clock.now();
    reader.push(chunk);
    read();
  });
  socket.on('drain', () => {
    if (paused) resume();
  });
  socket.on('error', (error) => end(`error ${'code' in error ? String(error.code) : error.name}`));
  socket.on('end', () => end('closed by the peer'));
  socket.on('close', () => end('closed'));
  return connection;
}
