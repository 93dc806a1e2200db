// The promise that every store keeps: one suite, run against SQLite and against whatever comes later.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJid } from '@sallyport/shared/address/jid.ts';
import type { Content, Packet } from '@sallyport/shared/packet.ts';
import type { Kept, Store } from './store.ts';

/** A place where stores live: what is opened twice in it holds what was kept the first time. */
export type StorePlace = {
  readonly open: () => Promise<Store>;
  /** Moves the clock of the stores of this place. */
  readonly pass: (ms: number) => void;
  readonly remove: () => Promise<void>;
};

/** A packet for tests. */
export function somePacket(
  id: string,
  content: Content = { kind: 'message', type: 'chat', body: `text of ${id}` },
): Packet {
  const from = parseJid('ann@out.example/desk');
  const to = parseJid('bob@in.example');
  if (from === undefined || to === undefined) throw new Error('the test writes bad addresses');
  return { id, from, to, at: 1_700_000_000_000, delayed: false, stanzaId: `stanza-${id}`, lang: 'en', content };
}

export function someKept(id: string, content?: Content): Kept {
  return { packet: somePacket(id, content), origin: 'xmpp', keptAt: 1_700_000_000_001 };
}

/** Runs the suite; `name` stands before each test's name. */
export function storeContract(name: string, make: () => Promise<StorePlace>): void {
  const contract = (what: string, run: (place: StorePlace) => Promise<void>) =>
    test(`${name}: ${what}`, async () => {
      const place = await make();
      try {
        await run(place);
      } finally {
        await place.remove();
      }
    });

  contract('what is kept is there after the store is opened again, whole and in order', async (place) => {
    const kept = [
      someKept('p1', { kind: 'message', type: 'chat', body: 'שלום 👋' }),
      someKept('p2', {
        kind: 'message',
        type: 'chat',
        body: 'labelled',
        label: {
          marking: { scheme: 'uk', level: 'secret', caveats: ['RECIPIENTS ONLY'], releasableTo: ['GBR'] },
          privacyMark: 'of the desk',
        },
      }),
      someKept('p3', { kind: 'avatar-query', hash: Buffer.from('0102ff', 'hex') }),
      someKept('p4', { kind: 'subscription', step: 'subscribe', note: 'it is me' }),
    ];
    const first = await place.open();
    await Promise.all(kept.map((one) => first.keep(one)));
    await first.close();
    const second = await place.open();
    const found = await second.unsettled();
    assert.deepEqual(
      found.map((one) => one.packet.id),
      ['p1', 'p2', 'p3', 'p4'],
    );
    assert.deepEqual(found[0], kept[0]);
    assert.deepEqual(found[1], kept[1]);
    const query = found[2]?.packet.content;
    assert.equal(query?.kind === 'avatar-query' && Buffer.from(query.hash).toString('hex'), '0102ff');
    await second.close();
  });

  contract('a packet whose id is kept already is not kept twice', async (place) => {
    const store = await place.open();
    assert.equal(await store.keep(someKept('p1')), 'kept');
    assert.equal(await store.keep(someKept('p1')), 'known');
    assert.deepEqual(await Promise.all([store.keep(someKept('p2')), store.keep(someKept('p2'))]), ['kept', 'known']);
    assert.equal((await store.counts()).kept, 2);
    await store.close();
  });

  contract('a settled packet is gone, and its end is known', async (place) => {
    const store = await place.open();
    await store.keep(someKept('p1'));
    await store.keep(someKept('p2'));
    assert.equal(await store.lookUp('p1'), 'kept');
    await store.settle({ id: 'p1', state: 'delivered' });
    await store.settle({ id: 'p2', state: 'refused', code: 'far-away' });
    assert.deepEqual(await store.unsettled(), []);
    assert.deepEqual(await store.lookUp('p1'), { id: 'p1', state: 'delivered' });
    assert.deepEqual(await store.lookUp('p2'), { id: 'p2', state: 'refused', code: 'far-away' });
    assert.equal(await store.lookUp('p3'), undefined);
    assert.equal(await store.keep(someKept('p1')), 'known');
    assert.deepEqual(await store.unsettled(), []);
    await store.close();
  });

  contract('the bounce is kept with the settle, once', async (place) => {
    const store = await place.open();
    await store.keep(someKept('p1'));
    const bounce = someKept('b1', {
      kind: 'bounce',
      ofId: 'stanza-p1',
      ofKind: 'message',
      code: 'far-away',
      publicText: '',
      incident: '12345678',
    });
    const other = { ...bounce, packet: { ...bounce.packet, id: 'b2' } };
    await store.settle({ id: 'p1', state: 'refused', code: 'far-away' }, bounce);
    await store.settle({ id: 'p1', state: 'refused', code: 'far-away' }, other);
    await store.settle({ id: 'p1', state: 'delivered' });
    assert.deepEqual(await store.unsettled(), [bounce]);
    assert.deepEqual(await store.lookUp('p1'), { id: 'p1', state: 'refused', code: 'far-away', bounced: true });
    await store.close();
  });

  contract('an end is remembered for ten minutes, what is unsettled for as long as it takes', async (place) => {
    const store = await place.open();
    await store.keep(someKept('old'));
    await store.keep(someKept('ended'));
    await store.settle({ id: 'ended', state: 'delivered' });
    place.pass(9 * 60_000);
    await store.keep(someKept('later'));
    assert.deepEqual(await store.lookUp('ended'), { id: 'ended', state: 'delivered' });
    place.pass(61_000);
    assert.equal(await store.lookUp('ended'), undefined);
    await store.keep(someKept('latest'));
    assert.equal(await store.lookUp('old'), 'kept');
    assert.equal((await store.counts()).kept, 3);
    await store.close();
  });

  contract('the counts tell how many are kept and since when the oldest', async (place) => {
    const store = await place.open();
    assert.deepEqual(await store.counts(), { kept: 0, oldest: undefined });
    await store.keep({ ...someKept('p1'), keptAt: 5 });
    await store.keep({ ...someKept('p2'), keptAt: 9 });
    assert.deepEqual(await store.counts(), { kept: 2, oldest: 5 });
    await store.settle({ id: 'p1', state: 'delivered' });
    assert.deepEqual(await store.counts(), { kept: 1, oldest: 9 });
    await store.close();
  });

  contract('a thousand writes at once are all kept, in their order', async (place) => {
    const store = await place.open();
    const ids = Array.from({ length: 1_000 }, (_, i) => `n${i}`);
    await Promise.all(ids.map((id) => store.keep(someKept(id))));
    assert.deepEqual(
      (await store.unsettled()).map((one) => one.packet.id),
      ids,
    );
    await Promise.all(ids.map((id) => store.settle({ id, state: 'delivered' })));
    assert.equal((await store.counts()).kept, 0);
    await store.close();
  });

  contract('what is asked in one turn takes effect in the order in which it was asked', async (place) => {
    const store = await place.open();
    const [, known, kept, , twice] = await Promise.all([
      store.settle({ id: 'p1', state: 'refused', code: 'far-away' }),
      store.keep(someKept('p1')),
      store.keep(someKept('p2')),
      store.settle({ id: 'p2', state: 'delivered' }),
      store.keep(someKept('p2')),
      store.keep(someKept('p3')),
      store.settle({ id: 'p2', state: 'refused', code: 'far-away' }),
    ]);
    assert.deepEqual([known, kept, twice], ['known', 'kept', 'known']);
    assert.deepEqual(
      (await store.unsettled()).map((one) => one.packet.id),
      ['p3'],
    );
    assert.deepEqual(await store.lookUp('p1'), { id: 'p1', state: 'refused', code: 'far-away' });
    assert.deepEqual(await store.lookUp('p2'), { id: 'p2', state: 'delivered' });
    await store.close();
  });

  contract('a closed store rejects instead of pretending', async (place) => {
    const store = await place.open();
    await store.close();
    await assert.rejects(store.keep(someKept('p1')));
    await assert.rejects(store.settle({ id: 'p1', state: 'delivered' }));
  });
}
