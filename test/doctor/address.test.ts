// What the doctor says about an address: closed, silent, no XMPP there, no TLS, or a server that turns us away.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { explainConnections } from '../../dmz-proxy/doctor/explain-address.ts';
import { header, type Peer, startTls } from '../streams/scripted-peer.ts';
import { assertFound, assertWrong, examine, good, insideTls, server } from './rig.ts';

const answer = header('from="out.example" to="in.example" id="a" version="1.0"');
const error = (condition: string, text = '') =>
  `<stream:error><${condition} xmlns="urn:ietf:params:xml:ns:xmpp-streams"/>${
    text === '' ? '' : `<text xmlns="urn:ietf:params:xml:ns:xmpp-streams">${text}</text>`
  }</stream:error></stream:stream>`;

test('a port that is closed is the partner’s, and told for each address by itself', async (t) => {
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const address = closed.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  closed.close();
  const { connect } = await server(t, (peer) => good(peer));
  const findings = await examine(t, { partner: { connect: [{ host: '127.0.0.1', port }, ...connect] } });
  const finding = assertFound(findings, 'port-closed', 'partner', /connection refused/, /start the server/);
  assert.equal(finding.at, `127.0.0.1:${port}`);
  assertFound(findings, 'external-out', 'nobody', /EXTERNAL/);
  assertWrong(findings, 'port-closed', 'ping-unanswered');
});

test('an address without an answer is for the firewall team, one without a route for us', () => {
  // No address of a test machine is silent everywhere, so the findings are made of what connectTcp tells.
  const at = '[2001:db8::1]:5269';
  const unreached = (note: string) =>
    ({
      at,
      tls: 'starttls',
      connection: { ok: false, note },
      walk: undefined,
      only: {},
      without13: undefined,
    }) as const;
  for (const note of ['no answer in time', 'ETIMEDOUT', 'EHOSTUNREACH']) {
    const findings = [...explainConnections([unreached(note), unreached('ENETUNREACH')])];
    assertFound(findings, 'address-silent', 'firewall', /no connection: (no answer in time|EHOSTUNREACH)/, /outward/);
    assertFound(findings, 'address-unroutable', 'us', /no route/, /IPv6|route/);
    assertWrong(findings, 'address-silent');
  }
  assertWrong([...explainConnections([unreached('ENETUNREACH')])], 'nothing-reached');
});

/** What is found where each connection plays this. */
async function at(t: Parameters<typeof examine>[0], script: (peer: Peer) => Promise<void>, tls?: 'direct') {
  return examine(t, { partner: { connect: (await server(t, script, tls)).connect } });
}

test('what is not XMPP, says nothing, or cuts at once, is told apart', async (t) => {
  const http = await at(t, async (peer) => peer.say('HTTP/1.1 400 Bad Request\r\n\r\n'));
  assertFound(http, 'no-xmpp', 'partner', /not XMPP/, /server-to-server port/);
  const silent = await at(t, async () => {});
  assertFound(silent, 'no-answer', 'partner', /says nothing/);
  const cut = await at(t, async (peer) => void peer.socket.destroy());
  assertFound(cut, 'cut-at-once', 'partner', /cut|ECONNRESET/, /may not let us in/);
  for (const findings of [http, silent, cut]) assert.equal(findings.filter(({ level }) => level === 'wrong').length, 1);
});

test('a server without STARTTLS is told to require encryption, one that refuses it to look into its log', async (t) => {
  const missing = await at(t, async (peer) => {
    await peer.hear('xml:lang="en">');
    peer.say(`${answer}<stream:features><dialback xmlns="urn:xmpp:features:dialback"/></stream:features>`);
  });
  assertFound(missing, 'starttls-missing', 'partner', /no STARTTLS/, /certificate/);
  assertWrong(missing, 'starttls-missing');
  const refused = await at(t, async (peer) => {
    await peer.hear('xml:lang="en">');
    peer.say(`${answer}<stream:features>${startTls}</stream:features>`);
    await peer.hear(startTls);
    peer.say('<failure xmlns="urn:ietf:params:xml:ns:xmpp-tls"/></stream:stream>');
  });
  assertFound(refused, 'starttls-refused', 'partner', /cannot start TLS/);
  assertWrong(refused, 'starttls-refused');
});

