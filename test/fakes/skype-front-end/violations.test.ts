// Proves that the fake front end notices a gateway that breaks the dialect.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { issueAuthority, issueCertificate } from '../../../deploy/certificates/issue.ts';
import { ask, contact, fe, inviteHeaders, newRig, openConversation, textHeaders } from './front-end.rig.ts';
import { answerTo, dial, sdp, value } from './plain-gateway.ts';

const authority = issueAuthority({ name: 'Test of the fake front end' });
const { gateway, gatewayTls, start, tlsFor } = await newRig(
  (dns) => issueCertificate(authority, { dns: [...dns] }),
  authority.certPem,
);

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

test('a request before the ACK is noticed', async () => {
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

test('a certificate that does not name the gateway is turned away', async () => {
  const frontEnd = await start();
  const talk = await dial(frontEnd.port, fe, tlsFor('other.test'));
  await talk.ended;
  assert.match(frontEnd.violations().join(), /does not name the gateway/);
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
