// Partners that are found by DNS, reached over real sockets: fail-over, direct TLS, and what is never done (N4 to N13, T8).
import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { connectTcp } from '../../dmz-proxy/stream/connect-tcp.ts';
import { createOutboundStreams } from '../../dmz-proxy/stream/outbound-streams.ts';
import { systemClock } from '../../shared/clock.ts';
import type { Partner } from '../../shared/policy/policy.ts';
import type { Said, Srv } from '../fakes/dns/dns-message.ts';
import { startDnsServer } from '../fakes/dns/dns-server.ts';
import {
  acceptStream,
  acceptTls,
  externalFeatures,
  header,
  listenScripted,
  type Peer,
  peerOn,
} from './scripted-peer.ts';
import { credentialsOf, keys, log, ours, partner, policyOf, settingsOf, shipment, theirs, until } from './setting.ts';

const direct = 'SRV _xmpps-server._tcp.out.example';
const starttls = 'SRV _xmpp-server._tcp.out.example';
const loopback: Readonly<Record<string, Said>> = { 'A s.out.example': ['127.0.0.1'], 'AAAA s.out.example': [] };
const srv = (port: number, priority = 0, target = 's.out.example'): Srv => ({ priority, weight: 0, port, target });
const takeStream = async (plain: Peer): Promise<void> => {
  await acceptStream(plain, theirs);
};
const answer = (id: string) => header(`from="out.example" to="in.example" id="${id}" version="1.0"`);

/** Ships one message to out.example, which this zone describes; `settled` is what became of it. */
async function ship(zone: Readonly<Record<string, Said>>, terms: Partial<Partner> = { allowPrivate: true }) {
  const name = await startDnsServer(new Map(), new Map(Object.entries({ ...loopback, ...zone })));
  const streams = createOutboundStreams({
    keys,
    settings: { ...settingsOf('in.example'), dns: { servers: [`127.0.0.1:${name.port}`] } },
    policy: () => policyOf({ ...partner('out.example'), connect: 'dns', ...terms }),
    credentials: credentialsOf(ours),
    log,
    audit: () => {},
    clock: systemClock,
    times: { sweep: 20, close: 300, retry: 100, retryRefused: 200, connect: 1_500, attempt: 1_000 },
  });
  const one = shipment('one');
  streams.ship(one.shipment);
  return {
    ...one,
    streams,
    questions: name.questions,
    async [Symbol.asyncDispose]() {
      await streams.stop('system-shutdown');
      await name.stop();
    },
  };
}

/** A port where nobody listens. */
async function deadPort(): Promise<number> {
  const server = await listenScripted(async () => {});
  server.close();
  return server.port;
}

