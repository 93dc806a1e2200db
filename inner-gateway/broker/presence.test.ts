// Presence, subscriptions and answers at the broker, over the real store: who is told what, and what is remembered.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '@sallyport/shared/clock.ts';
import { openLog } from '@sallyport/shared/log.ts';
import type { Availability, Content } from '@sallyport/shared/packet.ts';
import { compileVocabulary } from '@sallyport/shared/policy/vocabulary.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { createPresenceDesk, presenceAtMost } from './presence-desk.ts';
import { createSentIds } from './sent-ids.ts';
import { annToBob, between, bobToAnn, packetFrom, policy, said, until } from './test-networks.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-presence-'));
const keyFile = join(folder, 'key');
writeFileSync(keyFile, randomBytes(32), { mode: 0o400 });
let store: Store;
before(async () => {
  store = await openSqliteStore({
    file: join(folder, 'outbox.sqlite'),
    keyFile,
    log: openLog('test', 'test', 'error'),
  });
});
after(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const step = (what: 'subscribe' | 'subscribed' | 'unsubscribe' | 'unsubscribed'): Content => ({
  kind: 'subscription',
  step: what,
});
const being = (availability: Availability): Content => ({ kind: 'presence', availability, statuses: [], priority: 0 });

async function withBroker(run: (at: ReturnType<typeof between>) => Promise<void>, more = {}): Promise<void> {
  const at = between(store, more);
  await at.broker.start();
  try {
    await run(at);
  } finally {
    await at.broker.stop();
  }
}

suite('subscriptions, while no network inside can be asked', () => {
  test('a request is kept and answered once with unsubscribed, however often it is offered', () =>
    withBroker(async ({ inward, xmpp, sip, broker }) => {
      const request = packetFrom('ann@out.example', 'bob@in.example', step('subscribe'));
      assert.equal(said(await inward(request)), 'passed');
      await until(() => xmpp.arrivals.length === 1);
      const { from, to, content } = xmpp.arrivals[0]!.packet;
      assert.deepEqual([from.bare, to.bare, content], ['bob@in.example', 'ann@out.example', step('unsubscribed')]);
      await until(() => broker.unsettled() === 0);
      await inward(request);
      await pause(20);
      assert.equal(xmpp.arrivals.length, 1);
      assert.equal(sip.arrivals.length, 0);
    }));

  test('one for somebody who does not exist, or may not, is refused alike', () =>
    withBroker(async ({ inward }) => {
      for (const [from, to, code] of [
        ['ann@out.example', 'nobody@in.example', 'user-unknown'],
        ['mallory@out.example', 'bob@in.example', 'not-permitted'],
      ] as const) {
        assert.equal(said(await inward(packetFrom(from, to, step('subscribe')))), code);
      }
    }));

  test('the end of a subscription and a probe are heard, and answered by nothing', () =>
    withBroker(async ({ inward, xmpp, sip, audit }) => {
      await inward(packetFrom('ann@out.example', 'bob@in.example', step('unsubscribe')));
      await inward(packetFrom('ann@out.example', 'bob@in.example', { kind: 'probe' }));
      await until(() => audit.entries.filter(({ event }) => event === 'delivered').length === 2);
      await pause(20);
      assert.deepEqual([xmpp.arrivals.length, sip.arrivals.length], [0, 0]);
    }));

  test('an answer to a request that nobody made changes nothing, and is not answered', () =>
    withBroker(async ({ inward, xmpp, audit }) => {
      await inward(packetFrom('ann@out.example', 'bob@in.example', step('subscribed')));
      await inward(packetFrom('ann@out.example', 'bob@in.example', step('unsubscribed')));
      await until(() => audit.entries.filter(({ code }) => code === 'answer-not-asked').length === 2);
      await pause(20);
      assert.equal(xmpp.arrivals.length, 0);
    }));

  test('two gateways that answer each other come to an end', () =>
    withBroker(async ({ inward, xmpp }) => {
      await inward(packetFrom('ann@out.example', 'bob@in.example', step('subscribe')));
      await until(() => xmpp.arrivals.length === 1);
      // The other one answers in its turn.
      await inward(packetFrom('ann@out.example', 'bob@in.example', step('unsubscribed')));
      await pause(20);
      assert.equal(xmpp.arrivals.length, 1);
    }));
});

suite('presence', () => {
  const from = async (inward: ReturnType<typeof between>['inward'], who: string, what: Availability) =>
    inward(packetFrom(who, 'bob@in.example', being(what)));

  test('the newest of each device counts, and unavailable forgets it', () =>
    withBroker(async ({ inward, broker }) => {
      await from(inward, 'ann@out.example/desk', 'available');
      await from(inward, 'ann@out.example/phone', 'away');
      await until(() => broker.presence.available('out.example') === '1 available, 1 away');
      await from(inward, 'ann@out.example/desk', 'do-not-disturb');
      await until(() => broker.presence.available('out.example') === '1 away, 1 do-not-disturb');
      await from(inward, 'ann@out.example/phone', 'unavailable');
      await until(() => broker.presence.available('out.example') === '1 do-not-disturb');
    }));

  test('unavailable from the bare address speaks for all its devices, and for nobody else', () =>
    withBroker(async ({ inward, broker }) => {
      for (const who of ['ann@out.example/a', 'ann@out.example/b', 'anna@out.example/a'])
        await from(inward, who, 'away');
      await until(() => broker.presence.available('out.example') === '3 away');
      await from(inward, 'ann@out.example', 'unavailable');
      await until(() => broker.presence.available('out.example') === '1 away');
    }));

  test('the people of a partner that is gone are unavailable', () =>
    withBroker(async ({ inward, broker }) => {
      await from(inward, 'ann@out.example/a', 'available');
      await until(() => broker.presence.available('out.example') !== '');
      broker.presence.partnerIsGone('far.example', 'removed');
      assert.equal(broker.presence.available('out.example'), '1 available');
      broker.presence.partnerIsGone('out.example', 'unproved');
      assert.equal(broker.presence.available('out.example'), '');
    }));

  test('no more is remembered than the bounds say: of a person, and of no address that is longer than people have', () =>
    withBroker(async ({ inward, broker }) => {
      for (let i = 0; i < presenceAtMost.ofPerson + 5; i++) await from(inward, `ann@out.example/${i}`, 'away');
      await from(inward, `amy@out.example/${'x'.repeat(300)}`, 'available');
      await until(() => broker.waiting() === 0);
      await pause(20);
      assert.equal(broker.presence.available('out.example'), `${presenceAtMost.ofPerson} away`);
    }));

  test('of a partner the oldest are forgotten, and the count is right afterwards', () => {
    const log = openLog('test', 'test', 'error');
    const desk = createPresenceDesk({
      ...{ isInside: () => false, say: () => assert.fail(), mayHearOfArrivals: () => false, clock: systemClock, log },
    });
    const take = (who: string, what: Availability) => desk.take(packetFrom(who, 'bob@in.example', being(what)));
    for (let i = 0; i < presenceAtMost.ofPartner + 500; i++) take(`a${i}@out.example/x`, 'away');
    assert.equal(desk.available('out.example'), `${presenceAtMost.ofPartner} away`);
    for (let i = 0; i < presenceAtMost.ofPartner + 500; i++) take(`a${i}@out.example/x`, 'unavailable');
    assert.equal(desk.available('out.example'), '');
    take('ann@out.example/x', 'available');
    assert.equal(desk.available('out.example'), '1 available');
  });

  test('it is never kept on disk, and never refused to anybody', () =>
    withBroker(async ({ inward, broker, xmpp }) => {
      await from(inward, 'ann@out.example/a', 'available');
      await from(inward, 'mallory@out.example/a', 'available');
      assert.equal(broker.unsettled(), 0);
      await pause(20);
      assert.equal(xmpp.arrivals.length, 0);
    }));
});

suite('answers', () => {
  const sentIds = createSentIds(new Uint8Array(32).fill(3));

  test('who asked for a receipt, and may hear of arrivals, is told on the device that asked', () => {
    const asks = (body: string) =>
      packetFrom('ann@out.example/desk', 'bob@in.example', {
        ...{ kind: 'message', type: 'chat', body, receiptRequested: true },
      } as Content);
    const [[domain, terms] = assert.fail()] = policy.partners;
    const telling = { ...terms, vocabulary: compileVocabulary('im-standard', ['arrivals']) };
    let told = policy;
    return withBroker(
      async ({ inward, sip, xmpp }) => {
        await inward(asks('nobody is told'));
        await until(() => sip.arrivals.length === 1);
        told = { ...policy, partners: new Map([[domain, telling]]) };
        sip.behave = () => undefined;
        const message = asks('x');
        await inward(message);
        await until(() => sip.arrivals.length === 2);
        await pause(10);
        assert.equal(xmpp.arrivals.length, 0);
        sip.arrivals[1]?.end({ state: 'delivered' });
        await until(() => xmpp.arrivals.length === 1);
        const receipt = xmpp.arrivals[0]!.packet;
        assert.equal(receipt.to.resource, 'desk');
        assert.deepEqual(receipt.content, { kind: 'receipt', what: 'received', ofId: message.stanzaId });
        sip.behave = () => ({ state: 'refused', refusal: { code: 'far-away' } });
        await inward(asks('y'));
        await until(() => xmpp.arrivals.length === 2);
        assert.equal(xmpp.arrivals[1]?.packet.content.kind, 'bounce');
      },
      { policy: () => told },
    );
  });

  test('a receipt from outside counts only where one was asked for, and once', () =>
    withBroker(
      async ({ inward, outward, xmpp }) => {
        await outward(bobToAnn('no receipt, please'));
        await outward({
          ...bobToAnn('x'),
          content: { kind: 'message', type: 'chat', body: 'tell me', receiptRequested: true },
        });
        await until(() => xmpp.arrivals.length === 2);
        const receipt = (ofId: string) =>
          inward(packetFrom('ann@out.example/a', 'bob@in.example', { kind: 'receipt', what: 'received', ofId }));
        const [plain = '', asking = ''] = xmpp.arrivals.map(({ packet }) => packet.stanzaId);
        assert.equal(said(await receipt('made-up')), 'answer-not-asked');
        assert.equal(said(await receipt(plain)), 'answer-not-asked');
        assert.equal(said(await receipt(asking)), 'passed');
        assert.equal(said(await receipt(asking)), 'answer-not-asked');
      },
      { sentIds },
    ));

  test('a card counts only as the answer to a question, and a question is answered as for nobody', () =>
    withBroker(
      async ({ inward, xmpp }) => {
        const card: Content = {
          ...{ kind: 'card', fullName: 'Ann', familyName: '', givenName: '', nickname: '', organisation: '' },
          ...{ department: '', title: '', role: '', emails: [], phones: [], url: '', note: '' },
        };
        assert.equal(said(await inward(packetFrom('ann@out.example', 'bob@in.example', card))), 'answer-not-asked');
        await inward(packetFrom('ann@out.example/a', 'bob@in.example', { kind: 'card-query' }));
        await until(() => xmpp.arrivals.length === 1);
        const { content } = xmpp.arrivals[0]!.packet;
        assert(content.kind === 'bounce');
        assert.deepEqual([content.ofKind, content.code], ['query', 'query-not-served']);
      },
      { sentIds },
    ));

  test('nothing that leaves carries an id of the network that it comes from', () =>
    withBroker(
      async ({ outward, xmpp }) => {
        for (const content of [
          { kind: 'chat-state', state: 'composing' },
          being('away'),
          { kind: 'receipt', what: 'received', ofId: 'm1' },
          step('subscribe'),
        ] as Content[]) {
          const packet = packetFrom('bob@in.example', 'ann@out.example', content);
          await outward({ ...packet, stanzaId: `call@pool.in.example ${content.kind}` });
        }
        await until(() => xmpp.arrivals.length === 4);
        for (const { packet } of xmpp.arrivals) assert.match(packet.stanzaId, /^([A-Za-z0-9_-]{24})?$/);
      },
      { sentIds },
    ));

  test('the error to our own presence or step is heard, and goes no further', () =>
    withBroker(async ({ inward, sip, xmpp, audit }) => {
      const error = {
        kind: 'bounce',
        ofId: 'x',
        ofKind: 'presence',
        code: 'far-unknown',
        publicText: '',
        incident: '',
      } as const;
      await inward(packetFrom('ann@out.example', 'bob@in.example', error));
      await until(() => audit.entries.some(({ event }) => event === 'delivered'));
      assert.deepEqual([sip.arrivals.length, xmpp.arrivals.length], [0, 0]);
    }));
});

test('a message does not wait for the desk', () =>
  withBroker(async ({ inward, sip }) => {
    await inward(annToBob('hello'));
    await until(() => sip.arrivals.length === 1);
  }));
