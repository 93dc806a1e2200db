// Proves that the fake front end speaks the dialect (sip-dialect §§2 to 5), and that it notices who does not.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { issueAuthority, issueCertificate } from '../../../deploy/certificates/issue.ts';
import { type SkypeFrontEnd, startSkypeFrontEnd } from './front-end.ts';
import { answerTo, dial, lines, listen, requestText, sdp, type Talk, type Tls, value } from './plain-gateway.ts';

const fe = 'fe1.sfb.test';
const gw = 'gw.xmpp.test';
const authority = issueAuthority({ name: 'Front end test' });
const tlsFor = (...dns: string[]): Tls => {
  const issued = issueCertificate(authority, { dns });
  return { cert: issued.certPem, key: issued.keyPem, ca: authority.certPem };
};
const frontEndTls = tlsFor(fe);
const gatewayTls = tlsFor(gw);
const gateway = await listen(gatewayTls);
const frontEnds: SkypeFrontEnd[] = [];
after(async () => {
  gateway.stop();
  for (const frontEnd of frontEnds) await frontEnd.stop();
});

const start = async (): Promise<SkypeFrontEnd> => {
  const frontEnd = await startSkypeFrontEnd({
    fqdn: fe,
    domain: 'sfb.test',
    users: ['romeo@sfb.test', 'tybalt@sfb.test'],
    ...frontEndTls,
    gateway: () => ({ fqdn: gw, host: '127.0.0.1', port: gateway.port }),
  });
  frontEnds.push(frontEnd);
  return frontEnd;
};

const contact = `Contact: <sip:${gw}:5061;transport=tls>`;
const refuseNegotiate = async (talk: Talk): Promise<string> => {
  const negotiate = await talk.next();
  talk.send(answerTo(negotiate, '405 Method Not Allowed', 'n', ['Allow: INVITE']));
  return negotiate;
};

let counter = 0;
/** A request as our gateway would write it, from ann@out.example. */
const ask = (
  method: string,
  uri: string,
  more: { callId?: string; cseq?: number; to?: string; headers?: readonly string[]; body?: string; via?: string } = {},
): string => {
  counter += 1;
  return requestText(
    `${method} ${uri}`,
    [
      more.via ?? `Via: SIP/2.0/TLS ${gw}:5061;branch=z9hG4bK${counter}`,
      'Max-Forwards: 70',
      'From: <sip:ann@out.example>;tag=ours',
      `To: ${more.to ?? `<${uri}>`}`,
      `Call-ID: ${more.callId ?? `call${counter}`}`,
      `CSeq: ${more.cseq ?? 1} ${method}`,
      ...(more.headers ?? []),
    ],
    more.body ?? '',
  );
};
const inviteHeaders = [
  contact,
  'Supported: ms-sender',
  'Ms-Conversation-ID: abc',
  'Ms-Text-Format: text/plain; charset=UTF-8;ms-body=SGVsbG8=',
  'Content-Type: application/sdp',
];
const textHeaders = ['Content-Type: text/plain; charset=UTF-8'];

/** Opens a conversation as the gateway does, and tells what in-dialog requests need. */
const openConversation = async (talk: Talk, callId: string) => {
  talk.send(ask('INVITE', 'sip:romeo@sfb.test', { callId, headers: inviteHeaders, body: sdp }));
  assert.match(await talk.next(), /^SIP\/2\.0 100 /);
  assert.match(await talk.next(), /^SIP\/2\.0 180 /);
  const accepted = await talk.next();
  assert.match(accepted, /^SIP\/2\.0 200 /);
  const routes = lines(accepted, 'Record-Route')
    .map((line) => line.replace('Record-Route', 'Route').replace(/>.*/, '>'))
    .reverse();
  const uri = /<(.*)>/.exec(value(accepted, 'Contact'))?.[1] ?? '';
  const to = value(accepted, 'To');
  talk.send(ask('ACK', uri, { callId, to, headers: routes }));
  return { uri, to, routes };
};

