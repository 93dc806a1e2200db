// The quarantine in a file of its own: SQLite in a thread, so that no commit holds up what is not held.
import { Worker } from 'node:worker_threads';
import { type Clock, systemClock } from '@sallyport/shared/clock.ts';
import type { Log } from '@sallyport/shared/log.ts';
import { packetFromText, packetToText } from '../store/packet-as-text.ts';
import { readSealKey } from '../store/read-seal-key.ts';
import type { HeldPacket, Quarantine } from './quarantine.ts';
import type { Answer, Asked, Opening, Question, Reply, Sealed } from './quarantine-messages.ts';

export type QuarantineOptions = {
  /** Made where it is not there. One process at a time. */
  readonly file: string;
  /** 32 random bytes. */
  readonly keyFile: string;
  readonly atMostItems: number;
  readonly atMostMegabytes: number;
  readonly atMostPerSender: number;
  readonly expireDays: number;
  readonly log: Log;
  readonly clock?: Clock;
};

type Waiting = { readonly resolve: (reply: Reply) => void; readonly reject: (error: Error) => void };

const dayMs = 86_400_000;

/** Opens the quarantine. Rejects with one plain line, as the store does, where its file or its key cannot be used. */
export async function openQuarantine(options: QuarantineOptions): Promise<Quarantine> {
  const { file, keyFile, log, clock = systemClock } = options;
  const workerData: Opening = {
    file,
    key: readSealKey('quarantine', keyFile, log),
    bounds: {
      items: options.atMostItems,
      bytes: options.atMostMegabytes * 2 ** 20,
      itemsOfSender: options.atMostPerSender,
      expireMs: options.expireDays * dayMs,
    },
  };
  const worker = new Worker(new URL('./quarantine-worker.ts', import.meta.url), { workerData });
  await opened(worker);
  return serve(worker, clock, log);
}

function opened(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (answer: Answer) => {
      worker.off('error', reject);
      if (answer.kind === 'opened') return resolve();
      void worker.terminate();
      return reject(new Error(answer.kind === 'not-opened' ? answer.line : 'the quarantine did not open'));
    });
  });
}

function serve(worker: Worker, clock: Clock, log: Log): Quarantine {
  const waiting = new Map<number, Waiting>();
  let number = 0;
  let gone: Error | undefined;

  function ask(question: Question): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (gone !== undefined) return reject(gone);
      const asked: Asked = { number: ++number, question };
      waiting.set(asked.number, { resolve, reject });
      worker.postMessage(asked);
    });
  }

  // Nothing can be held any more, and what should be is refused; only a new process opens the file again.
  function lose(why: string): void {
    gone ??= new Error(why);
    for (const { reject } of waiting.values()) reject(gone);
    waiting.clear();
  }

  worker.on('message', (answer: Answer) => {
    if (answer.kind !== 'answered' && answer.kind !== 'failed') return;
    const who = waiting.get(answer.number);
    waiting.delete(answer.number);
    if (answer.kind === 'answered') who?.resolve(answer.reply);
    else who?.reject(new Error(`the quarantine could not do it: ${answer.why}`));
  });
  worker.on('error', (error) => {
    log.error({ why: error.message }, 'the thread of the quarantine broke');
    lose(`the thread of the quarantine broke: ${error.message}`);
  });
  worker.on('exit', () => lose('the quarantine is closed'));

  return {
    async hold(packet, direction, rule) {
      // The mark has done its work, and none is kept that could come back with a release.
      const { quarantine: _, ...plain } = packet;
      const { holding } = await ask({
        ask: 'hold',
        packet: {
          ...{ packet: packet.id, from: packet.from.bare, to: packet.to.bare, senderDomain: packet.from.domain },
          ...{ kind: packet.content.kind, direction, rule, heldAt: clock.now(), text: packetToText(plain) },
        },
      });
      if (holding === undefined) throw new Error('the quarantine did not say whether it holds it');
      return holding;
    },
    async recorded(id) {
      await ask({ ask: 'recorded', id });
    },
    unrecorded: async () => (await ask({ ask: 'unrecorded' })).items ?? [],
    list: async () => (await ask({ ask: 'list' })).items ?? [],
    open: async (id) => ((await ask({ ask: 'open', id })).sealed ?? []).map(heldOf)[0],
    expired: async () => ((await ask({ ask: 'expired', now: clock.now() })).sealed ?? []).map(heldOf),
    end: async (id, end) => (await ask({ ask: 'end', id, end, now: clock.now() })).ended === true,
    counts: async () => (await ask({ ask: 'counts' })).counts ?? { items: 0, bytes: 0, oldest: undefined },
    async close() {
      if (gone !== undefined) return;
      const ended = new Promise((resolve) => worker.once('exit', resolve));
      await ask({ ask: 'close' });
      await ended;
    },
  };
}

function heldOf({ item, text }: Sealed): HeldPacket {
  return { item, packet: text === undefined ? undefined : packetFromText(text) };
}
