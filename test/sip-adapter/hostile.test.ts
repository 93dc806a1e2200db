// Requests by hand against the SIP adapter: the method matrix, forged identities, broken messages (sip-dialect §2.3, §4).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contact, offer, type RawPeer, rawPeer, request } from './raw-peer.ts';
import { startAdapter, text } from './rig.ts';

async function start(options: Parameters<typeof startAdapter>[0] = {}) {
  const gateway = await startAdapter(options);
  const peer = await rawPeer(gateway.port);
  return { ...gateway, peer };
}

async function ask(peer: RawPeer, text: string): Promise<number> {
  peer.write(text);
  return (await peer.response()).status;
}

const sdp = { 'Content-Type': 'application/sdp', Contact: contact };
const matrix: readonly (readonly [string, string, number])[] = [
  ['NEGOTIATE', request('NEGOTIATE', { 'Max-Forwards': '0' }), 405],
  ['REGISTER', request('REGISTER'), 405],
  ['PUBLISH', request('PUBLISH'), 405],
  ['SERVICE', request('SERVICE'), 405],
  ['REFER', request('REFER'), 603],
  ['SUBSCRIBE', request('SUBSCRIBE', { Event: 'presence' }), 489],
  ['NOTIFY', request('NOTIFY'), 481],
  ['PRACK', request('PRACK'), 481],
  ['INFO outside of a dialog', request('INFO'), 481],
  ['UPDATE outside of a dialog', request('UPDATE'), 481],
  ['BYE outside of a dialog', request('BYE'), 481],
  ['CANCEL of nothing', request('CANCEL'), 481],
  ['OPTIONS', request('OPTIONS', {}, '', 'sip:gw.out.example:5061;transport=tls'), 200],
  ['OPTIONS for a user', request('OPTIONS'), 200],
  ['MESSAGE in a dialog that nobody knows', request('MESSAGE', { To: '<sip:ann@out.example>;tag=x' }, 'hello'), 481],
  ['INVITE for audio', request('INVITE', sdp, offer.replace('m=message 5060 sip null', 'm=audio 5060 RTP/AVP 0')), 488],
  ['INVITE without an offer', request('INVITE', { Contact: contact }), 488],
  [
    'INVITE for several people',
    request('INVITE', { ...sdp, EndPoints: '<sip:a@b.example>, <sip:c@b.example>, <sip:d@b.example>' }, offer),
    488,
  ],
  ['INVITE that was triggered', request('INVITE', { ...sdp, TriggeredInvite: 'TRUE' }, offer), 488],
  [
    'INVITE that requires a meeting',
    request('INVITE', { ...sdp, Require: 'com.microsoft.rtc-multiparty' }, offer),
    488,
  ],
  ['INVITE without Contact', request('INVITE', { 'Content-Type': 'application/sdp' }, offer), 400],
  ['MESSAGE that requires what nobody knows', request('MESSAGE', { Require: 'magic' }, 'hello'), 420],
  ['MESSAGE to a telephone', request('MESSAGE', {}, 'hello', 'tel:+4312345'), 416],
  ['MESSAGE of a type that is not taken', request('MESSAGE', { 'Content-Type': 'image/gif' }, 'GIF'), 415],
  ['MESSAGE to an address that is none', request('MESSAGE', {}, 'hello', 'sip:%ff@out.example'), 484],
  ['MESSAGE to an internal user', request('MESSAGE', {}, 'hello', 'sip:eve@in.example'), 404],
  [
    'MESSAGE from a domain that the peer does not serve',
    request('MESSAGE', { From: '<sip:eve@evil.example>;tag=1' }, 'x'),
    403,
  ],
  [
    'MESSAGE asserted for a domain that the peer does not serve',
    request('MESSAGE', { 'P-Asserted-Identity': '<sip:ceo@other.example>' }, 'x'),
    403,
  ],
  [
    'MESSAGE with two asserted identities',
    request('MESSAGE', { 'P-Asserted-Identity': '<sip:bob@in.example>, <sip:eve@in.example>' }, 'x'),
    403,
  ],
  ['two From', request('MESSAGE', { f: '<sip:eve@in.example>;tag=2' }, 'x'), 400],
  ['two To', request('MESSAGE', { t: '<sip:carl@out.example>' }, 'x'), 400],
  ['two Call-ID', request('MESSAGE', { i: 'other' }, 'x'), 400],
  ['two CSeq', request('MESSAGE', { cseq: '2 MESSAGE' }, 'x'), 400],
  ['a CSeq of another method', request('MESSAGE', { CSeq: '1 INVITE' }, 'x'), 400],
  ['From without a tag', request('MESSAGE', { From: '<sip:bob@in.example>' }, 'x'), 400],
  ['From that is no address', request('MESSAGE', { From: '"Bob<sip:bob@in.example>;tag=1' }, 'x'), 400],
  ['a bare line feed in a header', request('MESSAGE', { Subject: 'a\nEvil: b' }, 'x'), 400],
  ['a NUL in a header', request('MESSAGE', { Subject: 'a\0b' }, 'x'), 400],
];

