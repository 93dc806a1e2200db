// We prove ourselves by our key where EXTERNAL does not (XEP-0220 §2.1.1; xmpp-boundary A8, D5, D9, D12, C12, H3).
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { issueCertificate } from '../../deploy/certificates/issue.ts';
import { createDialbackKeys } from '../../dmz-proxy/dialback/keys.ts';
import type { Partner } from '../../shared/policy/policy.ts';
import { dialbackPartner, keyIn, untrusted } from './dialback-peers.ts';
import { acceptTls, externalFeatures, header, listenScripted, type Peer } from './scripted-peer.ts';
import {
  authority,
  credentialsOf,
  dialOut,
  keys,
  ours,
  policyOf,
  serve,
  shipment,
  stranger,
  theirs,
  until,
} from './setting.ts';

const keysOfOut = createDialbackKeys('the secret of out.example');
const answered = (type: string, inside = '', from = 'out.example', to = 'in.example') =>
  `<db:result xmlns:db="jabber:server:dialback" from="${from}" to="${to}" type="${type}">${inside}</db:result>`;
const errorOf = (condition: string) =>
  answered('error', `<error type="cancel"><${condition} xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error>`);
const dialbackFeature =
  '<stream:features><dialback xmlns="urn:xmpp:features:dialback"><errors/></dialback></stream:features>';

/** out.example, up to its features behind TLS; then `then`. Ships one message to it. */
async function partnerThat(
  t: TestContext,
  then: (peer: Peer, connection: number) => Promise<void>,
  more: { readonly features?: string; readonly terms?: Partial<Partner>; readonly issued?: typeof theirs } & Parameters<
    typeof dialOut
  >[1] = {},
) {
  const { features = dialbackFeature, terms = {}, issued = untrusted, ...options } = more;
  const server = await listenScripted(async (plain, connection) => {
    const peer = await acceptTls(plain, issued);
    await peer.hear('xml:lang="en">');
    peer.say(`${header('from="out.example" to="in.example" id="their id" version="1.0"')}${features}`);
    await then(peer, connection);
  });
  t.after(() => server.close());
  const { streams } = dialOut(() => policyOf(dialbackPartner(server.port, terms)), {
    limits: { connectSeconds: 2 },
    ...options,
  });
  t.after(() => streams.stop('system-shutdown'));
  const sent = shipment('hello');
  streams.ship(sent.shipment);
  return { server, streams, ...sent };
}

test('our key is said once, and nothing else before the answer; then what waited is written', async (t) => {
  let words = '';
  let early = '';
  const { streams, written } = await partnerThat(t, async (peer) => {
    words = await peer.hear('</db:result>');
    await new Promise((resolve) => setTimeout(resolve, 100));
    early = peer.heard();
    peer.say(answered('valid'));
    await peer.hear('<body>hello</body>');
  });
  await written;
  assert.equal(early, '');
  assert.match(words, /^<db:result from="in.example" to="out.example">[0-9a-f]{64}<\/db:result>$/);
  assert.equal(keyIn(words), keys.keyFor('out.example', 'in.example', 'their id'));
  assert.equal(streams.streams()[0]?.proof, 'none');
});

test('EXTERNAL comes first where it is offered, and dialback on the same stream when it fails (A8)', async (t) => {
  const terms = { trust: [authority.certPem], external: 'optional' } as const;
  const { server, streams, written } = await partnerThat(
    t,
    async (peer) => {
      await peer.hear('</auth>');
      peer.say('<failure xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><not-authorized/></failure>');
      await peer.hear('</db:result>');
      peer.say(answered('valid'));
    },
    { features: externalFeatures, terms, issued: theirs },
  );
  await written;
  assert.equal(server.connections(), 1);
  assert.equal(streams.streams()[0]?.certificate?.matchedName, 'DNS:out.example');
});

test('with external: never no SASL is tried; features without dialback do not matter (D12)', async (t) => {
  const { written } = await partnerThat(
    t,
    async (peer) => {
      assert.doesNotMatch(await peer.hear('</db:result>'), /auth/);
      peer.say(answered('valid'));
    },
    { features: externalFeatures },
  );
  await written;
});

test('invalid: what waits comes back as an internal error, error: as a time-out, at once (D9)', async (t) => {
  const invalid = await partnerThat(t, async (peer) => {
    await peer.hear('</db:result>');
    peer.say(answered('invalid'));
  });
  assert.equal((await invalid.settled)?.code, 'far-trust-broken');
  for (const condition of ['item-not-found', 'not-allowed', 'forbidden']) {
    const refused = await partnerThat(t, async (peer) => {
      await peer.hear('</db:result>');
      peer.say(errorOf(condition));
    });
    const refusal = await refused.settled;
    assert.equal(refusal?.code, 'partner-unreachable');
    assert.match(refusal?.note ?? '', new RegExp(`does not take our dialback: ${condition}`));
    assert.equal(refused.server.connections(), 1);
  }
  const unknown = await partnerThat(t, async (peer) => {
    await peer.hear('</db:result>');
    peer.say(
      '<stream:error><host-unknown xmlns="urn:ietf:params:xml:ns:xmpp-streams"/></stream:error></stream:stream>',
    );
  });
  assert.equal((await unknown.settled)?.code, 'partner-not-found', 'Prosody says it so');
});