test('a user writes first: NEGOTIATE, INVITE, ACK, MESSAGE in the order and shape of the dialect', async () => {
  const frontEnd = await start();
  const said = frontEnd.user('Romeo@sfb.test').say('sip:Ann@out.example', 'Grüße\nan alle');
  const talk = await gateway.accepted();
  assert.match(await refuseNegotiate(talk), /^NEGOTIATE sip:gw\.xmpp\.test SIP\/2\.0\r\n[\s\S]*Compression: LZ77-64K/);

  const invite = await talk.next();
  assert.match(invite, /^INVITE sip:ann@out\.example SIP\/2\.0\r\n/);
  assert.match(lines(invite, 'Via')[0] ?? '', /TLS fe1\.sfb\.test:\d+;branch=z9hG4bK/);
  assert.doesNotMatch(lines(invite, 'Via')[1] ?? '', /branch/);
  assert.equal(lines(invite, 'Record-Route').length, 2);
  assert.ok(lines(invite, 'Supported').length > 2);
  assert.match(value(invite, 'Contact'), /^<sip:romeo@sfb\.test;opaque=user:epid:\w+;gruu>$/);
  assert.match(value(invite, 'From'), /^"Romeo"<sip:romeo@sfb\.test>;tag=\w+;epid=\w+$/);
  assert.equal(
    Buffer.from(/ms-body=(.*)/.exec(value(invite, 'Ms-Text-Format'))?.[1] ?? '', 'base64').toString(),
    'Grüße\r\nan alle',
  );
  assert.match(invite, /\r\nm=message 5060 sip null\r\n/);
  talk.send(answerTo(invite, '200 OK', 'gwtag', [contact, 'Content-Type: application/sdp'], sdp));

  const ack = await talk.next();
  assert.match(ack, /^ACK sip:gw\.xmpp\.test:5061;transport=tls SIP\/2\.0\r\n/);
  assert.match(value(ack, 'To'), /;tag=gwtag$/);
  const message = await talk.next();
  assert.match(message, /^MESSAGE sip:gw\.xmpp\.test:5061;transport=tls SIP\/2\.0\r\n/);
  assert.match(value(message, 'Content-Type'), /^text\/plain; charset=UTF-8;msgr=[A-Za-z0-9+/]+$/);
  assert.equal(Buffer.from(message, 'latin1').toString().split('\r\n\r\n')[1], 'Grüße\r\nan alle');
  assert.equal(value(message, 'CSeq'), '2 MESSAGE');
  talk.send(answerTo(message, '403 Forbidden', '', [`ms-diagnostics: 24001;reason="policy";source="${gw}"`]));

  const answer = await said;
  assert.equal(answer.status, 403);
  assert.equal(answer.reason, 'Forbidden');
  assert.match(answer.diagnostics ?? '', /^24001;/);
  assert.deepEqual(frontEnd.violations(), []);
  assert.equal(frontEnd.connections(), 1);
});

test('the second text, typing and the end stay in the dialog; one request waits for the one before it', async () => {
  const frontEnd = await start();
  const romeo = frontEnd.user('romeo@sfb.test');
  const both = Promise.all([romeo.say('ann@out.example', 'one'), romeo.say('ann@out.example', 'two')]);
  const talk = await gateway.accepted();
  await refuseNegotiate(talk);
  talk.send(answerTo(await talk.next(), '200 OK', 'g', [contact, 'Content-Type: application/sdp'], sdp));
  await talk.next();
  const first = await talk.next();
  assert.equal(first.split('\r\n\r\n')[1], 'one');
  talk.send(answerTo(first, '200 OK', ''));
  const second = await talk.next();
  assert.equal(second.split('\r\n\r\n')[1], 'two');
  talk.send(answerTo(second, '200 OK', ''));
  assert.deepEqual(
    (await both).map((answer) => answer.status),
    [200, 200],
  );

  const typed = romeo.type('ann@out.example', 'type');
  const info = await talk.next();
  assert.match(info, /^INFO [\s\S]*CSeq: 4 INFO[\s\S]*<status status="type" \/>/);
  talk.send(answerTo(info, '200 OK', ''));
  assert.equal((await typed).status, 200);

  const ended = romeo.hangUp('ann@out.example');
  const bye = await talk.next();
  assert.match(bye, /^BYE /);
  talk.send(answerTo(bye, '200 OK', ''));
  await ended;
  assert.equal(romeo.conversations(), 0);
  assert.equal((await romeo.type('ann@out.example', 'idle')).status, 481);
  assert.deepEqual(frontEnd.violations(), []);
});

