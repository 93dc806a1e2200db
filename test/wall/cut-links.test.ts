// The wall's links are cut, made anew and served by new processes: nothing is lost and nothing comes twice.
import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import {
  authority,
  filesOfBothEnds,
  kept,
  linkFiles,
  message,
  openInside,
  openOutside,
  proxyUri,
  until,
} from './two-ends.ts';

const { folder, outsideFiles, insideFiles } = filesOfBothEnds();

test('without a gateway a packet is refused as inside-away after ten seconds, and not before', async (t) => {
  t.diagnostic('takes ten seconds');
  const outside = await openOutside({ files: outsideFiles });
  const started = Date.now();
  let end = '';
  outside.toInside.send(message('d-1', 'ann@out.example', 'bob@in.example', 'x'), (settlement) => {
    end = settlement.state === 'refused' ? settlement.refusal.code : 'delivered';
  });
  await until('the refusal', () => end !== '', 13_000);
  assert.equal(end, 'inside-away');
  assert.ok(Date.now() - started > 9_500);
  await outside.close();
});

test('links made anew every moment lose nothing, double nothing and keep the order', async () => {
  const inward: string[] = [];
  const outward: string[] = [];
  const outside = await openOutside({
    files: outsideFiles,
    receive: (packet, _again, news) => {
      outward.push(packet.id);
      news.taken();
      setImmediate(() => news.settled({ state: 'delivered' }));
    },
  });
  const inside = await openInside({
    files: insideFiles,
    port: outside.port,
    remakeSeconds: 0.1,
    accept: async (packet) => {
      inward.push(packet.id);
      return kept(packet);
    },
  });
  let ended = 0;
  const total = 1_000;
  for (let i = 0; i < total; i++) {
    outside.toInside.send(message(`in-${i}`, 'ann@out.example', 'bob@in.example', 'x'), () => ended++);
    void inside
      .deliver({ packet: message(`out-${i}`, 'bob@in.example', 'ann@out.example', 'y'), again: false, written() {} })
      .then(() => ended++);
    if (i % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await until('all have ended', () => ended === 2 * total, 20_000);
  assert.deepEqual(
    inward,
    Array.from({ length: total }, (_, i) => `in-${i}`),
  );
  assert.deepEqual(
    outward,
    Array.from({ length: total }, (_, i) => `out-${i}`),
  );
  await inside.stop();
  await outside.close();
});

test('links cut at random lose nothing and double nothing', async () => {
  const inward = new Map<string, number>();
  const outward = new Map<string, number>();
  const count = (map: Map<string, number>, id: string) => map.set(id, (map.get(id) ?? 0) + 1);
  const outside = await openOutside({
    files: outsideFiles,
    receive: (packet, _again, news) => {
      count(outward, packet.id);
      setTimeout(news.taken, 1);
      setTimeout(() => news.settled({ state: 'delivered' }), 3);
    },
  });
  const relay = await openRelay(outside.port);
  const inside = await openInside({
    files: insideFiles,
    port: relay.port,
    accept: async (packet) => {
      count(inward, packet.id);
      await new Promise((resolve) => setTimeout(resolve, 2));
      return kept(packet);
    },
  });
  let ended = 0;
  // A cut that is only noticed by silence may last longer than a stanza waits; then it is refused, and did not arrive.
  const refused = new Set<string>();
  const total = 1_500;
  const cutter = setInterval(() => {
    relay.cut();
  }, 150);
  for (let i = 0; i < total; i++) {
    outside.toInside.send(message(`in-${i}`, 'ann@out.example', 'bob@in.example', 'x'), (settlement) => {
      if (settlement.state === 'refused') refused.add(`in-${i}`);
      ended++;
    });
    void inside
      .deliver({ packet: message(`out-${i}`, 'bob@in.example', 'ann@out.example', 'y'), again: false, written() {} })
      .then((end) => {
        assert.equal(end.state, 'delivered');
        ended++;
      });
    if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  clearInterval(cutter);
  await until('all have ended', () => ended === 2 * total, 40_000);
  for (const map of [inward, outward]) {
    assert.equal(map.size + (map === inward ? refused.size : 0), total);
    assert.ok(![...refused].some((id) => inward.has(id)));
    assert.deepEqual(
      [...map].filter(([, times]) => times !== 1),
      [],
    );
  }
  await inside.stop();
  await outside.close();
  relay.close();
});

test('a proxy that was started anew is offered again what the old one had not settled, marked as repeated', async () => {
  const first = await openOutside({
    files: outsideFiles,
    boot: 'p1',
    receive: (_packet, _again, news) => news.taken(),
  });
  const inside = await openInside({ files: insideFiles, port: first.port });
  let written = 0;
  const end = inside.deliver({
    packet: message('r-1', 'bob@in.example', 'ann@out.example', 'y'),
    again: false,
    written: () => written++,
  });
  await until('written', () => written === 1);
  const port = first.port;
  await first.close();
  const marks: boolean[] = [];
  const second = await openOutside({
    files: outsideFiles,
    port,
    boot: 'p2',
    receive: (_packet, again, news) => {
      marks.push(again);
      news.settled({ state: 'delivered' });
    },
  });
  assert.equal((await end).state, 'delivered');
  assert.deepEqual(marks, [true]);
  await inside.stop();
  await second.close();
});

test('certificates that are renewed on disk are used for the next link, and no packet is lost meanwhile', async () => {
  const files = linkFiles(folder, authority, 'renewed', proxyUri);
  const outside = await openOutside({ files });
  const inside = await openInside({ files: insideFiles, port: outside.port });
  await until('the link is up', () => inside.status()[0]?.state === 'up');
  const since = inside.status()[0]?.since;
  const fresh = linkFiles(folder, authority, 'fresh', proxyUri);
  copyFileSync(fresh.keyFile, files.keyFile);
  copyFileSync(fresh.certFile, files.certFile);
  let ended = 0;
  let sent = 0;
  const sender = setInterval(() => {
    outside.toInside.send(message(`n-${sent++}`, 'ann@out.example', 'bob@in.example', 'x'), (settlement) => {
      if (settlement.state === 'delivered') ended++;
    });
  }, 5);
  await until('a new link', () => inside.status()[0]?.state === 'up' && inside.status()[0]?.since !== since, 15_000);
  await new Promise((resolve) => setTimeout(resolve, 200));
  clearInterval(sender);
  await until('all arrived', () => ended === sent);
  await inside.stop();
  await outside.close();
});

test('a link that falls silent, as behind a firewall that forgot it, is given up and made anew', async (t) => {
  t.diagnostic('takes some twenty seconds');
  const outside = await openOutside({ files: outsideFiles });
  const relay = await openRelay(outside.port);
  const inside = await openInside({ files: insideFiles, port: relay.port });
  await until('the link is up', () => inside.status()[0]?.state === 'up');
  const since = inside.status()[0]?.since;
  relay.swallow();
  let end = '';
  outside.toInside.send(message('s-1', 'ann@out.example', 'bob@in.example', 'x'), (settlement) => {
    end = settlement.state;
  });
  await until('a new link', () => inside.status()[0]?.state === 'up' && inside.status()[0]?.since !== since, 40_000);
  await until('the packet has its end', () => end !== '');
  assert.equal(end, 'delivered');
  await inside.stop();
  await outside.close();
  relay.close();
});

// A relay in the way of the link; `cut` ends the connections of this moment; `swallow` makes
// them take bytes and pass none on.
async function openRelay(port: number) {
  const pairs: [Socket, Socket][] = [];
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    pairs.push([near, far]);
    for (const socket of [near, far]) socket.on('error', () => {});
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    swallow() {
      for (const [near, far] of pairs) {
        near.unpipe(far).resume();
        far.unpipe(near).resume();
      }
    },
    cut() {
      for (const socket of pairs.splice(0).flat()) socket.destroy();
    },
    close() {
      server.close();
      for (const socket of pairs.flat()) socket.destroy();
    },
  };
}
