// When a written stanza counts as delivered (architecture §4.1 point 2).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDeliveries } from './deliveries.ts';
import { createOutboundQueue } from './outbound-queue.ts';
import type { Shipment } from './shipment.ts';
import { timesOf } from './times.ts';

const limits = { connectSeconds: 60, negotiationSeconds: 60, idleSeconds: 900, keepaliveSeconds: 240 };
const times = timesOf({
  ...limits,
  connectionsPerAddress: 1,
  attemptsPerAddress: 1,
  stanzaBytes: 10_000,
  bodyCharacters: 100,
  queuePackets: 10,
  queueBytes: 65_536,
});
const pair = { localDomain: 'in.example', remoteDomain: 'out.example' };

function shipment(story: string[], name: string, xml = '<message/>'): Shipment {
  return {
    ...pair,
    xml,
    written: () => story.push(`${name} written`),
    settled: (refusal) => story.push(`${name} ${refusal === undefined ? 'delivered' : refusal.note}`),
  };
}
const idOf = (ping: string | undefined): string => / id="([^"]+)"/.exec(ping ?? '')?.[1] ?? '';

test('a ping covers what was written before it, and nothing after it', () => {
  const story: string[] = [];
  const deliveries = createDeliveries(pair, times);
  deliveries.add([shipment(story, 'a'), shipment(story, 'b')]).handed(0);
  const ping = deliveries.ask(0);
  assert.match(
    ping ?? '',
    /^<iq type="get" id="[\w-]+" from="in.example" to="out.example"><ping xmlns="urn:xmpp:ping"\/><\/iq>$/,
  );
  assert.equal(deliveries.ask(0), undefined, 'one at a time');
  deliveries.add([shipment(story, 'c')]).handed(1);
  assert.equal(deliveries.answered(idOf(ping)), true);
  assert.equal(deliveries.answered(idOf(ping)), false, 'an answer counts once');
  assert.deepEqual(story, ['a written', 'b written', 'c written', 'a delivered', 'b delivered']);
  assert.equal(deliveries.size(), 1);
  assert.notEqual(idOf(deliveries.ask(2)), idOf(ping));
});

test('written is told before delivered, even when the answer is faster than the system', () => {
  const story: string[] = [];
  const deliveries = createDeliveries(pair, times);
  const { handed } = deliveries.add([shipment(story, 'a')]);
  deliveries.answered(idOf(deliveries.ask(0)));
  handed(1);
  assert.deepEqual(story, ['a written', 'a delivered']);
});

test('without answers five more seconds of life deliver, counted from when the system took it', () => {
  const story: string[] = [];
  const deliveries = createDeliveries(pair, times);
  const { handed } = deliveries.add([shipment(story, 'a')]);
  deliveries.ask(0);
  deliveries.check(60_000);
  assert.deepEqual(story, []);
  handed(60_000);
  deliveries.check(64_999);
  assert.deepEqual(story, ['a written']);
  assert.equal(deliveries.check(65_000), 'alive');
  assert.deepEqual(story, ['a written', 'a delivered']);
});

test('a partner that does not answer is not asked all the time', () => {
  const deliveries = createDeliveries(pair, times);
  deliveries.add([shipment([], 'a')]).handed(0);
  assert.notEqual(deliveries.ask(0), undefined);
  deliveries.check(5_000);
  deliveries.add([shipment([], 'b')]).handed(5_000);
  assert.equal(deliveries.ask(5_000), undefined);
  deliveries.add([shipment([], 'c')]).handed(65_000);
  assert.notEqual(deliveries.ask(65_000), undefined);
});

test('one that used to answer and no longer does is dead, and settles nothing by silence', () => {
  const story: string[] = [];
  const deliveries = createDeliveries(pair, times);
  deliveries.add([shipment(story, 'a')]).handed(0);
  deliveries.answered(idOf(deliveries.ask(0)));
  deliveries.add([shipment(story, 'b')]).handed(0);
  deliveries.ask(0);
  assert.equal(deliveries.check(29_999), 'alive');
  assert.equal(story.at(-1), 'b written');
  assert.equal(deliveries.check(30_000), 'dead');
  deliveries.lost();
  deliveries.lost();
  assert.deepEqual(story.slice(-2), ['b written', 'b lost-after-write']);
});

