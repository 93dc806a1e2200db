// The door itself: limits, deadlines, keepalive, direct TLS, shutdown (xmpp-boundary T5, T6, T9, L1 to L9, N11).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { issueCertificate } from '../../deploy/certificates/issue.ts';
import { openCredentials } from '../../dmz-proxy/tls/credentials.ts';
import { auth, connectedClient, dial, header, peerOn, secureClient } from './scripted-peer.ts';
import { authority, credentialsOf, ours, partner, policyOf, serve, theirs, until } from './setting.ts';

const message = (body: string): string =>
  `<message from="ann@out.example" to="bob@in.example"><body>${body}</body></message>`;

test('a connection that says nothing is no attack', async () => {
  const { listener, audited } = await serve({ limits: { attemptsPerAddress: 3 } });
  for (let i = 0; i < 2; i += 1) (await dial(listener.port)).socket.destroy();
  const peer = await connectedClient(listener.port, theirs);
  assert.equal(audited.length, 0);
  peer.socket.destroy();
  await listener.stop('system-shutdown');
});

test('more connections than an address may have are cut without a word', async () => {
  const { listener } = await serve({ limits: { connectionsPerAddress: 2 } });
  const first = await dial(listener.port);
  await dial(listener.port);
  const third = await dial(listener.port);
  await third.closed;
  assert.equal(third.heard(), '');
  first.socket.destroy();
  await new Promise((resolve) => setTimeout(resolve, 30));
  const fourth = await dial(listener.port);
  fourth.say(header());
  await fourth.hear('</stream:features>');
  await listener.stop('system-shutdown');
});

test('more attempts in a minute than an address may make are cut', async () => {
  const { listener } = await serve({ limits: { attemptsPerAddress: 2 } });
  for (let i = 0; i < 2; i += 1) (await dial(listener.port)).socket.destroy();
  const third = await dial(listener.port);
  await third.closed;
  await listener.stop('system-shutdown');
});

test('a negotiation that takes too long ends, wherever it stands', async () => {
  const { listener } = await serve({ times: { header: 100, negotiation: 250 } });
  const silent = await dial(listener.port);
  const slow = await secureClient(listener.port, theirs);
  slow.say(header());
  await slow.hear('</stream:features>');
  assert.match(await silent.hear('</stream:stream>'), /<stream:error><connection-timeout/);
  assert.match(await slow.hear('</stream:stream>'), /<stream:error><connection-timeout/);
  await listener.stop('system-shutdown');
});

test('a TLS handshake that never comes ends', async () => {
  const { listener } = await serve({ times: { handshake: 100 } });
  const peer = await dial(listener.port);
  peer.say(header());
  await peer.hear('</stream:features>');
  peer.say('<starttls xmlns="urn:ietf:params:xml:ns:xmpp-tls"/>');
  await peer.hear('/>');
  await peer.closed;
  await listener.stop('system-shutdown');
});

test('a stanza that drips is not waited for', async () => {
  const { listener } = await serve({ times: { assembly: 150 } });
  const peer = await connectedClient(listener.port, theirs);
  peer.say('<message from="ann@out.example"');
  assert.match(await peer.hear('</stream:stream>'), /<connection-timeout/);
  await listener.stop('system-shutdown');
});

test('a silent stream gets spaces from us, and is closed in the end', async () => {
  const { listener } = await serve({ times: { keepalive: 60, idle: 400 } });
  const peer = await connectedClient(listener.port, theirs);
  await peer.hear('  ');
  assert.match(await peer.hear('</stream:stream>'), /^ +<stream:error><connection-timeout/);
  await listener.stop('system-shutdown');
});

test('time in which we do not read does not count against the partner', async () => {
  let open: () => void = () => {};
  const wait = new Promise<void>((resolve) => {
    open = resolve;
  });
  let waits = true;
  const { listener, received } = await serve({
    times: { idle: 150, assembly: 150 },
    receive: () => (waits ? wait : undefined),
  });
  const peer = await connectedClient(listener.port, theirs);
  peer.say(`${message('one')}${message('two')}<message from="ann@out.example" `);
  await until(() => received.length === 1, 'the first stanza');
  await new Promise((resolve) => setTimeout(resolve, 400));
  assert.equal(received.length, 1, 'the second stanza waits while the first is held');
  assert.equal(peer.isClosed(), false);
  waits = false;
  open();
  peer.say('to="bob@in.example"><body>three</body></message>');
  await until(() => received.length === 3, 'all three');
  await listener.stop('system-shutdown');
});

