// No text of a packet is out of the sight of content rules.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJid } from './address/jid.ts';
import { textsOf } from './texts-of.ts';

test('every text of a message is seen, each by itself', () => {
  const content = {
    kind: 'message',
    type: 'chat',
    body: 'body',
    subject: 'subject',
    thread: 'thread',
    nick: 'nick',
    links: [{ url: 'url', description: '' }],
    otherLanguages: [{ lang: 'fr', text: 'other' }],
  } as const;
  assert.deepEqual(textsOf({ content }), ['body', 'subject', 'thread', 'nick', 'url', 'other']);
});

test('a link is seen as it is and as it reads without escapes', () => {
  const read = (url: string) =>
    textsOf({ content: { kind: 'message', type: 'chat', body: '', links: [{ url, description: 'd' }] } });
  assert.deepEqual(read('https://a.example/plain'), ['https://a.example/plain', 'd']);
  assert.deepEqual(read('https://a.example/%64ir%E2%80%8Bty%ff%00?q=%C3%BC')[1], 'a.example/dirty\ufffd ?q=ü');
  assert.deepEqual(read('https://xn--bcher-kva.example/')[1], 'bücher.example/');
  assert.deepEqual(read('no link'), ['no link', 'd']);
});

test('presence, subscriptions, cards, reactions and invitations have texts as well', () => {
  assert.deepEqual(
    textsOf({ content: { kind: 'presence', availability: 'away', statuses: [{ lang: '', text: 's' }], priority: 0 } }),
    ['s'],
  );
  assert.deepEqual(textsOf({ content: { kind: 'subscription', step: 'subscribe', nick: 'n', note: 'o' } }), ['n', 'o']);
  assert.deepEqual(textsOf({ content: { kind: 'reactions', toId: '1', emojis: ['e'] } }), ['e']);
  const room = parseJid('plans@rooms.out.example');
  assert(room !== undefined);
  assert.deepEqual(textsOf({ content: { kind: 'invitation', room, reason: 'r' } }), ['plans@rooms.out.example', 'r']);
});

test('a refusal has none, since a refusal is never refused', () => {
  const content = {
    kind: 'bounce',
    ofId: '1',
    ofKind: 'message',
    code: 'far-away',
    publicText: 'text',
    incident: '',
  } as const;
  assert.deepEqual(textsOf({ content }), []);
});