test('a refused INVITE is acknowledged and its answer given; a forgotten dialog is opened anew once', async () => {
  const frontEnd = await start();
  const romeo = frontEnd.user('romeo@sfb.test');
  const refused = romeo.say('ann@out.example', 'one');
  const talk = await gateway.accepted();
  await refuseNegotiate(talk);
  const invite = await talk.next();
  talk.send(answerTo(invite, '404 Not Found', 'x'));
  const ack = await talk.next();
  assert.match(ack, /^ACK sip:ann@out\.example SIP/);
  assert.equal(value(ack, 'Via'), value(invite, 'Via'));
  assert.equal((await refused).status, 404);

  const accept = async () => {
    talk.send(answerTo(await talk.next(), '200 OK', 'g', [contact, 'Content-Type: application/sdp'], sdp));
    await talk.next();
  };
  const opened = romeo.say('ann@out.example', 'two');
  await accept();
  talk.send(answerTo(await talk.next(), '200 OK', ''));
  assert.equal((await opened).status, 200);
  const said = romeo.say('ann@out.example', 'three');
  talk.send(answerTo(await talk.next(), '481 Gone', ''));
  await accept();
  talk.send(answerTo(await talk.next(), '200 OK', ''));
  assert.equal((await said).status, 200);
  assert.deepEqual(frontEnd.violations(), []);
});

