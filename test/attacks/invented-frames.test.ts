// The DMZ is taken over, and invents frames: drawn from boundary.proto itself, so that no kind and no field is left out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { loadSync } from '@grpc/proto-loader';
import fc from 'fast-check';
import type { FromOutside } from '../../proto/generated/sallyport/boundary/v1/FromOutside.ts';
import type { Packet } from '../../proto/generated/sallyport/boundary/v1/Packet.ts';
import { until } from '../pair/whole-site.ts';
import { type Link, startHostileProxy } from './hostile-proxy.ts';
import { startUnderAttack } from './site-under-attack.ts';

type Field = { readonly name: string; readonly label: string; readonly type: string; readonly typeName: string };

const definition = loadSync(new URL('../../proto/boundary.proto', import.meta.url).pathname);
// What the loader says of a message or an enum is the descriptor of protobuf, which it types as any object.
const described = (name: string) => {
  const found = definition[`sallyport.boundary.v1.${name}`];
  assert.ok(found !== undefined && 'type' in found, name);
  return found.type as { readonly field?: readonly Field[]; readonly value?: readonly { readonly name: string }[] };
};

const texts = fc.oneof(
  fc.constantFrom(
    '',
    'x',
    'hostile',
    '__proto__',
    'hostile\u0000',
    '\u001b[31m',
    'a\r\nb: c',
    '\u202e',
    '😀'.repeat(300),
  ),
  fc.constantFrom(64, 65, 1_023, 1_024, 1_025, 16_384, 16_385, 70_000).map((length) => 'h'.repeat(length)),
  fc.constantFrom('ann@out.example', 'bob@in.example', 'https://a.example/', 'javascript:x', 'en', 'far-gone', 'm1'),
);
const numbers = fc.constantFrom(0, 1, 2, 127, 128, 2 ** 31 - 1, 2 ** 32 - 1, Number.MAX_SAFE_INTEGER, Date.now());
const signed = fc.oneof(numbers, fc.constantFrom(-1, -129, -(2 ** 31), Number.MIN_SAFE_INTEGER));
const bytes = fc.constantFrom(0, 1, 19, 20, 21, 32, 70_000).map((length) => Buffer.alloc(length, 7));

/** A message of the contract with any of its fields, each at one of its bounds; `fixed` stands as it is. */
function drawn(name: string, fixed: Readonly<Record<string, fc.Arbitrary<unknown>>> = {}): fc.Arbitrary<object> {
  const fields = (described(name).field ?? []).map((field): [string, fc.Arbitrary<unknown>] => {
    const value = fixed[field.name] ?? boundsOf(field);
    return [field.name, field.label === 'LABEL_REPEATED' ? fc.array(value, { maxLength: 4 }) : value];
  });
  return fc.record(Object.fromEntries(fields), { requiredKeys: Object.keys(fixed) });
}

function boundsOf({ type, typeName }: Field): fc.Arbitrary<unknown> {
  const name = typeName?.split('.').at(-1) ?? '';
  switch (type) {
    case 'TYPE_MESSAGE':
      return drawn(name);
    case 'TYPE_ENUM':
      return fc.constantFrom(...(described(name).value ?? []).map((each) => each.name), 77);
    case 'TYPE_STRING':
      return texts;
    case 'TYPE_BYTES':
      return bytes;
    case 'TYPE_BOOL':
      return fc.boolean();
    case 'TYPE_UINT32':
    case 'TYPE_UINT64':
      return numbers;
    case 'TYPE_INT32':
    case 'TYPE_INT64':
      return signed;
    default:
      throw new Error(`boundary.proto has a field of ${type}, which this test does not draw yet`);
  }
}

const envelope = new Set(['from', 'to', 'atMs', 'stanzaId', 'lang', 'delayed']);
const kinds = (described('Packet').field ?? []).filter(({ name }) => !envelope.has(name));
/** One packet of that kind between two addresses. */
const packetOf = (kind: Field, from: fc.Arbitrary<string>, to: fc.Arbitrary<string>): fc.Arbitrary<Packet> => {
  const now = fc.oneof(fc.constant(Date.now()), signed);
  const named = { from, to, atMs: now, stanzaId: texts, [kind.name]: boundsOf(kind) };
  return fc.record(named, { requiredKeys: ['from', 'to', kind.name] }) as fc.Arbitrary<Packet>;
};
const nobody = fc.constantFrom('', 'x@stranger.example', 'carol@in.example', 'heidi@hq.example/x', '@@', 'in.example');
const somebody = fc.constantFrom('bob@in.example', 'carol@in.example', 'heidi@hq.example');

const site = await startUnderAttack();
const hostile = await startHostileProxy(site);
const gateway = site.pair.pid('gateway');

