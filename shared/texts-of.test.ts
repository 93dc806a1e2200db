// No text of a packet is out of the sight of content rules.
import assert from 'node:assert/strict';
import { test } from 'node:test';
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

test('presence, subscriptions, cards, reactions and invitations have texts as well', () => {
  assert.deepEqual(
    textsOf({ content: { kind: 'presence', availability: 'away', statuses: [{ lang: '', text: 's' }], priority: 0 } }),
    ['s'],
  );
  assert.deepEqual(textsOf({ content: { kind: 'subscription', step: 'subscribe', nick: 'n', note: 'o' } }), ['n', 'o']);
  assert.deepEqual(textsOf({ content: { kind: 'reactions', toId: '1', emojis: ['e'] } }), ['e']);
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
