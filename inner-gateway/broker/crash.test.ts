// No silent loss (I1): killed processes and random schedules, over the real SQLite store.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { openLog } from '@sallyport/shared/log.ts';
import type { Packet } from '@sallyport/shared/packet.ts';
import fc from 'fast-check';
import { openSqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import {
  annToBob,
  between,
  bobToAnn,
  bodyOf,
  delivered,
  packetFrom,
  refusedWith,
  text,
  until,
} from './test-networks.ts';

const log = openLog('test', 'test', 'error');

function somewhere() {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-crash-'));
  after(() => rmSync(folder, { recursive: true }));
  const keyFile = join(folder, 'key');
  writeFileSync(keyFile, randomBytes(32), { mode: 0o400 });
  return { folder, keyFile, file: join(folder, 'outbox.sqlite'), log };
}

test('a broker that is killed under load: all that it accepted arrives or bounces, and what repeats is marked', async (t) => {
  const place = somewhere();
  const program = new URL('./run-until-killed.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [program, place.file, place.keyFile], { stdio: ['ignore', 'pipe', 'inherit'] });
  const accepted: string[] = [];
  const arrived = new Set<string>();
  for await (const line of createInterface(child.stdout)) {
    const [what, id = ''] = line.split(' ');
    if (what === 'accepted') accepted.push(id);
    else arrived.add(id);
    if (accepted.length === 200) child.kill('SIGKILL');
  }
  const store = await openSqliteStore(place);
  t.after(() => store.close());
  const left = (await store.unsettled()).map((kept) => kept.packet);
  assert.ok(left.length > 0, 'it was killed too late to prove anything');
  const { xmpp, sip, broker } = between(store);
  await broker.start();
  await until(() => broker.unsettled() === 0);
  const second = [...xmpp.arrivals, ...sip.arrivals];
  for (const { packet, again } of second) {
    assert.equal(again, true);
    arrived.add(packet.content.kind === 'bounce' ? packet.content.ofId.slice(2) : packet.id);
  }
  assert.deepEqual(
    accepted.filter((id) => !arrived.has(id)),
    [],
  );
  const toBob = ({ to, content }: Packet) => to.bare === 'bob@in.example' && content.kind === 'message';
  assert.deepEqual(
    second.filter(({ packet }) => toBob(packet)).map(({ packet }) => packet.id),
    left.filter(toBob).map((packet) => packet.id),
  );
  await broker.stop();
});

// A store as the dead process left it: what it had asked for and not heard of may be done or not, and it hears no more.
function mortal(store: Store) {
  let dead = false;
  const never = new Promise<never>(() => {});
  const alive = async <T>(work: Promise<T>): Promise<T> => {
    const result = await work;
    return dead ? never : result;
  };
  const mortalStore: Store = {
    ...store,
    keep: (kept) => (dead ? never : alive(store.keep(kept))),
    settle: (end, bounce) => (dead ? never : alive(store.settle(end, bounce))),
  };
  return {
    store: mortalStore,
    die: () => {
      dead = true;
    },
  };
}

const action = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('send' as const), way: fc.nat(3), waits: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat(9), well: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('write' as const), which: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('breathe' as const) }) },
);

test('whatever happens in whatever order, each accepted message ends delivered or refused to its sender, once', async (t) => {
  const place = somewhere();
  const store = await openSqliteStore(place);
  t.after(() => store.close());
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 40 }), async (actions) => {
      run += 1;
      const accepted = new Map<string, string[]>();
      const bounces: { packet: Packet; again: boolean }[] = [];
      const seen: { id: string; pair: string }[] = [];
      const pending: Promise<unknown>[] = [];
      let life = 0;

      const begin = async (wellBehaved: boolean) => {
        life += 1;
        const body = mortal(store);
        const here = between(body.store, { bootId: `boot-${run}-${life}` });
        for (const network of [here.xmpp, here.sip]) {
          network.behave = ({ packet, again }) => {
            if (packet.content.kind === 'bounce') bounces.push({ packet, again });
            else seen.push({ id: packet.id, pair: `${packet.from.bare} ${packet.to.bare}` });
            return wellBehaved || packet.content.kind === 'bounce' ? delivered : undefined;
          };
        }
        await here.broker.start();
        return { ...here, die: body.die, open: () => [...here.xmpp.arrivals, ...here.sip.arrivals] };
      };

      let now = await begin(false);
      let flushed = 0;
      // What the dead one had asked for is through the store when an answer comes back from it.
      const dieAndBegin = async (wellBehaved: boolean) => {
        now.die();
        const id = `flush-${run}-${flushed++}`;
        await store.keep({ packet: annToBob('x', id), origin: 'xmpp', keptAt: 0 });
        await store.settle({ id, state: 'delivered' });
        return begin(wellBehaved);
      };
      let sent = 0;
      const packets = (way: number, id: string) =>
        [
          () => annToBob('x', id),
          () => bobToAnn('x', id),
          () => packetFrom('ann@out.example', 'eve@in.example', text('x'), id),
          () => packetFrom('eve@in.example', 'ann@out.example', text('x'), id),
        ][way]!();
      for (const step of actions) {
        if (step.do === 'send') {
          const packet = packets(step.way, `m-${run}-${sent++}`);
          const sending = (step.way % 2 === 0 ? now.inward : now.outward)(packet).then(async (acceptance) => {
            if (!acceptance.passed) return;
            const told: string[] = [];
            accepted.set(packet.id, told);
            if (!step.waits) return;
            const news = await acceptance.news(Number.POSITIVE_INFINITY);
            if (news.state === 'refused') told.push(news.refusal.code);
          });
          pending.push(sending);
        } else if (step.do === 'end') {
          const arrivals = now.open();
          arrivals[step.which % arrivals.length]?.end(step.well ? delivered : refusedWith('far-away'));
        } else if (step.do === 'write') {
          const arrivals = now.open();
          arrivals[step.which % arrivals.length]?.written();
        } else if (step.do === 'breathe') {
          await new Promise((resolve) => setTimeout(resolve, 3));
        } else {
          now = await dieAndBegin(false);
        }
      }
      now = await dieAndBegin(true);
      await until(() => now.broker.unsettled() === 0);

      for (const [id, told] of accepted) {
        const end = await store.lookUp(id);
        assert.ok(end !== undefined && end !== 'kept', `${id} has no end`);
        const bounced = new Set(
          bounces.flatMap(({ packet }) =>
            packet.content.kind === 'bounce' && packet.content.ofId === `s-${id}` ? packet.id : [],
          ),
        );
        if (end.state === 'delivered') assert.equal(bounced.size, 0, `${id} was delivered and bounced`);
        else if (end.bounced === true) assert.equal(bounced.size, 1, `${id} was not bounced once`);
        else assert.equal(bounced.size, 0);
        // Whoever was told of a refusal was told of the end that counts.
        if (told.length > 0) assert.ok(end.state === 'refused' && end.bounced !== true);
      }
      for (const { packet } of bounces) assert.equal(bodyOf(packet), 'bounce');
      const firstSeen = new Map<string, number>();
      for (const { id, pair } of seen) {
        if (!firstSeen.has(id)) firstSeen.set(id, Number(id.split('-')[2]));
        const earlier = [...firstSeen].filter(([other]) => seen.find((one) => one.id === other)?.pair === pair);
        assert.deepEqual(
          earlier.map(([, at]) => at),
          earlier.map(([, at]) => at).toSorted((a, b) => a - b),
        );
      }
      await now.broker.stop();
    }),
    { numRuns: 60, interruptAfterTimeLimit: 4_000 },
  );
});