test('the queue is bounded in packets and in bytes, and gives back in order', () => {
  const queue = createOutboundQueue({ packets: 3, bytes: 100 });
  const of = (size: number): Shipment => shipment([], 'x', 'x'.repeat(size));
  assert.equal(queue.push(of(60), 0), true);
  assert.equal(queue.push(of(41), 0), false);
  assert.equal(queue.push(of(40), 1), true);
  assert.deepEqual(
    queue.take(70).map(({ xml }) => xml.length),
    [60],
  );
  assert.equal(queue.push(of(60), 2), true);
  assert.equal(queue.push(of(0), 2), true);
  assert.equal(queue.push(of(0), 2), false);
  assert.deepEqual(
    queue.takeOlder(1).map(({ xml }) => xml.length),
    [40],
  );
  assert.deepEqual(
    queue.take(1).map(({ xml }) => xml.length),
    [60],
    'at least one, however large',
  );
  assert.equal(queue.takeAll().length, 1);
  assert.equal(queue.size(), 0);
});

test('with stream management an acknowledgement settles what it counts, within a batch too, and silence nothing', () => {
  const story: string[] = [];
  const deliveries = createDeliveries(pair, times);
  deliveries.management('asked', 0);
  deliveries.add([shipment(story, 'a'), shipment(story, 'b'), shipment(story, 'c')]).handed(0);
  assert.equal(deliveries.ask(0), undefined, 'the partner has not said yes yet');
  deliveries.management('on', 1);
  assert.equal(deliveries.ask(1), '<r xmlns="urn:xmpp:sm:3"/>');
  assert.equal(deliveries.ask(1), undefined, 'one at a time');
  assert.equal(deliveries.check(29_000), 'alive');
  assert.deepEqual(story, ['a written', 'b written', 'c written'], 'living on delivers nothing');
  deliveries.addOwn();
  deliveries.add([shipment(story, 'd')]).handed(2);
  assert.equal(deliveries.acknowledged(2), true);
  assert.deepEqual(story.slice(4), ['a delivered', 'b delivered']);
  assert.equal(deliveries.size(), 2);
  assert.equal(deliveries.acknowledged(1), false, 'less than before');
  assert.equal(deliveries.acknowledged(6), false, 'more than was sent');
  assert.equal(deliveries.acknowledged(4), true, 'a ping of our own counts');
  assert.deepEqual(story.slice(6), ['c delivered']);
  assert.notEqual(deliveries.ask(2), undefined);
  assert.equal(deliveries.acknowledged(5), true);
  assert.equal(story.at(-1), 'd delivered');
  assert.equal(deliveries.ask(3), undefined, 'nothing to ask for');
});

test('with stream management a request without an answer is the death of the stream', () => {
  const story: string[] = [];
  const deliveries = createDeliveries(pair, times);
  deliveries.management('asked', 0);
  deliveries.management('on', 0);
  deliveries.add([shipment(story, 'a'), shipment(story, 'b')]).handed(0);
  deliveries.ask(0);
  assert.equal(deliveries.acknowledged(1), true);
  assert.equal(deliveries.check(60_000), 'alive', 'it has answered');
  deliveries.ask(60_000);
  assert.equal(deliveries.check(89_999), 'alive');
  assert.equal(deliveries.check(90_000), 'dead');
  deliveries.lost();
  assert.deepEqual(story.slice(2), ['a delivered', 'b lost-after-write']);
});

test('a partner that does not want stream management, or says nothing, is pinged', () => {
  const refused = createDeliveries(pair, times);
  refused.management('asked', 0);
  refused.add([shipment([], 'a')]).handed(0);
  refused.management('refused', 10);
  assert.match(refused.ask(10) ?? '', /<ping /);
  const mute = createDeliveries(pair, times);
  mute.management('asked', 0);
  mute.add([shipment([], 'a')]).handed(0);
  assert.equal(mute.ask(4_999), undefined);
  assert.match(mute.ask(5_000) ?? '', /<ping /);
});
