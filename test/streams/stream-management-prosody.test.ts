// Stream management with a real Prosody, both directions: what is acknowledged, what is bounced, and that nothing is
// lost when the proxy is killed in mid-traffic (XEP-0198; xmpp-boundary B4 to B7, invariant I1).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../daemon.ts';
import { type Prosody, startProsody } from '../interop/prosody.ts';
import { startXmppClient, type XmppClient } from '../interop/xmpp-client.ts';
import { inWords, numberIn, openTally } from '../journeys/killed/tally.ts';
import { startSite } from '../journeys/site-under-test.ts';
import { pemsOf } from '../lab/neighbours.ts';
import { firstMissing } from '../peers/peers.ts';
import { authority, dialOut, partner, policyOf, serve, shipment, theirs, until } from './setting.ts';

const missing = firstMissing(['prosody']);
const skip = missing !== undefined && process.env.REQUIRE_PEERS !== '1' && `${missing} is not installed`;
const password = 'secret';

/** The person's answers and errors, as long as the test runs. */
function listen(
  person: XmppClient,
  told: { message?: (body: string, delayed: boolean) => void; error?: (id: string) => void },
) {
  let going = true;
  const each = async (next: () => Promise<void>) => {
    while (going) await next().catch(() => {});
  };
  const messages = each(async () => {
    const { body = '', delay } = await person.nextMessage({ within: 500 });
    told.message?.(body, delay !== undefined);
  });
  const errors = each(async () => told.error?.((await person.nextError({ within: 500 })).id));
  return async () => {
    going = false;
    await Promise.all([messages, errors]);
  };
}

async function explained(prosody: Prosody, use: () => Promise<void>): Promise<void> {
  try {
    await use();
  } catch (error) {
    console.error(prosody.log().slice(-6_000));
    throw error;
  }
}

