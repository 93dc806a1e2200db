// Texts go back to where they were taken from, and what was changed takes its other renderings along.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJid } from './address/jid.ts';
import type { Content, Message } from './packet.ts';
import { rewrite } from './rewrite.ts';
import { partsOf } from './texts-of.ts';

const label = { marking: { scheme: 'uk', level: 'secret', caveats: [] }, privacyMark: 'l' } as const;
const message: Message = {
  ...{ kind: 'message', type: 'chat', body: 'b', subject: 's', thread: 't', nick: 'n', label },
  links: [{ url: 'https://a.example/%64', description: 'd' }],
  reply: { to: 'ann@out.example', id: '1', quotedStart: 0, quotedEnd: 1 },
  otherLanguages: [
    { lang: 'fr', text: 'f' },
    { lang: 'de', text: 'g' },
  ],
};
const room = parseJid('plans@rooms.out.example')!;
const empty = { familyName: '', givenName: '', nickname: '', organisation: '', department: '', title: '', role: '' };
const card: Content = {
  ...{ kind: 'card', fullName: 'F', ...empty, nickname: 'N', url: 'u', note: 'o' },
  emails: [{ use: 'work', value: 'e' }],
  phones: [{ use: 'work', value: 'p' }],
  address: { street: 'st', locality: '', region: '', postalCode: '', country: '', office: '' },
};

/** Every text that has this one as its own becomes `x`. */
function without<C extends Content>(content: C, found: string): C | undefined {
  return rewrite(
    content,
    partsOf({ content }).map(({ text }) => (text === found ? 'x' : text)),
  );
}

test('what nothing was taken out of is the same', () => {
  for (const content of [message, card]) assert.equal(without(content, 'nothing'), content);
});

test('a changed body goes without other languages and without the place of a quotation', () => {
  const { otherLanguages: _, ...alone } = message;
  assert.deepEqual(without(message, 'b'), {
    ...alone,
    body: 'x',
    reply: { to: 'ann@out.example', id: '1', quotedStart: 0, quotedEnd: 0 },
  });
  assert.deepEqual(without(message, 'f'), alone, 'another language alone is left out');
  assert.deepEqual(without(message, 's'), { ...message, subject: 'x' });
  const { nick: _nick, ...nameless } = message;
  assert.deepEqual(without(message, 'n'), nameless);
});

test('of threads, labels, links, reactions and rooms nothing can be taken out', () => {
  for (const text of ['t', 'l', 'https://a.example/%64', 'd', 'a.example/d']) {
    assert.equal(without(message, text), undefined, text);
  }
  assert.equal(without({ kind: 'reactions', toId: '1', emojis: ['e'] }, 'e'), undefined);
  assert.equal(without({ kind: 'chat-state', state: 'active', thread: 't' }, 't'), undefined);
  assert.equal(without({ kind: 'invitation', room, reason: 'r' }, room.bare), undefined);
  assert.deepEqual(without({ kind: 'invitation', room, reason: 'r' }, 'r'), { kind: 'invitation', room, reason: 'x' });
});

test('presence keeps the status that was changed alone; a card loses what has a meaning by itself', () => {
  const presence: Content = {
    ...{ kind: 'presence', availability: 'away', priority: 0, nick: 'n' },
    statuses: [
      { lang: '', text: 'a' },
      { lang: 'de', text: 'b' },
    ],
  };
  assert.deepEqual(without(presence, 'b'), { ...presence, statuses: [{ lang: 'de', text: 'x' }] });
  const { nick: _, ...nameless } = presence;
  assert.deepEqual(without(presence, 'n'), nameless);
  assert.deepEqual(without({ kind: 'subscription', step: 'subscribe', nick: 'n', note: 'o' }, 'o'), {
    ...{ kind: 'subscription', step: 'subscribe', nick: 'n', note: 'x' },
  });
  const { address: _address, ...homeless } = card;
  assert.deepEqual(without(card, 'F'), { ...card, fullName: 'x' });
  assert.deepEqual(without(card, 'e'), { ...card, emails: [] });
  assert.deepEqual(without(card, 'p'), { ...card, phones: [] });
  assert.deepEqual(without(card, 'u'), { ...card, url: '' });
  assert.deepEqual(without(card, 'st'), homeless);
  assert.deepEqual(without(card, 'o'), { ...card, note: 'x' });
});
