// Dialback with a real Prosody, both directions, where neither end believes the other's certificate (XEP-0220).
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Partner } from '../../shared/policy/policy.ts';
import { freePort } from '../daemon.ts';
import { startProsody } from '../interop/prosody.ts';
import { startXmppClient } from '../interop/xmpp-client.ts';
import { firstMissing } from '../peers/peers.ts';
import { dialbackPartner, untrusted } from './dialback-peers.ts';
import { dialOut, policyOf, serve, shipment, stranger, until } from './setting.ts';

const missing = firstMissing(['prosody']);
const skip = missing !== undefined && process.env.REQUIRE_PEERS !== '1' && `${missing} is not installed`;

/** Ann of Prosody's out.example, and our two directions. */
async function both(t: TestContext, terms: Partial<Partner>, ca: string) {
  const s2sPort = await freePort();
  const policy = () => policyOf(dialbackPartner(s2sPort, terms));
  const { listener, received } = await serve({ policy });
  const { streams } = dialOut(policy, { times: { lived: 60_000 } });
  const prosody = await startProsody({
    domain: 'out.example',
    users: [{ name: 'ann', password: 'secret' }],
    certs: { cert: untrusted.certPem, key: untrusted.keyPem, ca },
    hosts: new Map([['in.example', { host: '127.0.0.1', port: listener.port }]]),
    s2sPort,
    streamManagement: false,
    dialback: true,
    logLevel: 'debug',
  });
  t.after(() => prosody.stop());
  t.after(() => Promise.all([listener.stop('system-shutdown'), streams.stop('system-shutdown')]));
  const login = { domain: 'out.example', name: 'ann', password: 'secret', port: prosody.c2sPort };
  const ann = await startXmppClient({ ...login, ca: stranger.certPem });
  t.after(() => ann.stop());
  return { listener, received, streams, prosody, ann };
}

async function talksBothWays(t: TestContext, terms: Partial<Partner>): Promise<void> {
  const { listener, received, streams, prosody, ann } = await both(t, terms, stranger.certPem);
  const one = shipment('to the outside');
  streams.ship(one.shipment);
  assert.equal((await ann.nextMessage({ from: 'bob@in.example' })).body, 'to the outside');
  assert.equal(streams.streams()[0]?.proof, 'none');
  await ann.send('bob@in.example', 'to the inside');
  await until(() => received.some(({ element }) => element.name === 'message'), 'the message of ann');
  assert.equal(listener.streams()[0]?.proof, 'dialback');
  assert.match(prosody.log(), /dialback/);
}

test('both directions with Prosody, by dialback alone', { skip, timeout: 30_000 }, (t) => talksBothWays(t, {}));

test('both directions with Prosody, and it shows one certificate on both', { skip, timeout: 30_000 }, (t) =>
  talksBothWays(t, { dialback: 'tls+same-cert' }),
);
