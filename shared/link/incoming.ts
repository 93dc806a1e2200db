// The incoming side of one link: frames one by one, and at last the words why there are no more.
import type { FrameRead, LinkStream } from './frame.ts';

export type Incoming = {
  /** The next frame, or in words why there is none. */
  readonly next: (withinMs: number) => Promise<FrameRead | string>;
  /** Gives each frame to `read` until that answers in words or the stream ends; says why it was over. */
  readonly each: (read: (frame: FrameRead) => string | undefined) => Promise<string>;
  /** Reads on to the end without looking at what comes; false, and destroyed, if that takes longer. */
  readonly drain: (withinMs: number) => Promise<boolean>;
};

const tooLate = 'the other end did not finish';

export function createIncoming(stream: LinkStream): Incoming {
  let over: string | undefined;
  let wake: () => void = () => {};
  const ends = (why: string) => {
    over ??= why;
    wake();
  };
  stream.on('readable', () => wake());
  stream.on('end', () => ends('the other end closed the link'));
  stream.on('error', (error) => ends(error.message));
  stream.on('close', () => ends('the link broke'));

  async function readUntil(read: (frame: FrameRead) => string | undefined): Promise<string> {
    for (;;) {
      for (let frame: FrameRead | null = stream.read(); frame !== null; frame = stream.read()) {
        const enough = read(frame);
        if (enough !== undefined) return enough;
      }
      if (over !== undefined) return over;
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      await promise;
    }
  }

  async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
    const timer = setTimeout(() => {
      ends(what);
      stream.destroy();
    }, ms);
    try {
      return await work;
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    async next(withinMs) {
      let first: FrameRead | undefined;
      const why = await within(
        withinMs,
        `nothing came within ${withinMs / 1000} s`,
        readUntil((frame) => {
          first = frame;
          return '';
        }),
      );
      return first ?? why;
    },
    each: readUntil,
    async drain(withinMs) {
      await within(
        withinMs,
        tooLate,
        readUntil(() => undefined),
      );
      return over !== tooLate;
    },
  };
}
