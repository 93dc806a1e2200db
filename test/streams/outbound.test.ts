// We dial a partner: the whole way, its traps, and what becomes of what was shipped (xmpp-boundary N7 to N13, S13).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { issueCertificate } from '../../deploy/certificates/issue.ts';
import {
  acceptStream,
  acceptTls,
  dial,
  externalFeatures,
  header,
  listenScripted,
  type Peer,
  startTls,
} from './scripted-peer.ts';
import {
  authority,
  credentialsOf,
  dialOut,
  partner,
  policyOf,
  serve,
  shipment,
  stranger,
  theirs,
  until,
} from './setting.ts';

const pingIn = (words: string): string => / id="([^"]+)"[^>]*><ping /.exec(words)?.[1] ?? '';

/** A partner whose every connection is a good stream, then handed to `then`. */
async function goodPartner(then: (peer: Peer, connection: number) => Promise<void>) {
  return listenScripted(async (plain, connection) => then(await acceptStream(plain, theirs), connection));
}

test('what is shipped in one turn arrives in order, in one stream, and a ping behind it settles it', async () => {
  let heard: (words: string) => void = () => {};
  const words = new Promise<string>((resolve) => {
    heard = resolve;
  });
  const server = await goodPartner(async (peer) => heard(await peer.hear('</iq>')));
  const { streams } = dialOut(() => policyOf(partner('out.example', server.port)), { times: { lived: 60_000 } });
  const [one, two] = [shipment('one'), shipment('two')];
  streams.ship(one.shipment);
  streams.ship(two.shipment);
  assert.equal(streams.waiting('out.example'), 2);
  const all = await words;
  assert.ok(
    all.indexOf('one') >= 0 && all.indexOf('one') < all.indexOf('two') && all.indexOf('two') < all.indexOf('<ping'),
  );
  await Promise.all([one.written, two.written]);
  assert.deepEqual(one.counts, { written: 1, settled: 0 });
  assert.equal(streams.pingAnswered('evil.example', 'in.example', pingIn(all)), false);
  assert.equal(streams.pingAnswered('out.example', 'in.example', 'guess'), false);
  assert.equal(streams.pingAnswered('out.example', 'in.example', pingIn(all)), true);
  assert.equal(await one.settled, undefined);
  assert.equal(await two.settled, undefined);
  assert.deepEqual(two.counts, { written: 1, settled: 1 });
  assert.equal(streams.streams()[0]?.certificate.matchedName, 'DNS:out.example');
  assert.equal(streams.streams()[0]?.stanzasOut, 2);
  assert.equal(server.connections(), 1);
  server.close();
  await streams.stop('system-shutdown');
});

test('where no answer comes, a stream that lives on settles what was written', async () => {
  const server = await goodPartner(async () => {});
  const { streams } = dialOut(() => policyOf(partner('out.example', server.port)));
  const one = shipment('one');
  streams.ship(one.shipment);
  await one.written;
  assert.equal(one.counts.settled, 0);
  assert.equal(await one.settled, undefined);
  assert.deepEqual(one.counts, { written: 1, settled: 1 });
  server.close();
  await streams.stop('system-shutdown');
});

test('a stream that is lost behind a write says so', async () => {
  const server = await goodPartner(async (peer) => {
    await peer.hear('</message>');
    peer.socket.destroy();
  });
  const { streams } = dialOut(() => policyOf(partner('out.example', server.port)));
  const one = shipment('one');
  streams.ship(one.shipment);
  assert.deepEqual(await one.settled, { code: 'partner-unreachable', note: 'lost-after-write' });
  assert.equal(one.counts.settled, 1);
  server.close();
  await streams.stop('system-shutdown');
});

test('a partner that answered pings and then falls silent is not believed', async () => {
  let ping: (id: string) => void = () => {};
  const first = new Promise<string>((resolve) => {
    ping = resolve;
  });
  const server = await goodPartner(async (peer) => ping(pingIn(await peer.hear('</iq>'))));
  const { streams } = dialOut(() => policyOf(partner('out.example', server.port)), { times: { pong: 150 } });
  const [one, two] = [shipment('one'), shipment('two')];
  streams.ship(one.shipment);
  assert.equal(streams.pingAnswered('out.example', 'in.example', await first), true);
  streams.ship(two.shipment);
  assert.deepEqual(await two.settled, { code: 'partner-unreachable', note: 'lost-after-write' });
  assert.match(streams.lastError('out.example')?.text ?? '', /no longer answers/);
  server.close();
  await streams.stop('system-shutdown');
});

