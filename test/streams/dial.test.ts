// Dialling a partner and each trap on the way: no TLS, injection, impostors, refusals (xmpp-boundary N7, T2, H11, C12).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { issueCertificate } from '../../deploy/certificates/issue.ts';
import { acceptTls, externalFeatures, header, listenScripted, type Peer, startTls } from './scripted-peer.ts';
import { authority, dialOut, partner, policyOf, shipment, stranger, theirs, until } from './setting.ts';

async function refusedDial(script: (peer: Peer) => Promise<void>, note: RegExp, code = 'partner-unreachable') {
  const server = await listenScripted(script);
  const { streams, audited } = dialOut(() => policyOf(partner('out.example', server.port)), {
    times: { connect: 300 },
  });
  const one = shipment('one');
  streams.ship(one.shipment);
  const refusal = await one.settled;
  assert.equal(refusal?.code, code);
  assert.match(refusal?.note ?? '', note);
  assert.equal(one.counts.written, 0);
  await streams.stop('system-shutdown');
  server.close();
  assert.deepEqual(server.faults, []);
  return audited;
}

const answer = header('from="out.example" to="in.example" id="a" version="1.0"');

test('a partner without TLS gets nothing', async () => {
  await refusedDial(async (peer) => {
    await peer.hear('xml:lang="en">');
    peer.say(`${answer}<stream:features/>`);
    assert.doesNotMatch(await peer.hear('</stream:stream>'), /message|starttls/);
  }, /offers no TLS/);
});

test('bytes behind <proceed/> are an injection', async () => {
  await refusedDial(async (peer) => {
    await peer.hear('xml:lang="en">');
    peer.say(`${answer}<stream:features>${startTls}</stream:features>`);
    await peer.hear(startTls);
    peer.say('<proceed xmlns="urn:ietf:params:xml:ns:xmpp-tls"/><stream:features/>');
    await peer.closed;
  }, /injection/);
});

test('an impostor learns nothing of ours: neither SASL nor a stanza', async () => {
  const impostors = [
    issueCertificate(stranger, { dns: ['out.example'] }),
    issueCertificate(authority, { dns: ['other.example'] }),
    issueCertificate(authority, { dns: ['out.example'], selfSigned: true }),
    issueCertificate(authority, { dns: ['out.example'], notBefore: new Date(0), notAfter: new Date(1e12) }),
  ];
  for (const impostor of impostors) {
    const audited = await refusedDial(async (plain) => {
      const peer = await acceptTls(plain, impostor);
      await peer.hear('xml:lang="en">');
      peer.say(header('from="out.example" to="in.example" id="a" version="1.0"') + externalFeatures);
      const words = await peer.hear('</stream:stream>');
      assert.match(words, /<not-authorized .*Your server's certificate is /);
      assert.doesNotMatch(words, /<auth|<message/);
    }, /certificate is/);
    assert.equal(audited[0]?.code, 'certificate-refused');
    assert.equal(audited[0]?.direction, 'outward');
  }
});

test('a partner that does not offer EXTERNAL, or refuses it, is told from one that is away', async () => {
  await refusedDial(async (plain) => {
    const peer = await acceptTls(plain, theirs);
    await peer.hear('xml:lang="en">');
    peer.say(`${answer}<stream:features><mechanisms xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/></stream:features>`);
    await peer.closed;
  }, /does not offer EXTERNAL/);
  await refusedDial(async (plain) => {
    const peer = await acceptTls(plain, theirs);
    await peer.hear('xml:lang="en">');
    peer.say(answer + externalFeatures);
    assert.match(
      await peer.hear('</auth>'),
      new RegExp(`mechanism="EXTERNAL">${Buffer.from('in.example').toString('base64')}<`),
    );
    peer.say('<failure xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><not-authorized/></failure></stream:stream>');
    await peer.closed;
  }, /refused our EXTERNAL: not-authorized/);
});

test('a partner that does not know its own domain is not found', async () => {
  await refusedDial(
    async (peer) => {
      await peer.hear('xml:lang="en">');
      const error = '<stream:error><host-unknown xmlns="urn:ietf:params:xml:ns:xmpp-streams"/></stream:error>';
      peer.say(`${header('from="default.example" id="a" version="1.0"')}${error}</stream:stream>`);
      await peer.closed;
    },
    /host-unknown/,
    'partner-not-found',
  );
});

test('an answer that speaks for another domain, or has no id, is refused', async () => {
  await refusedDial(async (peer) => {
    await peer.hear('xml:lang="en">');
    peer.say(`${header('from="other.example" id="a" version="1.0"')}<stream:features>${startTls}</stream:features>`);
    assert.match(await peer.hear('</stream:stream>'), /<invalid-from/);
  }, /another domain/);
  await refusedDial(async (peer) => {
    await peer.hear('xml:lang="en">');
    peer.say(header('from="out.example" version="1.0"'));
    assert.match(await peer.hear('</stream:stream>'), /<invalid-xml/);
  }, /no id/);
});

test('the server name in TLS is the domain of the partner', async () => {
  let name: string | false | null = null;
  const server = await listenScripted(async (plain) => {
    const peer = await acceptTls(plain, theirs);
    name = 'servername' in peer.socket && typeof peer.socket.servername === 'string' ? peer.socket.servername : false;
  });
  const { streams } = dialOut(() => policyOf(partner('out.example', server.port)));
  streams.ship(shipment('one').shipment);
  await until(() => name !== null, 'the handshake');
  assert.equal(name, 'out.example');
  server.close();
  await streams.stop('system-shutdown');
});