test('Prosody and we acknowledge each other, and Prosody bounces what we have not kept', {
  skip,
  timeout: 30_000,
}, async () => {
  const s2sPort = await freePort();
  let keeps = true;
  const inbound = await serve({
    policy: () => policyOf(partner('out.example', s2sPort)),
    receive: (_element, _bytes, _stream, handled) => {
      if (keeps) handled();
    },
  });
  const outbound = dialOut(() => policyOf(partner('out.example', s2sPort)), { times: { lived: 60_000 } });
  const prosody = await startProsody({
    domain: 'out.example',
    users: [{ name: 'ann', password }],
    certs: { cert: theirs.certPem, key: theirs.keyPem, ca: authority.certPem },
    hosts: new Map([['in.example', { host: '127.0.0.1', port: inbound.listener.port }]]),
    s2sPort,
    logLevel: 'debug',
  });
  await explained(prosody, async () => {
    const ca = authority.certPem;
    const ann = await startXmppClient({ domain: 'out.example', name: 'ann', password, port: prosody.c2sPort, ca });
    const bodies = () =>
      inbound.received.flatMap(({ element }) => (element.name === 'message' ? [element.children[0]?.text] : []));

    const all = Array.from({ length: 20 }, (_, i) => shipment(`number ${i}`));
    for (const each of all) outbound.streams.ship(each.shipment);
    const settled = await Promise.all(all.map((each) => each.settled));
    assert.ok(settled.every((refusal) => refusal === undefined));
    assert.equal(bodies().length, 0);
    assert.equal(inbound.received.length, 0, 'no answer to a ping: there was none');
    assert.match(prosody.log(), /Received ack request, acking for 20/);

    // The first one goes before Prosody asks for stream management: it is not counted by either side.
    await ann.send('bob@in.example', 'first');
    await until(() => bodies().length === 1, 'the first message');
    await pause(100);
    for (let i = 0; i < 10; i += 1) await ann.send('bob@in.example', `number ${i}`);
    await until(() => bodies().length === 11, 'all messages');
    await until(() => /#queue = 0 \(acked: \d+\)/.test(prosody.log()), 'our acknowledgement');
    assert.doesNotMatch(prosody.log(), /handled \d+ new stanzas, but we sent/);

    keeps = false;
    const id = await ann.send('bob@in.example', 'lost');
    await until(() => bodies().length === 12, 'what is not kept');
    inbound.listener.dropPartner('out.example', 'reset');
    const error = await ann.nextError({ within: 10_000 });
    assert.deepEqual([error.id, error.error?.condition], [id, 'recipient-unavailable']);
    await assert.rejects(ann.nextError({ within: 500 }), 'nothing that was kept is bounced');
    await ann.stop();
  });
  await Promise.all([inbound.listener.stop('system-shutdown'), outbound.streams.stop('system-shutdown')]);
  await prosody.stop();
});

test('the proxy is killed while people on Prosody and behind Skype write: nothing is lost', {
  skip,
  timeout: 90_000,
}, async (t) => {
  await using stack = new AsyncDisposableStack();
  const site = await startSite();
  stack.defer(site.stop);
  const place = site.lab.partners.find(({ domain }) => domain === 'out.example');
  assert.ok(place);
  await site.partnerGoes(place.domain);
  const certs = pemsOf(place);
  const prosody = await startProsody({
    domain: place.domain,
    users: ['ann', 'amy'].map((name) => ({ name, password })),
    certs,
    hosts: new Map(
      site.lab.internalDomains.map((domain) => [domain, { host: site.lab.proxy.host, port: site.lab.proxy.s2s }]),
    ),
    s2sPort: place.listen.port,
  });
  stack.defer(prosody.stop);
  const names = ['ann', 'amy'];
  const insiders = ['bob@in.example', 'carol@in.example'];
  const [inward, outward] = [openTally(), openTally()];
  const numberOf = new Map<string, number>();
  const early = new Set<string>();
  let toldLater = 0;
  const people = await Promise.all(
    names.map((name) => startXmppClient({ domain: place.domain, name, password, port: prosody.c2sPort, ca: certs.ca })),
  );
  for (const person of people) {
    const stop = listen(person, {
      message: (body, delayed) => {
        const got = numberIn(body);
        if (got !== undefined) outward.delivered(got.number, delayed);
      },
      error: (id) => {
        const which = numberOf.get(id);
        if (which === undefined) early.add(id);
        else inward.refused(which);
      },
    });
    stack.defer(async () => {
      await person.stop();
      await stop();
    });
  }
  for (const address of insiders) {
    site.insider(address).listen((item) => {
      if (item.kind !== 'message') return;
      const got = numberIn(item.text);
      if (got !== undefined) inward.delivered(got.number, got.marked);
      if (item.text.includes('Your message was not delivered')) toldLater += 1;
    });
  }

  let number = 0;
  const perPair = 100;
  const write = async (person: XmppClient, insider: string) => {
    for (let i = 0; i < perPair; i += 1) {
      const mine = ++number;
      inward.said(mine);
      const id = await person.send(insider, `number ${mine}`);
      numberOf.set(id, mine);
      if (early.has(id)) inward.refused(mine);
      await pause(30);
    }
  };
  const answer = async (insider: string, person: XmppClient) => {
    for (let i = 0; i < perPair; i += 1) {
      const mine = ++number;
      outward.said(mine);
      const { status } = await site.insider(insider).say(person.address, `number ${mine}`);
      if (status !== 200) outward.refused(mine);
      await pause(30);
    }
  };
  // What Prosody has queued while it dials is written before it asks for stream management: the streams come first.
  for (const person of people) await person.send(insiders[0] ?? '', 'hello');
  await pause(500);
  const traffic = people.flatMap((person) =>
    insiders.flatMap((insider) => [write(person, insider), answer(insider, person)]),
  );
  await pause(600);
  // The link first, so that the proxy has stanzas in its hands that nobody inside has kept.
  site.relay.cut();
  await pause(150);
  await site.pair.end('proxy', 'SIGKILL');
  await pause(300);
  await site.pair.start('proxy');
  await Promise.all(traffic);
  await Promise.all([inward.settled(20_000), outward.settled(20_000)]);
  await pause(1_000);
  const [inCount, outCount] = [inward.count(), outward.count()];
  t.diagnostic(`inward: ${inWords(inCount)}`);
  t.diagnostic(`outward: ${inWords(outCount)}; ${toldLater} told later`);
  assert.equal(inCount.said + outCount.said, number);
  // While the proxy is away Prosody refuses by itself what is for us, which on a slow machine is most of it.
  assert.ok(inCount.delivered > perPair / 4 && outCount.delivered > perPair, 'there was traffic');
  assert.deepEqual(inCount.lost, []);
  assert.deepEqual(inCount.doubled, []);
  assert.ok(outCount.lost.length <= toldLater, `lost: ${outCount.lost.join(', ')}`);
  assert.deepEqual(outCount.doubled, []);
});
