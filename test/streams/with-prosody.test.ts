// Our streams against a real Prosody, both directions: EXTERNAL, pings, refusals in each other's words.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { issueCertificate } from '../../deploy/certificates/issue.ts';
import { freePort } from '../daemon.ts';
import { startProsody } from '../interop/prosody.ts';
import { startXmppClient } from '../interop/xmpp-client.ts';
import { firstMissing } from '../peers/peers.ts';
import {
  authority,
  credentialsOf,
  dialOut,
  ours,
  partner,
  policyOf,
  serve,
  shipment,
  stranger,
  theirs,
  until,
} from './setting.ts';

const missing = firstMissing(['prosody']);
const skip = missing !== undefined && process.env.REQUIRE_PEERS !== '1' && `${missing} is not installed`;

test('a user of Prosody and our two directions understand each other', { skip, timeout: 30_000 }, async () => {
  const s2sPort = await freePort();
  const policy = policyOf(partner('out.example', s2sPort));
  let listening = policy;
  const inbound = await serve({ policy: () => listening });
  const outbound = dialOut(() => policy, { times: { lived: 60_000 } });
  const prosody = await startProsody({
    domain: 'out.example',
    users: [{ name: 'ann', password: 'secret' }],
    certs: { cert: theirs.certPem, key: theirs.keyPem, ca: authority.certPem },
    hosts: new Map([['in.example', { host: '127.0.0.1', port: inbound.listener.port }]]),
    s2sPort,
    streamManagement: false,
    logLevel: 'debug',
  });
  try {
    const login = {
      domain: 'out.example',
      name: 'ann',
      password: 'secret',
      port: prosody.c2sPort,
      ca: authority.certPem,
    };
    const ann = await startXmppClient(login);
    const text = '🙂 שלום <&>';
    const one = shipment(text.replace('&', '&amp;').replace('<', '&lt;'));
    outbound.streams.ship(one.shipment);
    assert.equal((await ann.nextMessage({ from: 'bob@in.example' })).body, text);

    // Prosody answers our ping on its own stream to us.
    await until(() => inbound.received.some(({ element }) => element.name === 'iq'), 'the answer to our ping');
    const pong = inbound.received.find(({ element }) => element.name === 'iq');
    assert.equal(pong?.element.attributes.type, 'result');
    const { from = '', to = '', id = '' } = pong?.element.attributes ?? {};
    assert.equal(outbound.streams.pingAnswered(from, to, id), true);
    assert.equal(await one.settled, undefined);

    await ann.send('bob@in.example', text);
    await until(() => inbound.received.some(({ element }) => element.name === 'message'), 'the message of ann');
    const message = inbound.received.find(({ element }) => element.name === 'message')?.element;
    assert.equal(message?.children.find(({ name }) => name === 'body')?.text, text);
    assert.match(prosody.log(), /Accepting SASL EXTERNAL identity from in\.example/);

    // A partner no more: Prosody hears it, and tells its user.
    listening = { ...policyOf(), revision: 'r2' };
    await until(() => inbound.listener.streams().length === 0, 'the end of the stream');
    await ann.send('bob@in.example', 'are you there?');
    assert.match((await ann.nextError()).error?.condition ?? '', /remote-server/);
    await until(() => prosody.log().includes('policy-violation'), 'our words in its log');
    await ann.stop();
    await Promise.all([inbound.listener.stop('system-shutdown'), outbound.streams.stop('system-shutdown')]);
  } finally {
    await prosody.stop();
  }
});

test('Prosody and we refuse a wrong certificate of each other, and say why', { skip, timeout: 30_000 }, async () => {
  const s2sPort = await freePort();
  const inbound = await serve({ credentials: credentialsOf(ours) });
  const wrong = issueCertificate(stranger, { dns: ['in.example'] });
  const outbound = dialOut(() => policyOf(partner('out.example', s2sPort)), { credentials: credentialsOf(wrong) });
  const untrusted = issueCertificate(stranger, { dns: ['out.example'] });
  const start = (cert: { certPem: string; keyPem: string }) =>
    startProsody({
      domain: 'out.example',
      users: [{ name: 'ann', password: 'secret' }],
      certs: { cert: cert.certPem, key: cert.keyPem, ca: authority.certPem },
      hosts: new Map([['in.example', { host: '127.0.0.1', port: inbound.listener.port }]]),
      s2sPort,
      logLevel: 'debug',
    });
  const strict = await start(theirs);
  try {
    const one = shipment('one');
    outbound.streams.ship(one.shipment);
    const refusal = await one.settled;
    assert.equal(refusal?.code, 'partner-unreachable');
    assert.match(refusal?.note ?? '', /not-authorized \(Your server's certificate/);
  } finally {
    await strict.stop();
  }
  const impostor = await start(untrusted);
  try {
    const login = {
      domain: 'out.example',
      name: 'ann',
      password: 'secret',
      port: impostor.c2sPort,
      ca: stranger.certPem,
    };
    const ann = await startXmppClient(login);
    await ann.send('bob@in.example', 'hello');
    await until(() => inbound.audited.some(({ code }) => code === 'certificate-refused'), 'the refusal');
    assert.equal(inbound.received.length, 0);
    await until(() => /not-authorized.*certificate is/.test(impostor.log()), 'our reason in its log');
    await ann.stop();
  } finally {
    await impostor.stop();
    await Promise.all([inbound.listener.stop('system-shutdown'), outbound.streams.stop('system-shutdown')]);
  }
});
