// No text of a packet is out of the sight of content rules.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJid } from './address/jid.ts';
import type { Message } from './packet.ts';
import { charactersOf, partsOf, textsOf } from './texts-of.ts';

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

test('one field more is seen as well as all of them together, by whoever looks for texts, parts or characters', () => {
  const more: readonly Partial<Message>[] = [
    {},
    { subject: 'more' },
    { thread: 'more' },
    { nick: 'more' },
    { label: { marking: { scheme: 'tlp', level: 'red', caveats: [] } } },
    { links: [{ url: 'more', description: '' }] },
    { otherLanguages: [{ lang: 'fr', text: 'more' }] },
  ];
  for (const field of more) {
    const content: Message = { kind: 'message', type: 'chat', body: 'body', ...field };
    const texts = textsOf({ content });
    assert.deepEqual(texts.length, 1 + Object.keys(field).length, JSON.stringify(field));
    assert.deepEqual(
      partsOf({ content }).map(({ text }) => text),
      texts,
    );
    assert.equal(charactersOf({ content }), texts.join('').length);
  }
  const empty: Message = { kind: 'message', type: 'chat', body: '', thread: '' };
  assert.deepEqual(
    [textsOf({ content: empty }), partsOf({ content: empty }), charactersOf({ content: empty })],
    [[], [], 0],
  );
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
