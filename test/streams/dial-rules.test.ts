// What we say to a partner that we dial, and how we read its answers (xmpp-boundary H3, H4, H11, H18, A10, B8, N13, T8).
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { createSecureContext, TLSSocket } from 'node:tls';
import {
  acceptStream,
  acceptTls,
  externalFeatures,
  header,
  listenScripted,
  type Peer,
  startTls,
} from './scripted-peer.ts';
import { dialOut, ours, partner, policyOf, shipment, theirs, until } from './setting.ts';

const saslNs = 'urn:ietf:params:xml:ns:xmpp-sasl';
const answer = header('from="out.example" to="in.example" id="a" version="1.0"');

/** Ships one message to a partner that plays `script`; what became of the message, and how often we dialled. */
async function dialled(script: (peer: Peer) => Promise<void>) {
  const scripts: Promise<void>[] = [];
  const server = await listenScripted((peer) => {
    const played = script(peer);
    scripts.push(played);
    return played;
  });
  const { streams } = dialOut(() => policyOf(partner('out.example', server.port)), {
    times: { connect: 400, lived: 50 },
  });
  const one = shipment('one');
  streams.ship(one.shipment);
  const refusal = await one.settled;
  // What the partner still had to hear and to say comes first, or its assertions would be lost with its socket.
  await Promise.allSettled(scripts);
  const connections = server.connections();
  await streams.stop('system-shutdown');
  server.close();
  assert.deepEqual(server.faults, []);
  return { refusal, connections };
}

test('our header to a partner has one form, without an id', async () => {
  let words = '';
  await dialled(async (peer) => {
    words = await peer.hear('xml:lang="en">');
    peer.say('</stream:stream>');
  });
  assert.equal(
    words,
    '<?xml version="1.0"?><stream:stream xmlns="jabber:server" xmlns:stream="http://etherx.jabber.org/streams" ' +
      'xmlns:db="jabber:server:dialback" from="in.example" to="out.example" version="1.0" xml:lang="en">',
  );
});

test('an answer to another domain than ours is refused', async () => {
  const { refusal } = await dialled(async (peer) => {
    await peer.hear('xml:lang="en">');
    peer.say(`${header('from="out.example" to="else.example" id="a" version="1.0"')}<stream:features/>`);
    assert.match(await peer.hear('</stream:stream>'), /<invalid-from /);
  });
  assert.match(refusal?.note ?? '', /another domain/);
});

test('features are a set: any order, any prefix, unknown ones and other mechanisms ignored', async () => {
  const unknown = '<x xmlns="urn:x"><y/></x><c xmlns="http://jabber.org/protocol/caps" ver="1"/>';
  let heard = '';
  const { refusal } = await dialled(async (plain) => {
    await plain.hear('xml:lang="en">');
    plain.say(
      '<s:stream xmlns:s="http://etherx.jabber.org/streams" xmlns="jabber:server" id="a" version="1.0" ' +
        'xmlns:t="urn:ietf:params:xml:ns:xmpp-tls">' +
        `<s:features>${unknown}<dialback xmlns="urn:xmpp:features:dialback"/><t:starttls/></s:features>`,
    );
    await plain.hear(startTls);
    plain.say('<t:proceed/>');
    const peer = await plain.tlsAsServer(theirs);
    await peer.hear('xml:lang="en">');
    peer.say(
      `${answer}<stream:features>${unknown}<authentication xmlns="urn:xmpp:sasl:2"><mechanism>EXTERNAL</mechanism>` +
        `</authentication><mechanisms xmlns="${saslNs}"><mechanism>PLAIN</mechanism><mechanism>SCRAM-SHA-1</mechanism>` +
        '<mechanism>EXTERNAL</mechanism></mechanisms></stream:features>',
    );
    heard = await peer.hear('>aW4uZXhhbXBsZQ==</auth>');
    peer.say(`<success xmlns="${saslNs}"/>`);
    await peer.hear('xml:lang="en">');
    peer.say(`${answer}<stream:features>${unknown}</stream:features>`);
    await peer.hear('</message>');
  });
  assert.equal(heard, `<auth xmlns="${saslNs}" mechanism="EXTERNAL">aW4uZXhhbXBsZQ==</auth>`);
  assert.equal(refusal, undefined);
});

test('EXTERNAL of SASL2 alone, or other mechanisms alone, are no EXTERNAL', async () => {
  const offers = [
    '<authentication xmlns="urn:xmpp:sasl:2"><mechanism>EXTERNAL</mechanism></authentication>',
    `<mechanisms xmlns="${saslNs}"><mechanism>PLAIN</mechanism></mechanisms>`,
  ];
  for (const offer of offers) {
    const { refusal } = await dialled(async (plain) => {
      const peer = await acceptTls(plain, theirs);
      await peer.hear('xml:lang="en">');
      peer.say(`${answer}<stream:features>${offer}</stream:features>`);
      assert.doesNotMatch(await peer.hear('</stream:stream>'), /<auth/);
    });
    assert.match(refusal?.note ?? '', /does not offer EXTERNAL/);
  }
});

