// From XMPP into SIP: line ends in subject, thread, resource, language or body, to write headers and requests of one's own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { body, message, startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack();
const crlf = '&#13;&#10;';
const header = `${crlf}Evil: yes${crlf}P-Asserted-Identity: &lt;sip:ceo@in.example&gt;`;
const request = `${crlf}${crlf}BYE sip:bob@in.example SIP/2.0${crlf}Evil: yes${crlf}Content-Length: 0${crlf}${crlf}`;

const places: readonly ((text: string) => string)[] = [
  (text) => message(`<subject>a${text}</subject>${body('subject')}`),
  (text) => message(`<subject>a${text}</subject>`),
  (text) => message(`<thread>a${text}</thread>${body('thread')}`),
  (text) => message(`<thread parent="a${text}">a</thread>${body('parent')}`),
  (text) => message(body('id'), `id="a${text}"`),
  (text) => message(`<body xml:lang="de${text}">language</body>`),
  (text) => message(`<nick xmlns="http://jabber.org/protocol/nick">a${text}</nick>${body('nick')}`),
  (text) => `<message from="ann@out.example/a${text}" to="bob@in.example">${body('resource')}</message>`,
  (text) => `<message from="a${text}@out.example" to="bob@in.example">${body('user')}</message>`,
  (text) => `<message from="ann@out.example" to="bob@in.example/a${text}">${body('recipient')}</message>`,
  (text) => `<message from="ann;tag=evil@out.example" to="bob@in.example">${body(`parameter${text}`)}</message>`,
  (text) => `<message from="a?Evil=yes@out.example" to="bob@in.example">${body(`header${text}`)}</message>`,
  (text) => message(body(`body${text}`)),
  (text) => message(`<composing xmlns="http://jabber.org/protocol/chatstates"/><thread>a${text}</thread>`),
];

// The front end's judgement below is of these as well.
test('eight hundred of them hold up nobody and fill nothing', async () => {
  await site.standsIt(800, async (i) => {
    if (i % 20 > 0) return;
    const peer = await site.openStream();
    for (let k = 0; k < 20; k++) peer.say((places[(i + k) % places.length] ?? body)(k % 2 === 0 ? header : request));
    await wait(5);
    peer.socket.destroy();
  });
});

test('nothing that a partner says becomes a header line, a parameter or a request of its own', async () => {
  for (const place of places) {
    for (const text of [header, request, '\u2028Evil: yes', '&#10;Evil: yes', '&#13;Evil: yes', '&#x85;Evil: yes']) {
      const peer = await site.openStream();
      peer.say(place(text));
      await wait(5);
      peer.socket.destroy();
    }
  }
  await site.stillServes();
  const frontEnd = site.neighbours.frontEnd();
  for (const { direction, text } of frontEnd.log()) {
    if (direction === 'out') continue;
    const head = text.split('\r\n\r\n')[0] ?? '';
    assert.doesNotMatch(head, /^Evil:/im, head);
    assert.doesNotMatch(head, /[^\r]\n|\r[^\n]/, head);
    assert.doesNotMatch(head, /<sip:ceo@|>;tag=evil/, head);
    for (const line of head.split('\r\n').slice(1)) assert.match(line, /^[A-Za-z][A-Za-z-]*: /, line);
  }
  assert.deepEqual(
    frontEnd.violations().filter((each) => !/Ms-Conversation-ID/.test(each)),
    [],
  );
  assert.deepEqual(
    frontEnd
      .user('bob@in.example')
      .received()
      .filter((item) => item.kind === 'bye'),
    [],
  );
});
