// SIGTERM ends each half in order: partners, front ends and the other half are told, and what has no end is kept.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { annAndBob, startWholeSite, until, type WholeSite } from './whole-site.ts';

let site: WholeSite;
before(async () => {
  site = await startWholeSite();
});
after(() => site.stop());

test('the gateway says BYE to open conversations and ends with nothing but a goodbye to the proxy', async () => {
  const { ann, bob } = annAndBob(site);
  await ann.send(bob.address, 'before');
  await bob.nextMessage({ within: 5_000 });
  await site.pair.end('gateway');
  await bob.nextBye({ within: 5_000, from: ann.address });
  assert.match(site.pair.log('proxy'), /the gateway is going down/);
  await site.pair.start('gateway');
  await site.pair.ready();
});

test('what the partner could not take before the gateway went down is delivered after the next one has started, once', async () => {
  const { ann, bob, server } = annAndBob(site);
  server.refuseConnections(true);
  server.dropStreams();
  const answer = bob.say(ann.address, 'kept over a restart');
  await until('it is kept', () =>
    site.decisions
      .all()
      .some((each) => each.by === 'gateway' && each.event === 'accepted' && each.from === bob.address),
  );
  await site.pair.end('gateway');
  // It is kept, and its writer must not hear that it failed: it will be delivered.
  assert.equal((await answer).status, 200);
  await site.pair.start('gateway');
  server.refuseConnections(false);
  const got = await ann.nextMessage({ within: 30_000, from: bob.address });
  assert.equal(got.body, 'kept over a restart');
  // Whether it is marked depends on who had it: a proxy that still held it knows it again by its id and marks nothing.
  await bob.say(ann.address, 'the next one');
  assert.equal((await ann.nextMessage({ within: 10_000, from: bob.address })).body, 'the next one');
});

test('the proxy tells its partners system-shutdown and closes their streams', async () => {
  const { partner, server } = annAndBob(site);
  const stream = await server.openStream({ to: site.lab.internalDomains[0] ?? '' });
  assert.ok(stream.negotiated.done);
  const heard = stream.streamError(5_000);
  await site.pair.end('proxy');
  assert.equal(await heard, 'system-shutdown');
  await stream.closed;
  await site.pair.start('proxy');
  await site.pair.ready();
  const { ann, bob } = annAndBob(site);
  await ann.send(bob.address, `after the proxy of ${partner.domain} came back`);
  await bob.nextMessage({ within: 10_000 });
});
