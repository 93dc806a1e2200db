// Proves that the users of the fake front end write as Skype clients do (sip-dialect §5).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { issueAuthority, issueCertificate } from '../../../deploy/certificates/issue.ts';
import { contact, fe, gw, newRig, refuseNegotiate } from './front-end.rig.ts';
import { answerTo, lines, sdp, value } from './plain-gateway.ts';

const authority = issueAuthority({ name: 'Test of the fake front end' });
const { gateway, start } = await newRig((dns) => issueCertificate(authority, { dns: [...dns] }), authority.certPem);

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

test('a gateway that does not take the certificate is a 503 at once', async () => {
  const other = issueAuthority({ name: 'Another authority' });
  const { certPem, keyPem } = issueCertificate(other, { dns: [fe] });
  const frontEnd = await start({ cert: certPem, key: keyPem, ca: authority.certPem });
  const began = performance.now();
  assert.equal((await frontEnd.user('romeo@sfb.test').say('ann@out.example', 'x')).status, 503);
  assert.ok(performance.now() - began < 2000);
});

test('waiting for what does not come ends in an error that says so', async () => {
  const frontEnd = await start();
  await assert.rejects(frontEnd.user('romeo@sfb.test').nextMessage({ within: 20, from: 'ann@out.example' }), {
    message: 'romeo@sfb.test received no message from ann@out.example within 20 ms',
  });
});