test('a partner whose stanzas are not taken is slowed by TCP, and memory stays', async () => {
  let open: () => void = () => {};
  const wait = new Promise<void>((resolve) => {
    open = resolve;
  });
  const { listener, received } = await serve({ receive: () => wait });
  const peer = await connectedClient(listener.port, theirs);
  const stanza = message('x'.repeat(10_000));
  let written = 0;
  while (peer.socket.writableLength < 1_000_000 && written < 3_000) {
    peer.say(stanza);
    written += 1;
    if (written % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assert.ok(peer.socket.writableLength >= 1_000_000, 'the socket filled up');
  open();
  await until(() => received.length === written, 'every stanza, in the end');
  await listener.stop('system-shutdown');
});

test('at shutdown partners are told, and what they still say is taken', async () => {
  const { listener, received } = await serve();
  const peer = await connectedClient(listener.port, theirs);
  const stopped = listener.stop('system-shutdown');
  const words = await peer.hear('</stream:stream>');
  assert.match(words, /<stream:error><system-shutdown xmlns="urn:ietf:params:xml:ns:xmpp-streams"\/><\/stream:error>/);
  peer.say(`${message('late')}</stream:stream>`);
  await stopped;
  assert.equal(received.length, 1);
  await peer.closed;
});

test('shutdown does not wait for ever for a partner or for the inside', async () => {
  const { listener } = await serve({ receive: () => new Promise(() => {}), times: { close: 50 } });
  const peer = await connectedClient(listener.port, theirs);
  peer.say(message('held'));
  await dial(listener.port);
  const start = Date.now();
  const stopped = listener.stop('system-shutdown');
  await peer.hear('<system-shutdown');
  await stopped;
  assert.ok(Date.now() - start < 2_000);
});

test('a partner can be dropped, with a condition, and a check may end a stream', async () => {
  const { listener } = await serve({
    receive: (_element, _bytes, stream) => stream.close('policy-violation', 'too-many-stanzas'),
  });
  const dropped = await connectedClient(listener.port, theirs);
  listener.dropPartner('out.example', 'reset');
  assert.match(await dropped.hear('</stream:stream>'), /<reset /);
  const noisy = await connectedClient(listener.port, theirs);
  noisy.say(message('x'));
  assert.match(
    await noisy.hear('</stream:stream>'),
    /<policy-violation [^>]*\/><too-many-stanzas xmlns="urn:xmpp:errors"\/><\/stream:error>/,
  );
  await listener.stop('system-shutdown');
});

test('a domain that stops being a partner loses its streams', async () => {
  let policy = policyOf(partner('out.example'));
  const { listener } = await serve({ policy: () => policy });
  const peer = await connectedClient(listener.port, theirs);
  policy = { ...policyOf(), revision: 'r2' };
  assert.match(await peer.hear('</stream:stream>'), /<policy-violation/);
  await listener.stop('system-shutdown');
});

test('a trust that changes ends the streams that rest on it', async () => {
  let policy = policyOf(partner('out.example'));
  const { listener } = await serve({ policy: () => policy });
  const peer = await connectedClient(listener.port, theirs);
  policy = { ...policyOf(partner('out.example', 1, [ours.certPem])), revision: 'r2' };
  assert.match(await peer.hear('</stream:stream>'), /<reset/);
  await listener.stop('system-shutdown');
});

test('a stream outlives neither the certificate of the peer nor ours', async () => {
  let credentials = credentialsOf(ours)();
  const { listener } = await serve({ credentials: () => credentials, times: { idle: 200, keepalive: 60 } });
  const peer = await connectedClient(listener.port, theirs);
  const keep = setInterval(() => peer.say(' '), 30);
  credentials = { ...credentials, generation: 2 };
  assert.match(await peer.hear('</stream:stream>'), /<reset/);
  clearInterval(keep);
  await listener.stop('system-shutdown');
  const expiring = await serve();
  const notAfter = new Date(Math.ceil((Date.now() + 600) / 1000) * 1000);
  const brief = await connectedClient(
    expiring.listener.port,
    issueCertificate(authority, { dns: ['out.example'], notAfter }),
  );
  assert.match(await brief.hear('</stream:stream>'), /<reset/);
  await expiring.listener.stop('system-shutdown');
});

test('the fifth stream of a pair is refused while the others are in use', async () => {
  const { listener } = await serve();
  for (let i = 0; i < 4; i += 1) await connectedClient(listener.port, theirs);
  const fifth = await connectedClient(listener.port, theirs);
  assert.match(await fifth.hear('</stream:stream>'), /<resource-constraint/);
  await listener.stop('system-shutdown');
});

test('direct TLS: ALPN xmpp-server or none is taken, another one is not', async () => {
  const { listener } = await serve();
  const attempt = (alpn: string[] | undefined) =>
    new Promise<string>((resolve) => {
      const socket = connectTls({
        host: '127.0.0.1',
        port: listener.directTlsPort!,
        rejectUnauthorized: false,
        cert: theirs.certPem,
        key: theirs.keyPem,
        ...(alpn === undefined ? {} : { ALPNProtocols: alpn }),
      });
      socket.once('error', (error) => resolve('code' in error ? String(error.code) : 'error'));
      socket.once('secureConnect', () => {
        const peer = peerOn(socket);
        peer.say(header());
        peer.hear('</stream:features>').then((words) => {
          socket.destroy();
          resolve(words);
        }, String);
      });
    });
  assert.match(await attempt(['xmpp-server']), /EXTERNAL/);
  const words = await attempt(undefined);
  assert.match(words, /EXTERNAL/);
  assert.doesNotMatch(words, /starttls/);
  assert.match(await attempt(['xmpp-client']), /NO_APPLICATION_PROTOCOL/);
  await listener.stop('system-shutdown');
});

test('TLS below 1.2, resumption and renegotiation are refused', async () => {
  const { listener } = await serve();
  const identity = { cert: theirs.certPem, key: theirs.keyPem, rejectUnauthorized: false };
  const to = { host: '127.0.0.1', port: listener.directTlsPort! };
  await assert.rejects(
    new Promise((resolve, reject) => {
      const options = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
      connectTls({ ...to, ...identity, ...options }, () => resolve(undefined)).once('error', reject);
    }),
  );
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    let session: Buffer | undefined;
    for (const round of [1, 2]) {
      const socket = connectTls({ ...to, ...identity, maxVersion, ...(session === undefined ? {} : { session }) });
      socket.on('error', () => {});
      socket.on('session', (given) => {
        session = given;
      });
      await new Promise((resolve) => socket.once('secureConnect', resolve));
      const peer = peerOn(socket);
      peer.say(header());
      await peer.hear('</stream:features>');
      session ??= socket.getSession();
      assert.equal(socket.isSessionReused(), false, `${maxVersion}, connection ${round}`);
      if (maxVersion === 'TLSv1.2' && round === 2) {
        const refused = new Promise((resolve) => {
          socket.once('error', (error) => resolve('code' in error ? error.code : undefined));
        });
        socket.renegotiate({}, () => {});
        assert.equal(await refused, 'ERR_SSL_NO_RENEGOTIATION');
      }
      socket.destroy();
    }
  }
  await listener.stop('system-shutdown');
});

test('an oversized element before authentication ends the stream, and one after it as well', async () => {
  const { listener } = await serve();
  const stranger = await dial(listener.port);
  stranger.say(header(`from="out.example" to="in.example" version="1.0" x="${'a'.repeat(11_000)}"`));
  assert.match(await stranger.hear('</stream:stream>'), /<policy-violation/);
  const early = await secureClient(listener.port, theirs);
  early.say(header());
  await early.hear('</stream:features>');
  early.say(auth('A'.repeat(11_000)));
  assert.match(
    await early.hear('</stream:stream>'),
    /<policy-violation [^>]*\/><stanza-too-big xmlns="urn:xmpp:errors"\/>/,
  );
  const peer = await connectedClient(listener.port, theirs);
  peer.say(message('x'.repeat(70_000)));
  assert.match(await peer.hear('</stream:stream>'), /<stanza-too-big/);
  await listener.stop('system-shutdown');
});

test('a certificate without its key is refused at start, and a bad renewal leaves the old one', () => {
  assert.throws(() => credentialsOf({ certPem: ours.certPem, keyPem: theirs.keyPem }), /the key does not match/);
  assert.throws(() => openCredentials({ certFile: '/nowhere', keyFile: '/nowhere' }));
});
