// Two scripted partners talk to each other over real TLS, both ways, and refuse what they must refuse.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { issueAuthority, issueCertificate } from '../../../deploy/certificates/issue.ts';
import { startXmppPartner, type XmppPartner } from './xmpp-partner.ts';

const authority = issueAuthority({ name: 'partner test' });
const stranger = issueAuthority({ name: 'nobody knows it' });
const credentialsOf = (domain: string, by = authority) => {
  const { certPem, keyPem } = issueCertificate(by, { dns: [domain], xmppAddrs: [domain] });
  return { cert: certPem, key: keyPem, ca: authority.certPem };
};
const outer = credentialsOf('outer.example');
const inner = credentialsOf('inner.example');

async function withPair(use: (ann: XmppPartner, bob: XmppPartner) => Promise<void>): Promise<void> {
  let innerPort = 0;
  const ann = await startXmppPartner({
    ...outer,
    domain: 'outer.example',
    users: ['ann'],
    proxy: () => ({ host: '127.0.0.1', port: innerPort }),
  });
  const bob = await startXmppPartner({
    ...inner,
    domain: 'inner.example',
    users: ['bob@inner.example'],
    proxy: { host: '127.0.0.1', port: ann.port },
  });
  innerPort = bob.port;
  try {
    await use(ann, bob);
  } finally {
    await Promise.all([ann.stop(), bob.stop()]);
  }
}

test('two partners exchange text, chat states and errors over their own streams', () =>
  withPair(async (outside, inside) => {
    const [ann, bob] = [outside.user('ann'), inside.user('bob')];
    const id = await ann.send('bob@inner.example', `a < b & "c" 🙂 שלום`, { thread: 't1', lang: 'he' });
    const got = await bob.nextMessage({ from: 'ann@outer.example' });
    assert.deepEqual([got.id, got.body, got.thread, got.type], [id, 'a < b & "c" 🙂 שלום', 't1', 'chat']);

    await bob.compose('ann@outer.example', 'composing');
    assert.equal((await ann.nextChatState()).chatState, 'composing');

    await bob.sendXml(
      `<message type='error' id='${id}' from='bob@inner.example' to='ann@outer.example/desk'><error type='wait'><recipient-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>away</text></error><delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/></message>`,
    );
    const error = await ann.nextError();
    assert.deepEqual(error.error, { type: 'wait', condition: 'recipient-unavailable', text: 'away' });
    assert.equal(error.delay, '2026-01-01T00:00:00Z');
    assert.deepEqual(
      outside.streams().map(({ direction, remote, state }) => [direction, remote, state]),
      [
        ['in', 'inner.example', 'open'],
        ['out', 'inner.example', 'open'],
      ],
    );
    await assert.rejects(ann.next({ within: 20 }), /no stanza within 20 ms/);
  }));

test('a ping is answered on the stream of the one who answers', () =>
  withPair(async (_outside, inside) => {
    const bob = inside.user('bob');
    await bob.sendXml(
      `<iq type='get' id='p1' from='bob@inner.example' to='outer.example'><ping xmlns='urn:xmpp:ping'/></iq>`,
    );
    const pong = await bob.next();
    assert.deepEqual([pong.name, pong.type, pong.id, pong.from], ['iq', 'result', 'p1', 'outer.example']);
  }));

test('a message to nobody and a question that nobody answers come back as errors', () =>
  withPair(async (outside) => {
    const ann = outside.user('ann');
    const id = await ann.send('nobody@inner.example', 'are you there?');
    const error = await ann.nextError();
    assert.deepEqual([error.id, error.error?.condition], [id, 'service-unavailable']);
    await ann.sendXml(
      `<iq type='get' id='d1' from='ann@outer.example/desk' to='inner.example'><query xmlns='jabber:iq:version'/></iq>`,
    );
    assert.equal((await ann.nextError()).id, 'd1');
  }));

test('a stream that was lost is dialled again by the next message', () =>
  withPair(async (outside, inside) => {
    const ann = outside.user('ann');
    await ann.send('bob@inner.example', 'one');
    await inside.user('bob').nextMessage();
    inside.dropStreams();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await ann.send('bob@inner.example', 'two');
    assert.equal((await inside.user('bob').nextMessage()).body, 'two');
  }));

test('a certificate of another domain, of an unknown CA, none at all, and an unknown host are refused with their conditions', () =>
  withPair(async (outside, inside) => {
    const forged = await outside.openStream({ to: 'inner.example', from: 'third.example' });
    assert.equal(await forged.streamError(), 'not-authorized');
    const foreign = await outside.openStream({
      to: 'inner.example',
      ...credentialsOf('outer.example', stranger),
      ca: outer.ca,
    });
    assert.equal(await foreign.streamError(), 'not-authorized');
    const bare = await outside.openStream({ to: 'inner.example', cert: '', key: '' });
    assert.equal(await bare.streamError(), 'not-authorized');
    const astray = await outside.openStream({ to: 'elsewhere.example' });
    assert.equal(await astray.streamError(), 'host-unknown');
    await astray.closed;
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(inside.refusals(), ['not-authorized', 'not-authorized', 'not-authorized', 'host-unknown']);
  }));

test('a certificate that does not carry the dialled domain is not believed', async () => {
  await using stack = new AsyncDisposableStack();
  const wrong = await startXmppPartner({
    ...outer,
    domain: 'inner.example',
    users: [],
    proxy: { host: '127.0.0.1', port: 1 },
  });
  stack.defer(wrong.stop);
  const proxy = { host: '127.0.0.1', port: wrong.port };
  const dialling = await startXmppPartner({ ...outer, domain: 'outer.example', users: ['ann'], proxy });
  stack.defer(dialling.stop);
  const stream = await dialling.openStream({ to: 'inner.example' });
  assert.equal(stream.negotiated.done ? '' : stream.negotiated.condition, 'certificate');
});

test('a raw stream can stop at the plain connection and is then in the hands of the test', () =>
  withPair(async (outside) => {
    const stream = await outside.openStream({ to: 'inner.example', until: 'connected' });
    await stream.write(
      `<?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' to='inner.example' version='1.0'>`,
    );
    assert.equal((await stream.next()).kind, 'header');
    assert.equal((await stream.next()).kind, 'element');
    await stream.write('<message/>');
    assert.equal(await stream.streamError(), 'policy-violation');
  }));

test('five thousand messages pass in less than three seconds', () =>
  withPair(async (outside, inside) => {
    const ann = outside.user('ann');
    const all = Promise.withResolvers<number>();
    const started = Date.now();
    let count = 0;
    inside.user('bob').listen(() => {
      count += 1;
      if (count === 5_000) all.resolve(Date.now() - started);
    });
    await Promise.all(Array.from({ length: 5_000 }, (_, index) => ann.send('bob@inner.example', `text ${index}`)));
    const took = await all.promise;
    assert.ok(took < 3_000, `${took} ms`);
    assert.deepEqual(
      inside
        .user('bob')
        .received()
        .slice(0, 3)
        .map(({ body }) => body),
      ['text 0', 'text 1', 'text 2'],
    );
  }));
