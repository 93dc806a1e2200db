// The outgoing side of one link: pieces are gathered and leave in frames, at the end of the turn of the event loop or
// when 32 packets are together; one packet a frame would cost ten times as much (performance §4). Frames that are not
// full leave 2 ms apart at least, 5 ms while they carry much, so that much traffic makes full frames, and little traffic
// waits for nothing.
import type { Asked } from '@sallyport/proto/generated/sallyport/boundary/v1/Asked.ts';
import type { Offered } from '@sallyport/proto/generated/sallyport/boundary/v1/Offered.ts';
import type { Settled } from '@sallyport/proto/generated/sallyport/boundary/v1/Settled.ts';
import type { Taken } from '@sallyport/proto/generated/sallyport/boundary/v1/Taken.ts';
import type { Frame, LinkStream } from './frame.ts';

export type Outgoing = {
  readonly offer: (offered: Offered) => void;
  readonly ask: (asked: Asked) => void;
  readonly taken: (seq: number) => void;
  readonly settled: (settled: Settled) => void;
  /** A frame by itself: hello, heartbeat, goodbye. Behind all that was gathered before. */
  readonly alone: (frame: Frame) => void;
  /** Pieces that have not left yet. Offers are bounded by credit; answers by whoever stops asking at this number. */
  readonly backlog: () => number;
  /** What was gathered still leaves, then the stream ends. What comes later goes nowhere. */
  readonly end: () => void;
};

const packetsPerFrame = 32;
const piecesPerFrame = 512;
const paceMs = 2;
const largePaceMs = 5;
const largeFlush = 32;

/** Gathers for `stream`. Frames wait while the stream is full; `backlog` says how much does. */
export function createOutgoing(stream: LinkStream): Outgoing {
  let offered: Offered[] = [];
  let asked: Asked[] = [];
  let taken: Taken[] = [];
  let settled: Settled[] = [];
  const alone: Frame[] = [];
  let scheduled = false;
  let full = false;
  let ending = false;
  let ended = false;
  let flushedAt = 0;
  let flushed = 0;

  function nextFrame(): Frame | undefined {
    const frame: Frame = {};
    if (asked.length > 0) [frame.asked, asked] = split(asked, piecesPerFrame);
    if (taken.length > 0) [frame.taken, taken] = split(taken, piecesPerFrame);
    if (settled.length > 0) [frame.settled, settled] = split(settled, piecesPerFrame);
    if (offered.length > 0) [frame.offered, offered] = split(offered, packetsPerFrame);
    if (Object.keys(frame).length > 0) return frame;
    return alone.shift();
  }

  function backlog(): number {
    return offered.length + asked.length + taken.length + settled.length;
  }

  function flush(): void {
    scheduled = false;
    flushedAt = performance.now();
    flushed = backlog();
    while (!full && !ended && !stream.destroyed) {
      const frame = nextFrame();
      if (frame === undefined) {
        if (!ending) return;
        ended = true;
        stream.end();
        return;
      }
      full = !stream.write(frame);
    }
  }

  stream.on('drain', () => {
    full = false;
    flush();
  });

  function flushSoon(): void {
    if (scheduled || full || ended) return;
    scheduled = true;
    const pause = flushedAt + (flushed >= largeFlush ? largePaceMs : paceMs) - performance.now();
    if (pause <= 0) setImmediate(flush);
    else setTimeout(flush, pause);
  }

  return {
    offer(each) {
      offered.push(each);
      if (offered.length >= packetsPerFrame && !full) flush();
      else flushSoon();
    },
    ask(each) {
      asked.push(each);
      flushSoon();
    },
    taken(seq) {
      taken.push({ seq });
      flushSoon();
    },
    settled(each) {
      settled.push(each);
      flushSoon();
    },
    alone(frame) {
      alone.push(frame);
      if (!full) flush();
    },
    backlog,
    end() {
      ending = true;
      if (!full) flush();
    },
  };
}

function split<T>(all: T[], most: number): [T[], T[]] {
  return all.length <= most ? [all, []] : [all.slice(0, most), all.slice(most)];
}
