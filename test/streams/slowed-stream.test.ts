// A stream that is faster than agreed is read slower, and nobody is refused for it (xmpp-boundary L7: back-pressure first).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFromPartner } from '../../dmz-proxy/from-partner.ts';
import { createAllowance } from '../../dmz-proxy/link/allowance.ts';
import { createPartnerAccounts } from '../../dmz-proxy/partner-accounts.ts';
import { systemClock } from '../../shared/clock.ts';
import { compileRates, type RateEntry } from '../../shared/policy/rate-schema.ts';
import { connectedClient } from './scripted-peer.ts';
import { partner, policyOf, serve, theirs, until } from './setting.ts';

const often = { perMinute: 60_000, burst: 1_000 };

/** The door with these rates for out.example; `inside` counts what went in, `refused` what did not. */
async function door(rate: RateEntry) {
  const people = { sender: often, recipient: often, chatStates: often };
  const policy = policyOf({ ...partner('out.example'), rates: compileRates({ ...people, ...rate }) });
  const inside: number[] = [];
  const refused: string[] = [];
  let ids = 0;
  const receive = createFromPartner({
    policy: () => policy,
    domains: new Set(['in.example']),
    bodyCharacters: 1_000,
    newId: () => `id-${++ids}`,
    toInside: {
      send(_packet, settled, taken = () => {}) {
        inside.push(Date.now());
        taken();
        settled({ state: 'delivered' }, true);
      },
      onUp() {},
      untaken: () => 0,
      stop: async () => {},
    },
    allowance: createAllowance({ packets: 4_000, bytes: 1_000_000, perPair: 32 }),
    accounts: createPartnerAccounts({ policy: () => policy, clock: systemClock }),
    reply: (_local, _remote, _xml, said) => said(),
    pingAnswered: () => false,
    audit() {},
    recording: () => true,
    onRefused: ({ code }) => refused.push(code),
    clock: systemClock,
  });
  const { listener } = await serve({ policy: () => policy, receive });
  return { listener, inside, refused };
}

const messages = (count: number) =>
  '<message from="ann@out.example" to="bob@in.example"><body>x</body></message>'.repeat(count);

test('what is beyond the burst is read at the agreed rate, all of it, in the end', async (t) => {
  const { listener, inside, refused } = await door({ stanzasPerSecond: 100, burst: 20 });
  t.after(() => listener.stop('system-shutdown'));
  const peer = await connectedClient(listener.port, theirs);
  const since = Date.now();
  peer.say(messages(100));
  await until(() => inside.length >= 20, 'the burst');
  await until(() => inside.length === 100, 'all of them');
  const took = Date.now() - since;
  assert.ok(took >= 700, `80 beyond the burst took ${took} ms`);
  assert.deepEqual(refused, []);
  peer.socket.destroy();
});

test('several streams of one partner share its rate', async (t) => {
  const { listener, inside, refused } = await door({
    ...{ stanzasPerSecond: 10_000, burst: 10_000 },
    partner: { stanzasPerSecond: 100, burst: 20 },
  });
  t.after(() => listener.stop('system-shutdown'));
  const peers = await Promise.all([1, 2, 3].map(() => connectedClient(listener.port, theirs)));
  const since = Date.now();
  for (const peer of peers) peer.say(messages(30));
  await until(() => inside.length === 90, 'all of them');
  assert.ok(Date.now() - since >= 600);
  assert.deepEqual(refused, []);
  for (const peer of peers) peer.socket.destroy();
});

test('a stream that waits can be ended at once', async (t) => {
  const { listener } = await door({ bytesPerSecond: 10_000, stanzasPerSecond: 1_000 });
  t.after(() => listener.stop('system-shutdown'));
  const peer = await connectedClient(listener.port, theirs);
  for (let i = 0; i < 2; i++)
    peer.say(
      `<message from="ann@out.example" to="bob@in.example"><body>${'x'.repeat(900)}</body></message>`.repeat(40),
    );
  await new Promise((resolve) => setTimeout(resolve, 200));
  listener.dropPartner('out.example', 'policy-violation');
  assert.match(await peer.hear('</stream:stream>'), /<policy-violation /);
  peer.socket.destroy();
});