test('a partner that refuses the connection is waited for, then its stanzas are refused once', async () => {
  const server = await listenScripted(async () => {});
  server.close();
  const { streams } = dialOut(() => policyOf(partner('out.example', server.port)), { times: { connect: 250 } });
  const one = shipment('one');
  const impatient = shipment('two', { mayWait: false });
  streams.ship(one.shipment);
  streams.ship(impatient.shipment);
  assert.equal((await impatient.settled)?.code, 'partner-unreachable');
  const start = Date.now();
  assert.equal((await one.settled)?.code, 'partner-unreachable');
  assert.ok(Date.now() - start >= 150, 'it waited');
  assert.match(streams.lastError('out.example')?.text ?? '', /ECONNREFUSED/);
  assert.equal(one.counts.written, 0);
  await streams.stop('system-shutdown');
});

test('what waits is written when the partner comes back, and the next address is tried', async () => {
  const dead = await listenScripted(async () => {});
  dead.close();
  let attempts = 0;
  const server = await listenScripted(async (plain) => {
    attempts += 1;
    if (attempts === 1) plain.socket.destroy();
    else await acceptStream(plain, theirs);
  });
  const both = {
    ...partner('out.example'),
    connect: [dead.port, server.port].map((port) => ({ host: '127.0.0.1', port })),
  };
  const { streams } = dialOut(() => policyOf(both));
  const one = shipment('one');
  streams.ship(one.shipment);
  await one.written;
  assert.equal(attempts, 2);
  server.close();
  await streams.stop('system-shutdown');
});

test('nobody is dialled who is not a partner', async () => {
  const { streams } = dialOut(() => policyOf());
  const one = shipment('one');
  streams.ship(one.shipment);
  assert.equal((await one.settled)?.code, 'partner-not-found');
  await streams.stop('system-shutdown');
});

test('a full queue refuses, and does so only beyond its bound', async () => {
  const server = await listenScripted(async () => {});
  const { streams } = dialOut(() => policyOf(partner('out.example', server.port)), { limits: { queuePackets: 10 } });
  const held = Array.from({ length: 10 }, () => shipment('x'));
  for (const each of held) streams.ship(each.shipment);
  const eleventh = shipment('x');
  streams.ship(eleventh.shipment);
  assert.deepEqual(await eleventh.settled, { code: 'queue-full' });
  assert.ok(held.every(({ counts }) => counts.settled === 0));
  await streams.stop('system-shutdown');
  assert.deepEqual(
    await Promise.all(held.map(({ settled }) => settled)),
    held.map(() => ({ code: 'shutting-down' })),
  );
  server.close();
});

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

test('a partner without TLS gets nothing', () =>
  refusedDial(async (peer) => {
    await peer.hear('xml:lang="en">');
    peer.say(`${answer}<stream:features/>`);
    assert.doesNotMatch(await peer.hear('</stream:stream>'), /message|starttls/);
  }, /offers no TLS/));

test('bytes behind <proceed/> are an injection', () =>
  refusedDial(async (peer) => {
    await peer.hear('xml:lang="en">');
    peer.say(`${answer}<stream:features>${startTls}</stream:features>`);
    await peer.hear(startTls);
    peer.say('<proceed xmlns="urn:ietf:params:xml:ns:xmpp-tls"/><stream:features/>');
    await peer.closed;
  }, /injection/));

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

test('a partner that does not know its own domain is not found', () =>
  refusedDial(
    async (peer) => {
      await peer.hear('xml:lang="en">');
      const error = '<stream:error><host-unknown xmlns="urn:ietf:params:xml:ns:xmpp-streams"/></stream:error>';
      peer.say(`${header('from="default.example" id="a" version="1.0"')}${error}</stream:stream>`);
      await peer.closed;
    },
    /host-unknown/,
    'partner-not-found',
  ));

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

test('a stream error while stanzas wait: what was written is told as lost, what waits goes on the next stream', async () => {
  const connections: Peer[] = [];
  const server = await goodPartner(async (peer, connection) => {
    connections.push(peer);
    if (connection > 1) return;
    await peer.hear('one');
    peer.say(
      '<stream:error><system-shutdown xmlns="urn:ietf:params:xml:ns:xmpp-streams"/></stream:error></stream:stream>',
    );
    await peer.hear('</stream:stream>');
  });
  const { streams } = dialOut(() => policyOf(partner('out.example', server.port)), { times: { lived: 60_000 } });
  const [one, two] = [shipment('one'), shipment('two')];
  streams.ship(one.shipment);
  await one.settled.then((refusal) => assert.equal(refusal?.note, 'lost-after-write'));
  assert.match(streams.lastError('out.example')?.text ?? '', /system-shutdown/);
  streams.ship(two.shipment);
  await two.written;
  assert.equal(connections.length, 2);
  assert.match(await connections[1]!.hear('</message>'), /two/);
  server.close();
  await streams.stop('system-shutdown');
});

