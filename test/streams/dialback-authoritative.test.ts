// We are asked about keys of our own (XEP-0220 §2.2.2; xmpp-boundary D3, D7, D13).
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { pino } from 'pino';
import {
  answerTo,
  attribute,
  authoritative,
  dialbackHeader,
  dialbackPartner,
  stranded,
  untrusted,
} from './dialback-peers.ts';
import { connectedClient, peerOn } from './scripted-peer.ts';
import { authority, keys, partner, policyOf, serve, theirs } from './setting.ts';

const key = keys.keyFor('out.example', 'in.example', 'their-stream');
const question = (said = key, from = 'out.example', to = 'in.example', id = 'their-stream') =>
  `<db:verify from="${from}" to="${to}" id="${id}">${said}</db:verify>`;
const answer = (type: string, from = 'out.example', id = 'their-stream') =>
  `<db:verify from="in.example" to="${from}" id="${id}" type="${type}"`;

async function door(t: TestContext, ...partners: ReturnType<typeof partner>[]) {
  const policy = () => policyOf(...(partners.length === 0 ? [dialbackPartner(1)] : partners));
  const served = await serve({ policy });
  t.after(() => served.listener.stop('system-shutdown'));
  return served.listener.port;
}

test('a key of ours is confirmed to anybody who may ask, without any memory of it', async (t) => {
  const peer = await stranded(await door(t));
  peer.say(question());
  assert.match(await peer.hear('/>'), new RegExp(answer('valid')));
  peer.say(question());
  assert.match(await peer.hear('/>'), new RegExp(answer('valid')), 'and again');
  for (const wrong of ['', 'k', key.toUpperCase(), `${key}0`, 'k'.repeat(3_000)]) {
    peer.say(question(wrong));
    assert.match(await peer.hear('/>'), new RegExp(answer('invalid')), wrong);
  }
  peer.say(question(key, 'out.example', 'in.example', 'another'));
  assert.match(await peer.hear('/>'), new RegExp(answer('invalid', 'out.example', 'another')));
  peer.socket.destroy();
});

test('a key that would be right for a domain without dialback is not: it never got one', async (t) => {
  const peer = await stranded(await door(t, dialbackPartner(1), partner('never.example')));
  for (const domain of ['never.example', 'stranger.example']) {
    peer.say(question(keys.keyFor(domain, 'in.example', 'their-stream'), domain));
    assert.match(await peer.hear('/>'), new RegExp(answer('invalid', domain)));
  }
  peer.socket.destroy();
});

test('a question for a domain that is not ours has an error, and the stream stays', async (t) => {
  const peer = await stranded(await door(t));
  peer.say(question(key, 'out.example', 'else.example'));
  const words = await peer.hear('</db:verify>');
  assert.match(
    words,
    /<db:verify from="else.example" to="out.example" id="their-stream" type="error"><error type="cancel"><item-not-found /,
  );
  peer.say(question());
  await peer.hear('type="valid"/>');
  peer.socket.destroy();
});

test('questions are answered on a proved stream too, and never lead to a call back (D13)', async (t) => {
  const home = await authoritative(() => undefined);
  t.after(() => home.close());
  const terms = { trust: [authority.certPem], external: 'optional' } as const;
  const peer = await connectedClient(await door(t, dialbackPartner(home.port, terms)), theirs);
  peer.say(question().replace('<db:verify', '<db:verify xmlns:db="jabber:server:dialback"'));
  assert.match(await peer.hear('/>'), new RegExp(answer('valid')));
  assert.equal(home.connections(), 0);
  peer.socket.destroy();
});

test('ten questions a second from one address, twenty at once; who goes on is cut off (D7)', async (t) => {
  const peer = await stranded(await door(t));
  for (let i = 0; i < 90; i++) peer.say(question());
  const words = await peer.hear('</stream:stream>');
  const confirmed = words.match(/type="valid"/g)?.length ?? 0;
  assert.ok(confirmed >= 20 && confirmed <= 25, `${confirmed} answers`);
  assert.match(words, /type="error"><error type="wait"><resource-constraint /);
  assert.match(words, /<stream:error><policy-violation /);
});

test('no key reaches the log', async (t) => {
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) });
  const home = await authoritative(() => undefined);
  const { listener } = await serve({ policy: () => policyOf(dialbackPartner(home.port)), log });
  t.after(() => home.close());
  t.after(() => listener.stop('system-shutdown'));
  const peer = await stranded(listener.port);
  peer.say(question());
  await peer.hear('type="valid"/>');
  peer.say(question('deadbeef'));
  await peer.hear('type="invalid"/>');
  peer.say('<db:result from="out.example" to="in.example">cafecafe</db:result>');
  home.close();
  await peer.hear('</db:result>');
  peer.say('</stream:stream>');
  await peer.closed;
  assert.ok(lines.length > 2);
  for (const line of lines) assert.doesNotMatch(line, new RegExp(`deadbeef|cafecafe|${key}`));
});

test('a stream that was restarted has another id, which its keys are bound to', async (t) => {
  const home = await authoritative((asked) => answerTo(asked, 'valid'), untrusted, 'far.example');
  t.after(() => home.close());
  const far = dialbackPartner(home.port, {}, 'far.example');
  const terms = { trust: [authority.certPem], external: 'optional' } as const;
  const { listener } = await serve({ policy: () => policyOf(dialbackPartner(1, terms), far) });
  t.after(() => listener.stop('system-shutdown'));
  const socket = connectTls({
    port: listener.directTlsPort!,
    rejectUnauthorized: false,
    cert: theirs.certPem,
    key: theirs.keyPem,
  });
  await once(socket, 'secureConnect');
  const peer = peerOn(socket);
  peer.say(dialbackHeader);
  const before = attribute(await peer.hear('</stream:features>'), 'id');
  peer.say('<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="EXTERNAL">=</auth>');
  await peer.hear('<success xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>');
  peer.say(dialbackHeader);
  const behind = attribute(await peer.hear('</stream:features>'), 'id');
  peer.say('<db:result from="far.example" to="in.example">k</db:result>');
  await peer.hear('<db:result from="in.example" to="far.example" type="valid"/>');
  assert.notEqual(before, behind);
  assert.deepEqual(
    home.asked.map((asked) => attribute(asked, 'id')),
    [behind],
  );
  peer.socket.destroy();
});