function draw<T>(arbitrary: fc.Arbitrary<T>, count: number): readonly T[] {
  return fc.sample(arbitrary, { numRuns: count, seed: 20_261_122 });
}

async function lives(): Promise<void> {
  assert.equal(site.pair.pid('gateway'), gateway);
  const answer = await fetch(`http://127.0.0.1:${site.lab.gateway.metrics}/livez`);
  assert.ok(answer.ok);
}

const settledOn = (link: Link) =>
  new Map(link.frames.flatMap(({ settled }) => settled).map((each) => [each.seq, each]));

test('the contract is read whole: every kind of packet is drawn', () => {
  assert.ok(kinds.length >= 14, kinds.map(({ name }) => name).join(' '));
});

test('packets of every kind, in names that nobody outside has, are refused one by one, and each is in the audit', async () => {
  const packets = kinds.flatMap((kind) => draw(packetOf(kind, nobody, somebody), 40));
  const link = await hostile.liveLink({ policyRevision: 'of another world' });
  site.decisions.mark();
  const before = site.delivered().length;
  await site.staysFlat(async () => {
    for (let at = 0; at < packets.length; at += 32) {
      const batch = packets.slice(at, at + 32);
      link.call.write({ offered: batch.map((packet, n) => ({ seq: at + n + 1, id: `invented-${at + n}`, packet })) });
      const wanted = at + batch.length;
      await until(`${wanted} are settled`, () => settledOn(link).size >= wanted || link.isOver());
      assert.ok(!link.isOver(), 'a packet that is refused does not end the link');
    }
  });
  const settled = settledOn(link);
  for (const [n, packet] of packets.entries())
    assert.equal(settled.get(n + 1)?.state, 'REFUSED', JSON.stringify(packet).slice(0, 300));
  const refusals = () => site.decisions.all().filter(({ by, event }) => by === 'gateway' && event === 'refused').length;
  await until('each is in the audit', () => refusals() >= packets.length);
  assert.equal(site.delivered().length, before);
  await lives();
});

test('packets of every kind in the name of a partner do no more than a partner may', async () => {
  const packets = kinds.flatMap((kind) => draw(packetOf(kind, fc.constant('ann@out.example/x'), somebody), 25));
  const link = await hostile.liveLink();
  await site.staysFlat(async () => {
    for (let at = 0; at < packets.length && !link.isOver(); at += 32) {
      const batch = packets.slice(at, at + 32);
      link.call.write({ offered: batch.map((packet, n) => ({ seq: at + n + 1, id: `partner-${at + n}`, packet })) });
      await wait(30);
    }
    await until('all are settled', () => settledOn(link).size === packets.length || link.isOver(), 60_000);
  });
  assert.ok(!link.isOver());
  assert.deepEqual(site.neighbours.frontEnd().violations(), []);
  for (const text of site.delivered()) assert.doesNotMatch(text, /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u202e]/);
  await lives();
});

test('whole frames at random, with numbers, ids and states of nothing, end the link at worst', async () => {
  const frame = drawn('FromOutside') as fc.Arbitrary<FromOutside>;
  const before = site.delivered().length;
  await site.staysFlat(async () => {
    for (const frames of draw(fc.array(frame, { minLength: 1, maxLength: 5 }), 12)) {
      const link = await hostile.liveLink();
      for (const each of frames) if (!link.isOver()) link.call.write(each);
      await wait(50);
      await lives();
    }
  });
  assert.deepEqual(site.delivered().slice(before), []);
});

test('ids of half a megabyte end the link, and are not remembered', async () => {
  await site.staysFlat(async () => {
    for (let round = 0; round < 6; round++) {
      const link = await hostile.liveLink();
      for (let seq = 1; seq < 200 && !link.isOver(); seq++) {
        link.call.write({ offered: [{ seq, id: `${seq}${'i'.repeat(500_000)}`, packet: {} }] });
        if (seq % 20 === 0) await wait(10);
      }
      await until('the link is over', link.isOver);
    }
  });
  await lives();
});

test('what was said once is not done again: replays on the same link and on the next', async () => {
  const packet: Packet = {
    ...{ from: 'ann@out.example/x', to: 'bob@in.example', atMs: Date.now() },
    message: { body: 'once', type: 'CHAT' },
  };
  for (let round = 0; round < 2; round++) {
    const link = await hostile.liveLink();
    link.call.write({ offered: Array.from({ length: 200 }, (_, n) => ({ seq: n + 1, id: 'replayed', packet })) });
    await until('all are settled', () => settledOn(link).size === 200 || link.isOver(), 20_000);
  }
  await wait(300);
  assert.equal(site.delivered().filter((text) => text === 'once').length, 1);
});

test('then the true proxy comes back, and all is well', async () => {
  for (const link of hostile.links) link.call.end();
  hostile.stop();
  await site.pair.start('proxy');
  await site.pair.ready();
  await site.stillServes();
});