test('a partner that sends stanzas on our stream is stopped', async () => {
  let answered = '';
  const server = await goodPartner(async (peer) => {
    peer.say('<message from="ann@out.example" to="bob@in.example"><body>x</body></message>');
    answered = await peer.hear('</stream:stream>');
  });
  const { streams } = dialOut(() => policyOf(partner('out.example', server.port)));
  streams.ship(shipment('one').shipment);
  await until(() => answered !== '', 'the end');
  assert.match(answered, /<unsupported-stanza-type/);
  server.close();
  await streams.stop('system-shutdown');
});

test('our streams get spaces, and are closed in order when there is nothing to say', async () => {
  let words = '';
  const server = await goodPartner(async (peer) => {
    await peer.hear('</iq>');
    words = await peer.hear('</stream:stream>');
    peer.say('</stream:stream>');
  });
  const { streams } = dialOut(() => policyOf(partner('out.example', server.port)), {
    times: { keepalive: 50, idle: 450, lived: 50 },
  });
  const one = shipment('one');
  streams.ship(one.shipment);
  assert.equal(await one.settled, undefined);
  await until(() => words !== '', 'the closing tag');
  assert.match(words, /^ {2,}<\/stream:stream>$/);
  assert.equal(streams.streams().length, 0);
  server.close();
  await streams.stop('system-shutdown');
});

test('a partner that does not read is held back, and the queue stays bounded', async () => {
  const server = await goodPartner(async (peer) => {
    peer.socket.pause();
  });
  const { streams } = dialOut(() => policyOf(partner('out.example', server.port)), {
    limits: { queuePackets: 100 },
    times: { lived: 60_000, connect: 60_000 },
  });
  const first = shipment('first');
  streams.ship(first.shipment);
  await first.written;
  const all: ReturnType<typeof shipment>[] = [];
  let full = false;
  for (let i = 0; i < 3_000 && !full; i += 1) {
    const one = shipment('x'.repeat(20_000));
    all.push(one);
    streams.ship(one.shipment);
    one.settled.then((refusal) => {
      full ||= refusal?.code === 'queue-full';
    });
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(full, 'the queue was full at some time');
  assert.equal(streams.waiting('out.example'), 100);
  server.close();
  await streams.stop('system-shutdown');
  await Promise.all(all.map(({ settled }) => settled));
  assert.ok(all.every(({ counts }) => counts.settled === 1));
});

test('at shutdown what was written is confirmed first, and the partner is told', async () => {
  let words = '';
  let ping: (id: string) => void = () => {};
  const asked = new Promise<string>((resolve) => {
    ping = resolve;
  });
  const server = await goodPartner(async (peer) => {
    ping(pingIn(await peer.hear('</iq>')));
    words = await peer.hear('</stream:stream>');
    peer.say('</stream:stream>');
  });
  const { streams } = dialOut(() => policyOf(partner('out.example', server.port)), { times: { lived: 60_000 } });
  const one = shipment('one');
  streams.ship(one.shipment);
  const id = await asked;
  const stopped = streams.stop('system-shutdown');
  streams.pingAnswered('out.example', 'in.example', id);
  assert.equal(await one.settled, undefined);
  await stopped;
  assert.match(words, /<system-shutdown/);
  const late = shipment('late');
  streams.ship(late.shipment);
  assert.equal((await late.settled)?.code, 'shutting-down');
  server.close();
});

test('two of our own ends talk to each other', async () => {
  const inside = await serve({
    domain: 'out.example',
    credentials: credentialsOf(theirs),
    policy: () => policyOf(partner('in.example')),
  });
  const { streams } = dialOut(() => policyOf(partner('out.example', inside.listener.port)));
  const all = Array.from({ length: 200 }, (_, i) => shipment(`number ${i}`));
  for (const each of all) streams.ship(each.shipment);
  await until(() => inside.received.filter(({ element }) => element.name === 'message').length === 200, 'all of them');
  const bodies = inside.received.flatMap(({ element }) =>
    element.name === 'message' ? [element.children[0]?.text] : [],
  );
  assert.deepEqual(
    bodies,
    all.map((_, i) => `number ${i}`),
  );
  const ping = inside.received.find(({ element }) => element.name === 'iq');
  assert.equal(streams.pingAnswered('out.example', 'in.example', ping?.element.attributes.id ?? ''), true);
  assert.deepEqual(
    await Promise.all(all.map(({ settled }) => settled)),
    all.map(() => undefined),
  );
  streams.dropPartner('out.example', 'reset');
  await until(() => inside.listener.streams().length === 0, 'the stream is gone');
  const probe = await dial(inside.listener.port);
  probe.socket.destroy();
  await Promise.all([inside.listener.stop('system-shutdown'), streams.stop('system-shutdown')]);
});