test('users also write outside of a dialog, as HTML and as alternatives', async () => {
  const frontEnd = await start();
  const romeo = frontEnd.user('romeo@sfb.test');
  frontEnd.writeAs('html');
  const paged = romeo.page('ann@out.example', 'a < b\nc');
  const talk = await gateway.accepted();
  await refuseNegotiate(talk);
  const html = await talk.next();
  assert.match(html, /^MESSAGE sip:ann@out\.example SIP/);
  assert.match(html, /Content-Type: text\/html; charset=UTF-8\r\n[\s\S]*a &#60; b<BR>\r\nc<\/DIV>$/);
  assert.equal(value(html, 'Contact'), '');
  talk.send(answerTo(html, '200 OK', 'x'));
  assert.equal((await paged).status, 200);
  frontEnd.writeAs('multipart');
  void romeo.page('ann@out.example', 'x');
  assert.match(await talk.next(), /Content-Type: multipart\/alternative;boundary="[^"]+"\r\n/);
  assert.deepEqual(frontEnd.violations(), []);
});

test('a gateway that keeps the dialect reaches a user and breaks no rule', async () => {
  const frontEnd = await start();
  const romeo = frontEnd.user('romeo@sfb.test');
  const talk = await dial(frontEnd.port, fe, gatewayTls);
  const { uri, to, routes } = await openConversation(talk, 'good');
  assert.equal((await romeo.nextInvite({ from: 'ann@out.example' })).preview, 'Hello');
  talk.send(
    ask('MESSAGE', uri, { callId: 'good', cseq: 2, to, headers: [...routes, ...textHeaders], body: 'Hello\r\nyou' }),
  );
  assert.match(await talk.next(), /^SIP\/2\.0 200 OK\r\nVia: [^\r]*;ms-received-port/);
  assert.equal((await romeo.nextMessage()).text, 'Hello\nyou');
  const typing = '<?xml version="1.0"?><KeyboardActivity><status status="idle" /></KeyboardActivity>';
  talk.send(
    ask('INFO', uri, {
      callId: 'good',
      cseq: 3,
      to,
      headers: [...routes, 'Content-Type: application/xml'],
      body: typing,
    }),
  );
  await talk.next();
  assert.equal((await romeo.nextTyping()).state, 'idle');
  talk.send(ask('OPTIONS', `sip:${fe}:5061;transport=tls`, {}));
  assert.match(await talk.next(), /^SIP\/2\.0 200 OK\r\n[\s\S]*Allow: INVITE/);
  talk.send(ask('MESSAGE', 'sip:tybalt@sfb.test', { headers: textHeaders, body: 'page' }));
  await talk.next();
  assert.equal((await frontEnd.user('tybalt@sfb.test').nextMessage()).inDialog, false);
  talk.send(ask('BYE', uri, { callId: 'good', cseq: 4, to, headers: routes }));
  await talk.next();
  assert.equal((await romeo.nextBye()).from, 'ann@out.example');
  assert.deepEqual(
    romeo.received().map((item) => item.kind),
    ['invite', 'message', 'typing', 'bye'],
  );
  assert.deepEqual(frontEnd.violations(), []);
  talk.close();
});

test('every broken rule is written down', async () => {
  const frontEnd = await start();
  const talk = await dial(frontEnd.port, fe, gatewayTls);
  const { uri, to, routes } = await openConversation(talk, 'bad');
  const text = (cseq: number, more: Parameters<typeof ask>[2] = {}, at = uri) =>
    ask('MESSAGE', at, { callId: 'bad', cseq, to, headers: [...routes, ...textHeaders], body: 'x', ...more });
  const broken = async (request: string, what: RegExp, answers = 1) => {
    const before = frontEnd.violations().length;
    talk.send(request);
    for (let count = 0; count < answers; count += 1) await talk.next();
    const found = frontEnd.violations().slice(before).join('\n');
    assert.match(found, what);
  };
  await broken(text(2, { headers: textHeaders }), /Route set/);
  await broken(text(3, { headers: [...routes.toReversed(), ...textHeaders] }), /Route set/);
  await broken(text(4, {}, uri.toLowerCase()), /Request-URI is not the Contact/);
  await broken(text(4), /CSeq does not rise/);
  await broken(text(5) + text(6), /before the answer/, 2);
  await broken(text(7, { headers: [...routes, 'Content-Type: text/html'] }), /not text\/plain/);
  await broken(text(8, { body: 'a\nb' }), /CRLF/);
  await broken(text(9, { via: 'Via: SIP/2.0/TLS 10.0.0.1:5061;branch=z9hG4bKx' }), /Via does not name/);
  await broken(text(10).replace('Max-Forwards: 70\r\n', ''), /no max-forwards/);
  await broken(text(11, { headers: [...routes, ...textHeaders, 'Supported: '] }), /supported is empty/);
  await broken(text(12, { headers: [...routes, ...textHeaders, 'Call-ID: bad'] }), /call-id more than once/);
  const invite = { headers: inviteHeaders, body: sdp };
  const inviteBroken = (request: string, what: RegExp) => broken(request, what, 3);
  await inviteBroken(ask('INVITE', 'sip:romeo@sfb.test', { ...invite, headers: inviteHeaders.slice(1) }), /Contact/);
  await inviteBroken(
    ask('INVITE', 'sip:romeo@sfb.test', { ...invite, body: sdp.replace('m=message', 'm=audio') }),
    /SDP/,
  );
  await inviteBroken(ask('INVITE', 'sip:romeo@sfb.test', invite), /Ms-Conversation-ID of a live/);
  await broken(
    ask('MESSAGE', 'sip:romeo@sfb.test', { headers: [contact, ...textHeaders], body: 'x' }),
    /has a Contact/,
  );
  talk.send(text(13).replace('Content-Length: 1', 'Content-Length: 0') + text(14));
  await talk.ended;
  assert.match(frontEnd.violations().join('\n'), /unreadable: no start line/);
});

test('a request before the ACK, and a refusal that is never acknowledged, are noticed', async () => {
  const frontEnd = await start();
  const talk = await dial(frontEnd.port, fe, gatewayTls);
  talk.send(ask('INVITE', 'sip:romeo@sfb.test', { callId: 'noack', headers: inviteHeaders, body: sdp }));
  await talk.next();
  await talk.next();
  const accepted = await talk.next();
  const uri = /<(.*)>/.exec(value(accepted, 'Contact'))?.[1] ?? '';
  talk.send(
    ask('MESSAGE', uri, { callId: 'noack', cseq: 2, to: value(accepted, 'To'), headers: textHeaders, body: 'x' }),
  );
  await talk.next();
  assert.match(frontEnd.violations().join('\n'), /before the ACK/);
  talk.close();
});

test('answers are given as ordered, as often as ordered, as late as ordered', async () => {
  const frontEnd = await start();
  const talk = await dial(frontEnd.port, fe, gatewayTls);
  frontEnd.answerInvitesWith('romeo@sfb.test', 486, { 'ms-diagnostics': '1;reason="busy"' }, 1);
  talk.send(ask('INVITE', 'sip:romeo@sfb.test', { headers: inviteHeaders, body: sdp }));
  await talk.next();
  assert.match(await talk.next(), /^SIP\/2\.0 486 Busy Here\r\n[\s\S]*ms-diagnostics: 1;reason="busy"\r\n/);
  frontEnd.textFormatTaken(true);
  const { uri, to, routes } = await openConversation(talk, 'ordered');
  frontEnd.answerMessagesWith('romeo@sfb.test', 481, {}, 1);
  const text = (cseq: number) =>
    ask('MESSAGE', uri, { callId: 'ordered', cseq, to, headers: [...routes, ...textHeaders], body: 'x' });
  talk.send(text(2));
  assert.match(await talk.next(), /^SIP\/2\.0 481 /);
  talk.send(text(3));
  assert.match(await talk.next(), /^SIP\/2\.0 481 /);
  frontEnd.delayAnswers(60);
  const began = performance.now();
  talk.send(ask('MESSAGE', 'sip:romeo@sfb.test', { headers: textHeaders, body: 'x' }));
  assert.match(await talk.next(), /^SIP\/2\.0 200 /);
  assert.ok(performance.now() - began >= 55);
  assert.ok(frontEnd.log().some((entry) => entry.text.includes('Supported: ms-text-format')));
  assert.deepEqual(frontEnd.violations(), []);
  talk.close();
});

test('an INVITE can be cancelled while it rings', async () => {
  const frontEnd = await start();
  const talk = await dial(frontEnd.port, fe, gatewayTls);
  frontEnd.delayAnswers(10_000);
  const invite = ask('INVITE', 'sip:romeo@sfb.test', { callId: 'cancelled', headers: inviteHeaders, body: sdp });
  talk.send(invite);
  await talk.next();
  assert.match(await talk.next(), /^SIP\/2\.0 180 /);
  talk.send(ask('CANCEL', 'sip:romeo@sfb.test', { callId: 'cancelled', via: lines(invite, 'Via')[0] ?? '' }));
  assert.match(await talk.next(), /^SIP\/2\.0 200 [\s\S]*CSeq: 1 CANCEL/);
  assert.match(await talk.next(), /^SIP\/2\.0 487 [\s\S]*CSeq: 1 INVITE/);
  talk.close();
});

test('who is no user gets 404, and an unknown dialog 481', async () => {
  const frontEnd = await start();
  const talk = await dial(frontEnd.port, fe, gatewayTls);
  talk.send(ask('MESSAGE', 'sip:nobody@sfb.test', { headers: textHeaders, body: 'x' }));
  assert.match(await talk.next(), /^SIP\/2\.0 404 [\s\S]*ms-diagnostics: 1003;/);
  talk.send(ask('BYE', 'sip:romeo@sfb.test', { to: '<sip:romeo@sfb.test>;tag=gone' }));
  assert.match(await talk.next(), /^SIP\/2\.0 481 /);
  const { uri, to, routes } = await openConversation(talk, 'forgotten');
  frontEnd.forgetDialogs();
  talk.send(ask('BYE', uri, { callId: 'forgotten', cseq: 2, to, headers: routes }));
  assert.match(await talk.next(), /^SIP\/2\.0 481 /);
  talk.close();
});

test('a certificate that does not name the gateway is turned away', async () => {
  const frontEnd = await start();
  const talk = await dial(frontEnd.port, fe, tlsFor('other.test'));
  await talk.ended;
  assert.match(frontEnd.violations().join(), /does not name the gateway/);
});

test('after its connections were cut it dials again, and what was under way ends with 503', async () => {
  const frontEnd = await start();
  const romeo = frontEnd.user('romeo@sfb.test');
  const lost = romeo.page('ann@out.example', 'one');
  const first = await gateway.accepted();
  await refuseNegotiate(first);
  await first.next();
  frontEnd.dropConnections();
  const answer = await lost;
  assert.equal(answer.status, 503);
  assert.equal(answer.message, undefined);
  const paged = romeo.page('ann@out.example', 'two');
  const second = await gateway.accepted();
  await refuseNegotiate(second);
  second.send(answerTo(await second.next(), '200 OK', 'x'));
  assert.equal((await paged).status, 200);
});

test('a wrong answer of the gateway is written down', async () => {
  const frontEnd = await start();
  const said = frontEnd.user('romeo@sfb.test').say('ann@out.example', 'x');
  const talk = await gateway.accepted();
  talk.send(answerTo(await talk.next(), '200 OK', 'n'));
  const invite = await talk.next();
  const accepted = answerTo(
    invite,
    '200 OK',
    'g',
    ['Contact: <sip:10.0.0.1:5061;transport=tls>', 'Content-Type: application/sdp'],
    sdp,
  );
  talk.send(accepted.replace(/^Record-Route: .*\r\n/m, '').replace(/^Via: .*\r\n(?=Record|From)/m, ''));
  await talk.next();
  talk.send(answerTo(await talk.next(), '401 Unauthorized', ''));
  await said;
  const found = frontEnd.violations().join('\n');
  for (const what of [
    /NEGOTIATE is answered 200/,
    /Record-Routes are not/,
    /Vias are not/,
    /Contact is not/,
    /credentials/,
  ]) {
    assert.match(found, what);
  }
});

test('waiting for what does not come ends in an error that says so', async () => {
  const frontEnd = await start();
  await assert.rejects(frontEnd.user('romeo@sfb.test').nextMessage({ within: 20, from: 'ann@out.example' }), {
    message: 'romeo@sfb.test received no message from ann@out.example within 20 ms',
  });
});