test('a server where we are not on the list says so in its own way, and is understood', async (t) => {
  const saying = (words: string) => async (peer: Peer) => {
    await peer.hear('xml:lang="en">');
    peer.say(answer + words);
  };
  const unknown = await at(t, saying(error('host-unknown')));
  assertFound(unknown, 'host-unknown-there', 'partner', /out.example.*in.example.*host-unknown/, /add our domain/);
  const notAllowed = await at(t, saying(error('not-allowed', 'This host is not for you\u202E')));
  const finding = assertFound(
    notAllowed,
    'not-on-their-list',
    'partner',
    /not for you/,
    /add in.example to their list/,
  );
  assert.doesNotMatch(finding.says, /\u202E/u);
  const elsewhere = await at(t, saying(error('see-other-host')));
  assertFound(elsewhere, 'sent-elsewhere', 'partner', /see-other-host/);
  const other = await at(t, saying(error('internal-server-error')));
  assertFound(other, 'stream-refused', 'partner', /internal-server-error/);
  const foreign = await at(t, async (peer) => {
    await peer.hear('xml:lang="en">');
    peer.say(`${header('from="other.example" id="a" version="1.0"')}<stream:features/>`);
  });
  assertFound(foreign, 'speaks-for-another', 'partner', /another domain/);
  for (const findings of [unknown, notAllowed, elsewhere, other, foreign]) {
    assert.equal(findings.filter(({ level }) => level === 'wrong').length, 1);
  }
});

test('a server that turns us away inside TLS is understood as well', async (t) => {
  const inside = await at(t, (peer) =>
    good(peer, { instead: error('policy-violation', 'in.example is not federated') }),
  );
  assertFound(inside, 'not-on-their-list', 'partner', /in.example is not federated/);
  assertWrong(inside, 'not-on-their-list');
});

test('direct TLS: a protocol name that is not answered is a note, a plain port behind it is wrong', async (t) => {
  const plain = await at(t, (peer) => good(peer), 'direct');
  assertFound(plain, 'direct-tls-is-plain', 'partner', /does not speak TLS/, /_xmpps-server/);
  assertWrong(plain, 'direct-tls-is-plain');
  const silent = await at(t, (peer) => insideTls(peer), 'direct');
  assertFound(silent, 'alpn-silent', 'partner', /xmpp-server/);
  assertWrong(silent, 'ping-unanswered');
  const named = await at(t, (peer) => insideTls(peer, { alpn: ['xmpp-server'] }), 'direct');
  assert.ok(!named.some(({ code }) => code === 'alpn-silent'));
  const refusing = await at(t, (peer) => insideTls(peer, { alpn: ['h2'] }), 'direct');
  assertFound(refusing, 'alpn-refused', 'partner', /ALPN/, /XEP-0368/);
});

test('TLS 1.3 trouble is told from no TLS 1.3, and from a TLS that is too old', async (t) => {
  const breaks = await at(t, (peer) =>
    good(peer, {
      onSecure(socket) {
        if (socket.getProtocol() === 'TLSv1.2') return true;
        socket.destroy();
        return false;
      },
    }),
  );
  assertFound(breaks, 'tls-13-trouble', 'us', /with TLS 1.2 it goes on/, /tls: \{ max: 1.2 \}/);
  assertFound(breaks, 'external-out', 'nobody', /EXTERNAL works/);
  assertWrong(breaks, 'tls-13-trouble', 'ping-unanswered');
  const without = await at(t, (peer) => good(peer, { maxVersion: 'TLSv1.2' }));
  assertFound(without, 'tls-spoken', 'nobody', /TLS 1.2 alone/);
  assertWrong(without, 'ping-unanswered');
  const alone = await at(t, (peer) => good(peer, { minVersion: 'TLSv1.3' }));
  assertFound(alone, 'tls-spoken', 'nobody', /TLS 1.3 alone/);
  const old = await at(t, (peer) => good(peer, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }));
  assertFound(old, 'tls-too-old', 'partner', /neither/, /1.2 or 1.3/);
  assertWrong(old, 'tls-too-old');
});

test('what our own entry forbids is ours to mend', async (t) => {
  const old = { connect: (await server(t, (peer) => good(peer, { maxVersion: 'TLSv1.2' }))).connect };
  const strict = await examine(t, { partner: { ...old, tls: { min: '1.3', max: '1.3' } } });
  assertFound(strict, 'tls-not-agreed', 'us', /allows TLS 1.3, the server speaks 1.2/);
  const modern = { connect: (await server(t, (peer) => good(peer))).connect };
  const careful = await examine(t, { partner: { ...modern, tls: { min: '1.2', max: '1.2' } } });
  assertFound(careful, 'tls-13-well-again', 'us', /TLS 1.3 works as well/, /remove tls.max/);
});