test('a passing trouble is tried again: closed while waiting, no answer, the partner cannot reach us (D9)', async (t) => {
  for (const first of [
    async (peer: Peer) => void peer.socket.destroy(),
    async (peer: Peer) => peer.say('</stream:stream>'),
    async (peer: Peer) => peer.say(errorOf('remote-connection-failed')),
    async () => {},
  ]) {
    const { server, written } = await partnerThat(
      t,
      async (peer, connection) => {
        await peer.hear('</db:result>');
        if (connection === 1) await first(peer);
        else peer.say(answered('valid'));
      },
      { times: { dialback: 300 }, limits: { connectSeconds: 10 } },
    );
    await written;
    assert.equal(server.connections(), 2);
  }
});

test('only the answer of this partner to this domain counts (D5)', async (t) => {
  const { settled, counts } = await partnerThat(t, async (peer) => {
    await peer.hear('</db:result>');
    peer.say(answered('valid', '', 'far.example'));
    peer.say(answered('valid', '', 'out.example', 'else.example'));
    peer.say('<db:verify xmlns:db="jabber:server:dialback" from="out.example" to="in.example" id="x" type="valid"/>');
    peer.say('<db:result xmlns:db="jabber:server:dialback" from="out.example" to="in.example">k</db:result>');
    peer.say(answered('invalid'));
  });
  assert.equal((await settled)?.code, 'far-trust-broken');
  assert.equal(counts.written, 0);
});

test('a server that is not what the entry trusts gets neither SASL nor a key (C12)', async (t) => {
  const terms = { trust: [authority.certPem], external: 'optional' } as const;
  let words = '';
  const { settled } = await partnerThat(
    t,
    async (peer) => {
      words = await peer.hear('</stream:stream>');
    },
    { terms, issued: untrusted },
  );
  assert.equal((await settled)?.code, 'partner-unreachable');
  await until(() => words !== '', 'our last words');
  assert.match(words, /not-authorized/);
  assert.doesNotMatch(words, /db:result|auth>/);
});

test('with tls+same-cert the server must at least name the domain', async (t) => {
  const misnamed = issueCertificate(stranger, { dns: ['far.example'] });
  const terms = { dialback: 'tls+same-cert' } as const;
  const bad = await partnerThat(t, async () => {}, { terms, issued: misnamed });
  assert.match((await bad.settled)?.note ?? '', /not valid for out.example/);
  const good = await partnerThat(
    t,
    async (peer) => {
      await peer.hear('</db:result>');
      peer.say(answered('valid'));
    },
    { terms },
  );
  await good.written;
});

test('a partner that says much before its answer is left', async (t) => {
  const { settled, counts } = await partnerThat(t, async (peer) => {
    await peer.hear('</db:result>');
    for (let i = 0; i < 20; i++) peer.say('<message/>');
    peer.say(answered('valid'));
  });
  assert.equal((await settled)?.code, 'partner-unreachable');
  assert.equal(counts.written, 0);
});

test('two of our own ends prove themselves to each other by dialback alone, both ways', async (t) => {
  // Each end is its own authority about its keys: what one says, its door confirms.
  const places = { in: 1, out: 1 };
  const inside = await serve({ policy: () => policyOf(dialbackPartner(places.out)) });
  t.after(() => inside.listener.stop('system-shutdown'));
  const outside = await serve({
    domain: 'out.example',
    credentials: credentialsOf(untrusted),
    keys: keysOfOut,
    policy: () => policyOf(dialbackPartner(places.in, {}, 'in.example')),
  });
  t.after(() => outside.listener.stop('system-shutdown'));
  places.in = inside.listener.port;
  places.out = outside.listener.port;
  const inward = dialOut(() => policyOf(dialbackPartner(places.in, {}, 'in.example')), {
    domain: 'out.example',
    credentials: credentialsOf(untrusted),
    keys: keysOfOut,
  });
  t.after(() => inward.streams.stop('system-shutdown'));
  const outward = dialOut(() => policyOf(dialbackPartner(places.out)), { credentials: credentialsOf(ours) });
  t.after(() => outward.streams.stop('system-shutdown'));
  const one = shipment('to the outside');
  const two = shipment('to the inside', { from: 'out.example', to: 'in.example' });
  outward.streams.ship(one.shipment);
  inward.streams.ship(two.shipment);
  await Promise.all([one.written, two.written]);
  await until(() => inside.received.length > 0 && outside.received.length > 0, 'both messages');
  assert.equal(inside.received[0]?.stream.proof, 'dialback');
  assert.equal(outside.received[0]?.stream.proof, 'dialback');
});