/** out.example with TLS from the first byte; `hello` is what the handshake asked for. */
async function listenDirect(then: (peer: Peer) => Promise<void>) {
  const hello: { name: string | false | undefined; alpn: string | false | null }[] = [];
  const faults: unknown[] = [];
  const sockets: Socket[] = [];
  const server = createTlsServer(
    {
      cert: theirs.certPem,
      key: theirs.keyPem,
      requestCert: true,
      rejectUnauthorized: false,
      ALPNProtocols: ['xmpp-server'],
    },
    (socket) => {
      const name = 'servername' in socket && typeof socket.servername === 'string' ? socket.servername : undefined;
      hello.push({ name, alpn: socket.alpnProtocol });
      sockets.push(socket);
      then(peerOn(socket)).catch((error: unknown) => faults.push(error));
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    hello,
    faults,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

async function welcome(peer: Peer): Promise<void> {
  await peer.hear('xml:lang="en">');
  peer.say(answer('d1') + externalFeatures);
  await peer.hear('</auth>');
  peer.say('<success xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>');
  await peer.hear('xml:lang="en">');
  peer.say(`${answer('d2')}<stream:features/>`);
}

test('direct TLS asks for the domain by name and for xmpp-server, and says not a word before it (T8, N7)', async () => {
  const server = await listenDirect(welcome);
  await using out = await ship({ [direct]: [srv(server.port)] });
  await out.written;
  assert.deepEqual(server.hello, [{ name: 'out.example', alpn: 'xmpp-server' }]);
  assert.deepEqual(server.faults, []);
  server.close();
});

test('servers are tried in their order until one answers, whatever the first ones are like', async () => {
  const dead = await deadPort();
  const mute = await listenScripted(async (peer) => {
    peer.socket.destroy();
  });
  const wrong = await listenScripted(async (peer) => {
    await peer.hear('xml:lang="en">');
    const error = '<stream:error><system-shutdown xmlns="urn:ietf:params:xml:ns:xmpp-streams"/></stream:error>';
    peer.say(`${answer('a')}${error}</stream:stream>`);
  });
  const good = await listenScripted(takeStream);
  await using out = await ship({
    [direct]: [srv(dead, 1), srv(mute.port, 3)],
    [starttls]: [srv(1, 2, 'nowhere.example'), srv(wrong.port, 4), srv(good.port, 5)],
  });
  await out.written;
  assert.deepEqual([mute.connections(), wrong.connections(), good.connections()], [1, 1, 1]);
  for (const server of [mute, wrong, good]) server.close();
});

test('where one family does not answer, the other one is taken', async () => {
  const good = await listenScripted(takeStream);
  await using out = await ship({
    [starttls]: [srv(good.port)],
    'AAAA s.out.example': ['::1'],
    'A s.out.example': ['127.0.0.2', '127.0.0.1'],
  });
  await out.written;
  assert.equal(out.streams.streams()[0]?.remoteAddress, '127.0.0.1');
  good.close();
});

test('an address that says nothing holds nobody up: the next is begun beside it', async () => {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const at = server.address();
  const port = typeof at === 'object' && at ? at.port : 0;
  const started = Date.now();
  // Nobody is there (RFC 5737); whether the network says so or is silent, the answer is the same.
  const connected = await connectTcp(['192.0.2.1', '127.0.0.1'], port, { attempt: 5_000, stagger: 50 });
  assert.equal(connected.ok && connected.address, '127.0.0.1');
  assert.ok(Date.now() - started < 2_000);
  const failed = await connectTcp(['127.0.0.2', '::1'], port, { attempt: 500, stagger: 50 });
  assert.match(failed.ok ? '' : failed.note, /^127\.0\.0\.2:\d+: \w+, \[::1\]:\d+: \w+$/);
  server.close();
});

test('a port that failed with direct TLS never hears plain text (N10)', async () => {
  const heard: string[] = [];
  const server = await listenScripted(async (peer) => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    heard.push(peer.heard());
    peer.socket.destroy();
  });
  await using out = await ship({ [direct]: [srv(server.port, 1)], [starttls]: [srv(server.port, 2)] });
  await until(() => heard.length >= 2, 'two attempts');
  for (const words of heard) assert.match(words, /^\x16\x03/, 'a ClientHello');
  assert.equal(out.counts.written, 0);
  server.close();
});

test('once both ends have authenticated, no other server is tried (N10)', async () => {
  const first = await listenDirect(async (peer) => {
    await peer.hear('xml:lang="en">');
    peer.say(answer('d1') + externalFeatures);
    await peer.hear('</auth>');
    peer.say('<success xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>');
    await peer.hear('xml:lang="en">');
    peer.say(`${answer('d2')}<stream:error><reset xmlns="urn:ietf:params:xml:ns:xmpp-streams"/></stream:error>`);
  });
  const second = await listenScripted(takeStream);
  await using out = await ship({ [direct]: [srv(first.port, 1)], [starttls]: [srv(second.port, 2)] });
  await until(() => first.hello.length >= 2, 'the second attempt');
  assert.equal(second.connections(), 0);
  assert.equal(out.counts.written, 0);
  first.close();
  second.close();
});

test('see-other-host is not followed (N13)', async () => {
  const other = await listenScripted(async () => {});
  const server = await listenScripted(async (peer) => {
    await peer.hear('xml:lang="en">');
    const ns = 'urn:ietf:params:xml:ns:xmpp-streams';
    const error = `<stream:error><see-other-host xmlns="${ns}">127.0.0.1:${other.port}</see-other-host></stream:error>`;
    peer.say(`${answer('a')}${error}</stream:stream>`);
    await peer.closed;
  });
  await using out = await ship({ [starttls]: [srv(server.port)] });
  const refusal = await out.settled;
  assert.equal(refusal?.code, 'partner-unreachable');
  assert.match(refusal?.note ?? '', /see-other-host/);
  assert.equal(other.connections(), 0);
  server.close();
  other.close();
});

test('see-other-host from the proved partner is not followed either (N13)', async () => {
  const other = await listenScripted(async () => {});
  const server = await listenScripted(async (plain) => {
    const peer = await acceptTls(plain, theirs);
    await peer.hear('xml:lang="en">');
    const ns = 'urn:ietf:params:xml:ns:xmpp-streams';
    const error = `<stream:error><see-other-host xmlns="${ns}">127.0.0.1:${other.port}</see-other-host></stream:error>`;
    peer.say(`${answer('b')}${error}</stream:stream>`);
    await peer.closed;
  });
  await using out = await ship({ [starttls]: [srv(server.port)] });
  assert.match((await out.settled)?.note ?? '', /see-other-host/);
  assert.equal(other.connections(), 0);
  server.close();
  other.close();
});

test('a partner without a server is not found, one that does not answer is not reached (S13)', async () => {
  const none = srv(0, 0, '.');
  const dead = await deadPort();
  const cases: readonly (readonly [string, RegExp, Readonly<Record<string, Said>>])[] = [
    ['partner-not-found', /no address of out\.example/, {}],
    ['partner-not-found', /no XMPP server/, { [starttls]: [none], 'A out.example': ['127.0.0.1'] }],
    ['partner-not-found', /no address of nowhere\.example/, { [starttls]: [srv(1, 0, 'nowhere.example')] }],
    ['partner-unreachable', /ESERVFAIL/, { [starttls]: 'SERVFAIL', 'A out.example': ['127.0.0.1'] }],
    ['partner-unreachable', /ECONNREFUSED/, { [starttls]: [srv(dead), srv(1, 9, 'nowhere.example')] }],
  ];
  const started = Date.now();
  await Promise.all(
    cases.map(async ([code, note, zone]) => {
      await using out = await ship(zone);
      const refusal = await out.settled;
      assert.equal(refusal?.code, code, refusal?.note);
      assert.match(refusal?.note ?? '', note);
      const waited = Date.now() - started;
      assert.ok(code === 'partner-not-found' ? waited < 1_400 : waited >= 1_400, `${code} after ${waited} ms`);
    }),
  );
});

test('DNS does not lead us into our own network unless the entry says so (N8)', async () => {
  const server = await listenScripted(async () => {});
  await using out = await ship({ [starttls]: [srv(server.port)] }, {});
  const refusal = await out.settled;
  assert.equal(refusal?.code, 'partner-unreachable');
  assert.match(refusal?.note ?? '', /s\.out\.example is 127\.0\.0\.1, to which we do not connect/);
  assert.equal(server.connections(), 0);
  server.close();
});

test('nobody asks DNS about a domain that is no partner (N9)', async () => {
  await using out = await ship({ 'SRV _xmpp-server._tcp.stranger.example': [srv(1)] });
  await until(() => out.questions().length > 0, 'the questions about the partner');
  const two = shipment('two', { to: 'stranger.example' });
  out.streams.ship(two.shipment);
  assert.equal((await two.settled)?.code, 'partner-not-found');
  await out.settled;
  assert.deepEqual(
    out.questions().filter((question) => question.includes('stranger')),
    [],
  );
});
