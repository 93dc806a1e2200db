// Proves how the fake front end answers a gateway, as clients do or as a test has ordered (sip-dialect §§2 to 5).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { issueAuthority, issueCertificate } from '../../../deploy/certificates/issue.ts';
import { ask, fe, inviteHeaders, newRig, openConversation, textHeaders } from './front-end.rig.ts';
import { dial, lines, sdp } from './plain-gateway.ts';

const authority = issueAuthority({ name: 'Test of the fake front end' });
const { gatewayTls, start } = await newRig((dns) => issueCertificate(authority, { dns: [...dns] }), authority.certPem);

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
