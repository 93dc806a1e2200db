// Kamailio and SIPp prove each other, before they prove the product: two Kamailios over mutual TLS, a SIPp behind each.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { issueAuthority, issueCertificate } from '../../deploy/certificates/issue.ts';
import { freePort } from '../daemon.ts';
import { firstMissing } from '../peers/peers.ts';
import { type Kamailio, startKamailio } from './kamailio.ts';
import { startSipp, textsOf } from './sipp.ts';

const missing = firstMissing(['kamailio', 'sipp']);
const skip = missing !== undefined && process.env.REQUIRE_PEERS !== '1' && `${missing} is not installed`;

const authority = issueAuthority({ name: 'kamailio test' });
const certsOf = (fqdn: string, by = authority) => {
  const { certPem, keyPem } = issueCertificate(by, { dns: [fqdn] });
  return { cert: certPem, key: keyPem, ca: authority.certPem };
};
const text = '🙂 שלום مرحبا <&>';
const answer = 'תשובה جواب 👍';

test('two users of SIPp talk through two Kamailios over mutual TLS, both ways in one dialog', { skip }, async () => {
  await using stack = new AsyncDisposableStack();
  const front = { fqdn: 'fe1.skype.example', port: await freePort() };
  const far = { fqdn: 'fe2.skype.example', port: await freePort() };
  const calledPort = await freePort();
  const start = async (own: typeof front, other: typeof front): Promise<Kamailio> => {
    const kamailio = await startKamailio({
      fqdn: own.fqdn,
      certs: certsOf(own.fqdn),
      gateway: { host: '127.0.0.1', port: other.port, fqdn: other.fqdn },
      client: { host: '127.0.0.1', port: calledPort },
      tlsPort: own.port,
    });
    stack.defer(kamailio.stop);
    return kamailio;
  };
  const [near, remote] = [await start(front, far), await start(far, front)];
  const loop = { host: '127.0.0.1' };
  const [bob, ann] = ['bob@skype.example', 'ann@outer.example'];
  try {
    const called = await startSipp({
      ...{ scenario: 'skype-user-is-written-to', own: ann, peer: bob, text: answer },
      ...{ server: { ...loop, port: remote.tcpPort }, port: calledPort },
    });
    stack.defer(called.stop);
    const caller = await startSipp({
      ...{ scenario: 'skype-user-writes-first', own: bob, peer: ann, text },
      server: { ...loop, port: near.tcpPort },
    });
    stack.defer(caller.stop);
    const [atAnn, atBob] = await Promise.all([called.finished, caller.finished]);
    assert.deepEqual([textsOf(atAnn), textsOf(atBob)], [[text], [answer]]);
    assert.match(atAnn.find(({ startLine }) => startLine.startsWith('INFO'))?.body ?? '', /status="type"/);
    const invite = atAnn.find(({ startLine }) => startLine.startsWith('INVITE'));
    assert.match(invite?.headers ?? '', /^P-Asserted-Identity: <sip:bob@skype\.example>$/m);
    assert.match(invite?.headers ?? '', /^Record-Route: .*fe1\.skype\.example/m);
  } catch (error) {
    console.error(near.log().slice(-4_000), remote.log().slice(-4_000));
    throw error;
  }
});

test('a certificate of another name gets 403, one of an unknown CA no connection', { skip }, async () => {
  await using stack = new AsyncDisposableStack();
  const kamailio = await startKamailio({
    fqdn: 'fe1.skype.example',
    certs: certsOf('fe1.skype.example'),
    gateway: { host: '127.0.0.1', port: 9, fqdn: 'gateway.example' },
    client: { host: '127.0.0.1', port: 9 },
  });
  stack.defer(kamailio.stop);
  const options =
    'OPTIONS sip:fe1.skype.example SIP/2.0\r\nVia: SIP/2.0/TLS x.example;branch=z9hG4bK1\r\nMax-Forwards: 5\r\nFrom: <sip:x.example>;tag=1\r\nTo: <sip:fe1.skype.example>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n';
  const ask = async (credentials: { readonly cert: string; readonly key: string; readonly ca: string }) => {
    const socket = connect({
      host: '127.0.0.1',
      port: kamailio.tlsPort,
      servername: 'fe1.skype.example',
      ...credentials,
    });
    socket.write(options);
    const [reply] = await once(socket, 'data').catch((error) => [error]);
    socket.destroy();
    return `${reply}`.split('\r\n')[0];
  };
  assert.equal(await ask(certsOf('gateway.example')), 'SIP/2.0 200 OK');
  assert.equal(await ask(certsOf('mallory.example')), 'SIP/2.0 403 Not a trusted server');
  assert.match(`${await ask(certsOf('gateway.example', issueAuthority({ name: 'nobody' })))}`, /alert|reset|closed/i);
});