for (const [name, text, status] of matrix) {
  test(`${name} is answered ${status}`, async () => {
    const { peer, accepted } = await start();
    assert.equal(await ask(peer, text), status);
    assert.equal(accepted.length, 0);
    peer.end();
  });
}

test('405 says what is allowed, 420 what is not supported', async () => {
  const { peer } = await start();
  peer.write(request('REGISTER'));
  assert.match((await peer.response()).text, /\r\nAllow: INVITE, ACK, BYE/);
  peer.write(request('MESSAGE', { Require: 'magic' }, 'x'));
  assert.match((await peer.response()).text, /\r\nUnsupported: magic\r\n/);
  peer.end();
});

test('BENOTIFY and ACK are never answered', async () => {
  const { peer } = await start();
  peer.write(request('BENOTIFY') + request('ACK') + request('OPTIONS'));
  assert.match((await peer.response()).text, /CSeq: 1 OPTIONS/);
  assert.equal(peer.rest(), '');
  peer.end();
});

test('P-Asserted-Identity goes before From', async () => {
  const gateway = await start();
  const asserted = { From: '<sip:eve@in.example>;tag=1', 'P-Asserted-Identity': '"Bob"<sip:bob@in.example>,<tel:+43>' };
  assert.equal(await ask(gateway.peer, request('MESSAGE', asserted, 'x')), 200);
  assert.equal(gateway.accepted[0]?.from.bare, 'bob@in.example');
  gateway.peer.end();
});

test('a text that is sent again by the same transaction is taken once and answered alike', async () => {
  const { peer, accepted } = await start();
  const message = request('MESSAGE', {}, 'once');
  peer.write(message);
  const first = await peer.response();
  peer.write(message);
  assert.equal((await peer.response()).text, first.text);
  assert.equal(accepted.length, 1);
  peer.end();
});

test('a text in a dialog that is sent again is taken once and answered alike, on another connection too', async () => {
  const { peer, port, accepted } = await start();
  const called = { 'Call-ID': 'called' };
  peer.write(request('INVITE', { ...sdp, ...called }, offer));
  let answer = await peer.response();
  while (answer.status < 200) answer = await peer.response();
  assert.equal(answer.status, 200);
  const inside = { ...called, To: /\r\nTo: (.+)\r\n/.exec(answer.text)?.[1] ?? '' };
  peer.write(request('ACK', inside));
  const message = request('MESSAGE', { ...inside, CSeq: '2 MESSAGE' }, 'once');
  peer.write(message);
  const first = await peer.response();
  assert.equal(first.status, 200);
  peer.write(message);
  assert.equal((await peer.response()).text, first.text);
  const other = await rawPeer(port);
  other.write(message);
  assert.equal((await other.response()).text, first.text);
  assert.equal(accepted.length, 1);
  other.end();
  peer.end();
});

test('compact names and folded lines are read', async () => {
  const { peer, accepted } = await start();
  const body = 'short';
  peer.write(
    `MESSAGE sip:ann@out.example SIP/2.0\r\nv: SIP/2.0/TLS 10.1.2.3;branch=z9hG4bKc\r\nf: "Bob"\r\n <sip:bob@in.example>;tag=1\r\n` +
      `t: <sip:ann@out.example>\r\ni: compact\r\nCSeq: 1 MESSAGE\r\nc: text/plain;\r\n\tcharset=UTF-8\r\nl: ${body.length}\r\n\r\n${body}`,
  );
  assert.equal((await peer.response()).status, 200);
  assert.equal(accepted[0]?.from.bare, 'bob@in.example');
  peer.end();
});