test('a partner that offers no TLS is told that this is against our policy', async () => {
  await dialled(async (peer) => {
    await peer.hear('xml:lang="en">');
    peer.say(`${answer}${externalFeatures}`);
    const words = await peer.hear('</stream:stream>');
    assert.match(words, /<stream:error><policy-violation /);
    assert.doesNotMatch(words, /<starttls|<auth|<message/);
  });
});

test('we show our certificate, and ask for xmpp-server', async () => {
  const shown: (string | false | null | undefined)[] = [];
  await dialled(async (plain) => {
    await plain.hear('xml:lang="en">');
    plain.say(`${answer}<stream:features>${startTls}</stream:features>`);
    await plain.hear(startTls);
    plain.socket.removeAllListeners('data');
    plain.say('<proceed xmlns="urn:ietf:params:xml:ns:xmpp-tls"/>');
    const secure = new TLSSocket(plain.socket, {
      isServer: true,
      secureContext: createSecureContext({ cert: theirs.certPem, key: theirs.keyPem }),
      requestCert: true,
      rejectUnauthorized: false,
      ALPNProtocols: ['xmpp-server', 'h2'],
    });
    await new Promise((resolve) => secure.once('secure', resolve));
    shown.push(secure.alpnProtocol, secure.getPeerX509Certificate()?.fingerprint256);
    secure.destroy();
  });
  assert.deepEqual(shown.slice(0, 2), ['xmpp-server', new X509Certificate(ours.certPem).fingerprint256]);
});

test('a partner that points to another host is not followed', async (t) => {
  const other = await listenScripted(async () => {});
  t.after(other.close);
  const { refusal } = await dialled(async (peer) => {
    await peer.hear('xml:lang="en">');
    peer.say(
      `${answer}<stream:error><see-other-host xmlns="urn:ietf:params:xml:ns:xmpp-streams">127.0.0.1:${other.port}` +
        '</see-other-host></stream:error></stream:stream>',
    );
    await peer.closed;
  });
  assert.equal(refusal?.code, 'partner-unreachable');
  assert.match(refusal?.note ?? '', /see-other-host/);
  assert.equal(other.connections(), 0);
});

test('each pair of domains has a stream of its own, also at one server', async (t) => {
  const asked: string[] = [];
  const server = await listenScripted(async (plain) => {
    const words = await plain.hear('xml:lang="en">');
    asked.push(/ to="([^"]*)"/.exec(words)?.[1] ?? '');
    plain.socket.destroy();
  });
  const policy = policyOf(partner('out.example', server.port), partner('sub.out.example', server.port));
  const { streams } = dialOut(() => policy);
  t.after(async () => {
    await streams.stop('system-shutdown');
    server.close();
  });
  streams.ship(shipment('one').shipment);
  streams.ship(shipment('two', { to: 'sub.out.example' }).shipment);
  await until(() => asked.length >= 2, 'both streams');
  assert.deepEqual(new Set(asked), new Set(['out.example', 'sub.out.example']));
});

test('a stream that the partner closes is closed by us as well, and the next message takes a new one', async (t) => {
  const answers: string[] = [];
  const server = await listenScripted(async (plain, connection) => {
    const peer = await acceptStream(plain, theirs);
    if (connection > 1) return;
    await peer.hear('</message>');
    peer.say('</stream:stream>');
    answers.push(await peer.hear('</stream:stream>'));
  });
  const { streams } = dialOut(() => policyOf(partner('out.example', server.port)));
  t.after(async () => {
    await streams.stop('system-shutdown');
    server.close();
  });
  const one = shipment('one');
  streams.ship(one.shipment);
  assert.equal((await one.settled)?.note, 'lost-after-write');
  await until(() => answers.length === 1, 'our closing tag');
  const two = shipment('two');
  streams.ship(two.shipment);
  await two.written;
  assert.equal(server.connections(), 2);
});

test('a feature that the partner requires and we do not have ends the stream as unsupported, and the operator is told which', async () => {
  const { refusal } = await dialled(async (plain) => {
    const peer = await acceptTls(plain, theirs);
    await peer.hear('xml:lang="en">');
    const required = '<amp xmlns="http://jabber.org/features/amp"><required/></amp></stream:features>';
    peer.say(answer + externalFeatures.replace('</stream:features>', required));
    assert.match(await peer.hear('</stream:stream>'), /<unsupported-feature /);
  });
  assert.equal(refusal?.code, 'partner-unreachable');
  assert.match(refusal?.note ?? '', /the partner requires amp, which we do not have; have it made optional there/);
});
