// Where the proxy's audit stands, told to the inside once a minute and written down there: whoever breaks into the DMZ
// and cuts its audit off cannot cut it off here as well.
import type { AuditHead } from '../audit.ts';
import type { Instant } from '../clock.ts';
import type { FrameRead } from './frame.ts';
import type { Outgoing } from './outgoing.ts';

export type HeadsWorld = {
  /** Where our own audit stands; the proxy has it told. */
  readonly head?: () => AuditHead;
  /** Writes down durably where the other end's audit stands; the gateway does. */
  readonly witness?: (head: AuditHead) => Promise<void>;
  /** The other end has written our head down. */
  readonly onCountersigned?: (sequence: number) => void;
};

export type Heads = {
  /** A new link: our head is due at once. */
  readonly attach: () => void;
  readonly tick: (now: Instant, outgoing: Outgoing) => void;
  /** Says in words what the other end must not do. */
  readonly read: (frame: FrameRead, now: Instant, outgoing: Outgoing) => string | undefined;
};

const everyMs = 60_000;
// Each costs a record on our disk.
const notOftenerMs = 10_000;

export function createHeads(world: HeadsWorld): Heads {
  let toldAt = Number.NEGATIVE_INFINITY;
  let told = 0;
  let heardAt = Number.NEGATIVE_INFINITY;

  return {
    attach() {
      toldAt = Number.NEGATIVE_INFINITY;
      heardAt = Number.NEGATIVE_INFINITY;
    },
    tick(now, outgoing) {
      const head = world.head?.();
      if (head === undefined || head.sequence === told || now - toldAt < everyMs) return;
      toldAt = now;
      told = head.sequence;
      const { file, sequence, hash } = head;
      outgoing.alone({ chainHeads: [{ file, sequence, hash: Buffer.from(hash, 'hex') }] });
    },
    read(frame, now, outgoing) {
      for (const { sequence } of frame.countersigned ?? []) {
        if (world.head === undefined) return 'the other end countersigned what we never told';
        world.onCountersigned?.(sequence);
      }
      const heads = frame.chainHeads ?? [];
      const [first] = heads;
      if (first === undefined) return undefined;
      const { witness } = world;
      if (witness === undefined) return 'the other end told where its audit stands; only a proxy does';
      if (heads.length > 1 || now - heardAt < notOftenerMs)
        return 'the other end tells too often where its audit stands';
      heardAt = now;
      const { file, sequence, hash } = first;
      if (!/^[\w.-]{1,200}$/.test(file) || !Number.isSafeInteger(sequence) || sequence < 1 || hash.length !== 32)
        return 'the other end told a head that is none';
      witness({ file, sequence, hash: hash.toString('hex') }).then(
        () => outgoing.alone({ countersigned: [{ file, sequence, hash }] }),
        // Our own audit cannot be written; the next head comes in a minute.
        () => undefined,
      );
      return undefined;
    },
  };
}
