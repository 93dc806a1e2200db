// The DMZ is taken over: a hostile gRPC server with the proxy's own certificate says whatever it likes (invariant I4).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { FromOutside } from '../../proto/generated/sallyport/boundary/v1/FromOutside.ts';
import type { Packet } from '../../proto/generated/sallyport/boundary/v1/Packet.ts';
import { dirtyWord } from '../lab/lab-rules.ts';
import { until } from '../pair/whole-site.ts';
import { type Link, startHostileProxy } from './hostile-proxy.ts';
import { startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack();

const hostile = await startHostileProxy(site);
const { links, hello, nextLink, liveLink } = hostile;
const gateway = site.pair.pid('gateway');

/** While the attack runs the gateway answers on its port for monitoring, and does not grow. */
async function staysUp(attack: () => Promise<unknown>, megabytes = 96): Promise<void> {
  let over = false;
  const waits: number[] = [];
  await site.staysFlat(async () => {
    const attacking = attack().finally(() => {
      over = true;
    });
    while (!over) {
      const since = performance.now();
      const answer = await fetch(`http://127.0.0.1:${site.lab.gateway.metrics}/livez`);
      assert.ok(answer.ok);
      waits.push(performance.now() - since);
      await wait(20);
    }
    await attacking;
  }, megabytes);
  const longest = Math.max(0, ...waits);
  assert.ok(longest < 1_500, `the gateway did not answer for ${longest.toFixed(0)} ms`);
  assert.equal(site.pair.pid('gateway'), gateway);
  assert.doesNotThrow(() => process.kill(gateway, 0), 'the gateway lives');
}

const good: Packet = {
  from: 'ann@out.example/desk',
  to: 'bob@in.example',
  atMs: Date.now(),
  message: { body: 'good', type: 'CHAT' },
};
const offer = (seq: number, packet: Packet, id = `hostile-${seq}-${Math.random()}`) => ({ seq, id, packet });

const cut: Readonly<Record<string, FromOutside>> = {
  'a number that does not begin at 1': { offered: [offer(2, good)] },
  'the number 0': { offered: [offer(0, good)] },
  'a number beyond counting': { offered: [{ ...offer(1, good), seq: '18446744073709551615' }] },
  'the same number twice': { offered: [offer(1, good, 'once-a'), offer(1, good, 'once-b')] },
  'a second hello': hello,
  'taken, of nothing': { taken: [{ seq: 99 }] },
  'settled, of nothing': { settled: [{ seq: 99, state: 'DELIVERED' }] },
  'refused, of nothing, by a code that nobody knows': { settled: [{ seq: 99, state: 'REFUSED', code: '__proto__' }] },
  'a question out of order': { asked: [{ seq: 7, id: 'x' }] },
};
for (const [what, frame] of Object.entries(cut)) {
  test(`${what} ends the link, and nothing else`, async () => {
    const link = await liveLink();
    const before = links.length;
    link.call.write(frame);
    await until('the gateway gives the link up and dials anew', () => links.length > before);
    await until('and lets go of it', link.isOver);
    assert.ok(!site.delivered().some((text) => text !== 'good'));
  });
}

test('anything before hello, and a version that cannot talk, ends the link with a goodbye', async () => {
  for (const frame of [{ offered: [offer(1, good)] }, { hello: { ...hello.hello, protocolVersion: 99 } }, {}]) {
    const link = await nextLink();
    link.call.write(frame);
    await until('goodbye', () => link.frames.some((each) => each.goodbye) || link.isOver());
  }
});

const text = (more: Partial<Packet>): Packet => ({ ...good, message: { body: 'hostile', type: 'CHAT' }, ...more });
const refused: Readonly<Record<string, Packet>> = {
  'from one of our own people': text({ from: 'carol@in.example' }),
  'from our other domain': text({ from: 'heidi@hq.example' }),
  'from a stranger': text({ from: 'x@stranger.example' }),
  'to a partner': text({ to: 'zoe@far.example' }),
  'to a stranger': text({ to: 'x@stranger.example' }),
  'to nobody': text({ to: 'nobody@in.example' }),
  'from no address': text({ from: '@@' }),
  'with a line end in an address': text({ from: 'ann@out.example/x\r\nEvil: yes' }),
  'without addresses': { message: { body: 'hostile', type: 'CHAT' } },
  'of tomorrow': text({ atMs: Date.now() + 86_400_000 }),
  'of the year 1970': text({ atMs: 1 }),
  'of a kind that nobody named': { from: 'ann@out.example', to: 'bob@in.example', atMs: Date.now() },
  'of a type that nobody named': text({ message: { body: 'hostile', type: 'MESSAGE_TYPE_UNSPECIFIED' } }),
  'of a type that is not in the list': text({ message: { body: 'hostile', type: 77 as never } }),
  'with a huge text': text({ message: { body: 'h'.repeat(1_000_000), type: 'CHAT' } }),
  'with a huge thread': text({ message: { body: 'hostile', thread: 't'.repeat(1_000_000), type: 'CHAT' } }),
  'with control characters': text({ message: { body: 'hostile\u0000\u001b[31m', type: 'CHAT' } }),
  'with a forbidden word': text({ message: { body: `hostile ${dirtyWord}`, type: 'CHAT' } }),
  'with a label of a partner that has none': text({
    message: { body: 'hostile', type: 'CHAT', label: { marking: { scheme: 'SCHEME_UK', level: 'OFFICIAL' } } },
  }),
  'with a label whose caveat is a text': text({
    message: {
      ...{ body: 'hostile', type: 'CHAT' },
      label: { marking: { scheme: 'SCHEME_UK', level: 'SECRET', caveats: ['read\nthis'] } },
    },
  }),
  'with a line end in its id': { ...text({}), to: 'nobody@in.example', stanzaId: 'x\r\nEvil: yes' },
  'that is a bounce of nothing': {
    ...good,
    message: null,
    bounce: { ofId: 'never', ofKind: 'BOUNCED_MESSAGE', code: 'far-gone' },
  },
  'that is an avatar of a megabyte': {
    ...good,
    message: null,
    avatar: { hash: Buffer.alloc(20), mediaType: 'image/png', data: Buffer.alloc(1_000_000) },
  },
};
test('a packet that cannot be is refused or means nothing: no user gets it', async () => {
  const link = await liveLink();
  const before = site.delivered().length;
  const entries = Object.entries(refused);
  await staysUp(async () => {
    for (const [i, [, packet]] of entries.entries()) link.call.write({ offered: [offer(i + 1, packet)] });
    await until('all are settled', () => settledOf(link).size === entries.length || link.isOver(), 10_000);
  });
  const outcomes = settledOf(link);
  for (const [i, [what]] of entries.entries()) {
    // These two are taken, and mean nothing.
    if (what === 'that is a bounce of nothing' || what === 'with a line end in its id') continue;
    assert.equal(outcomes.get(i + 1)?.state, 'REFUSED', `${what}: ${JSON.stringify(outcomes.get(i + 1))}`);
  }
  await wait(200);
  assert.deepEqual(site.delivered().slice(before), []);
});

function settledOf(link: Link) {
  return new Map(link.frames.flatMap((frame) => frame.settled).map((settled) => [settled.seq, settled]));
}

test('more packets than the credit allows are refused or end the link, and the people inside get no more than the bounds', async () => {
  site.neighbours.frontEnd().delayAnswers(2_000);
  const link = await liveLink();
  await staysUp(async () => {
    for (let i = 0; i < 200 && !link.isOver(); i++) {
      link.call.write({ offered: Array.from({ length: 32 }, (_, n) => offer(i * 32 + n + 1, good)) });
      if (i % 10 === 0) await wait(10);
    }
    await wait(500);
  }, 96);
  site.neighbours.frontEnd().delayAnswers(0);
});

test('a link of a frame above 8 MiB ends', async () => {
  const link = await liveLink();
  await staysUp(async () => {
    link.call.write({ offered: [offer(1, text({ message: { body: 'h'.repeat(9 * 1024 * 1024), type: 'CHAT' } }))] });
    await until('the link is over', link.isOver);
  });
});

test('the same packet again and again, by a proxy that does not read the answers, fills no memory', async () => {
  const link = await liveLink();
  link.call.pause();
  let seq = 0;
  const repeat = async (frames: number) => {
    for (let i = 0; i < frames && !link.isOver(); i++) {
      link.call.write({ offered: Array.from({ length: 2_000 }, () => ({ seq: ++seq, id: 'the-same' })) });
      await wait(5);
    }
    await wait(300);
  };
  // What is read at once makes the heap larger once; what grows in the second round would grow for ever.
  await repeat(150);
  await staysUp(() => repeat(150), 96);
});

test('a quarter of a million questions, by a proxy that does not read the answers, fill no memory', async () => {
  const link = await liveLink();
  link.call.pause();
  await staysUp(async () => {
    let seq = 0;
    for (let i = 0; i < 100 && !link.isOver(); i++) {
      link.call.write({ asked: Array.from({ length: 2_500 }, () => ({ seq: ++seq, id: `asked-${seq}` })) });
      await wait(10);
    }
    await wait(1_000);
  }, 128);
});

test('frames of a million empty pieces do not stop the gateway', async () => {
  const link = await liveLink();
  await staysUp(async () => {
    for (let i = 0; i < 2 && !link.isOver(); i++)
      link.call.write({ taken: Array.from({ length: 1_000_000 }, () => ({})) });
    await wait(2_000);
  }, 64);
});

test('partners by the thousand, each with a story of a megabyte, fill no memory', async () => {
  await liveLink();
  await staysUp(async () => {
    for (let i = 0; i < 200; i++) {
      hostile.partnerCall()?.write({ domain: `p${i}.example`, lastError: `\u001b[31m${'x'.repeat(1_000_000)}${i}` });
      if (i % 10 === 0) await wait(30);
    }
    await wait(1_000);
  }, 128);
});

test('then the true proxy comes back, and all is well', async () => {
  for (const link of links) link.call.end();
  hostile.stop();
  await site.pair.start('proxy');
  await site.pair.ready();
  await site.stillServes();
  assert.ok(site.delivered().every((text) => text === 'good'));
});