test('a Via without a branch is a transaction all the same', async () => {
  const { peer, accepted } = await start();
  const message = request('MESSAGE', { Via: 'SIP/2.0/TLS 172.24.1.9:2140;ms-received-port=2140' }, 'x');
  assert.equal(await ask(peer, message), 200);
  assert.equal(await ask(peer, message), 200);
  assert.equal(accepted.length, 1);
  peer.end();
});

test('a double CRLF is answered with one CRLF', async () => {
  const { peer } = await start();
  peer.write('\r\n\r\n');
  peer.write(request('OPTIONS'));
  await assert.rejects(peer.response(), /there is: \r\nSIP/);
  peer.end();
});

const fatal: readonly (readonly [string, string])[] = [
  ['no Content-Length', request('MESSAGE', { 'Content-Length': '' }, 'x')],
  ['two Content-Length', request('MESSAGE', { l: '5' }, 'x')],
  ['a Content-Length that is no number', request('MESSAGE', { 'Content-Length': '-1' }, 'x')],
  ['a body above 1 MiB', request('MESSAGE', { 'Content-Length': '1048577' }, 'x')],
  ['headers above 64 KiB', `MESSAGE sip:a@out.example SIP/2.0\r\nX: ${'x'.repeat(70_000)}`],
];
for (const [name, bytes] of fatal) {
  test(`${name} ends the connection`, async () => {
    const { peer, accepted } = await start();
    peer.write(bytes);
    await peer.closed;
    assert.equal(accepted.length, 0);
  });
}

test('what cannot be decoded never brings the adapter down', async () => {
  const { peer } = await start();
  for (const user of ['a%25zz', '%', '%00', '%0d%0aEvil:%20x', '..', '"', 'a%40b']) {
    peer.write(request('INVITE', { ...sdp, To: `<sip:${user}@out.example>` }, offer, `sip:${user}@out.example`));
  }
  peer.write(request('OPTIONS', { 'Call-ID': 'last' }));
  for (;;) if (/Call-ID: last\r\n/.test((await peer.response()).text)) break;
  peer.end();
});

test('in-dialog requests of another peer, and out of order, are refused', async () => {
  const { peer } = await start();
  const call = { 'Call-ID': 'dialog', From: '<sip:bob@in.example>;tag=b' };
  peer.write(request('INVITE', { ...sdp, ...call, CSeq: '5 INVITE' }, offer));
  const accepted = await peer.response();
  assert.equal(accepted.status, 200);
  const to = /\r\nTo: (.*)\r\n/.exec(accepted.text)?.[1] ?? '';
  peer.write(request('ACK', { ...call, To: to, CSeq: '5 ACK' }));
  assert.equal(await ask(peer, request('MESSAGE', { ...call, To: to, CSeq: '5 MESSAGE' }, 'x')), 500);
  assert.equal(await ask(peer, request('MESSAGE', { ...call, To: to, CSeq: '6 MESSAGE' }, 'x')), 200);
  assert.equal(
    await ask(peer, request('UPDATE', { ...call, To: to, CSeq: '7 UPDATE', 'Session-Expires': '600' })),
    200,
  );
  const again = request('INVITE', { ...sdp, ...call, To: to, CSeq: '8 INVITE' }, offer);
  assert.equal(await ask(peer, again), 200);
  assert.equal(await ask(peer, request('BYE', { ...call, To: to, CSeq: '9 BYE' })), 200);
  assert.equal(await ask(peer, request('MESSAGE', { ...call, To: to, CSeq: '10 MESSAGE' }, 'x')), 481);
  peer.end();
});

test('nothing that an outsider says can start a header of its own', async () => {
  const { peer, deliver } = await start();
  const call = { 'Call-ID': 'inject', From: '<sip:bob@in.example>;tag=b' };
  peer.write(request('INVITE', { ...sdp, ...call }, offer));
  const to = /\r\nTo: (.*)\r\n/.exec((await peer.response()).text)?.[1] ?? '';
  peer.write(request('ACK', { ...call, To: to, CSeq: '1 ACK' }));
  void deliver(text('x\r\nEvil: yes\r\n\r\nBYE sip:a@b SIP/2.0'));
  await new Promise((resolve) => setTimeout(resolve, 100));
  const sent = peer.rest();
  const [head = '', ...body] = sent.split('\r\n\r\n');
  assert.match(head, /^MESSAGE /);
  assert.doesNotMatch(head, /Evil/);
  const length = Number(/Content-Length: (\d+)/.exec(head)?.[1]);
  assert.equal(Buffer.byteLength(body.join('\r\n\r\n')), length);
  peer.end();
});
