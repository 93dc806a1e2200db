// Text hygiene reaches every text of every packet, not the body alone (xmpp-boundary §2.6).
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Content, Message, SecurityLabel } from '@sallyport/shared/packet.ts';
import { textsOf } from '@sallyport/shared/texts-of.ts';
import { jid } from '../situation.fixtures.ts';
import { cleanText } from './clean-text.ts';

function clean(content: Content): Content | string {
  const verdict = cleanText({ content });
  return verdict.passed ? verdict.subject.content : verdict.refusal.code;
}

function message(more: Partial<Message>): Message {
  return { kind: 'message', type: 'chat', body: 'b', ...more };
}

// One of each that carries texts; `x` stands where a person writes.
const label = (privacyMark: string): SecurityLabel => ({
  marking: { scheme: 'uk', level: 'official', caveats: [] },
  privacyMark,
});
const carrying: readonly (readonly [string, (x: string) => Content])[] = [
  ['a body', (x) => message({ body: x })],
  ['a subject', (x) => message({ subject: x })],
  ['a thread', (x) => message({ thread: x })],
  ['a body of another language', (x) => message({ otherLanguages: [{ lang: 'fr', text: x }] })],
  ['a name', (x) => message({ nick: x })],
  ['the address of a link', (x) => message({ links: [{ url: x, description: '' }] })],
  ['the words of a link', (x) => message({ links: [{ url: 'https://a.example/', description: x }] })],
  ['the privacy mark of a label', (x) => message({ label: label(x) })],
  ['the thread of typing', (x) => ({ kind: 'chat-state', state: 'composing', thread: x })],
  ['a status', (x) => ({ kind: 'presence', availability: 'away', statuses: [{ lang: '', text: x }], priority: 0 })],
  ['a name in presence', (x) => ({ kind: 'presence', availability: 'away', statuses: [], priority: 0, nick: x })],
  ['a name in a contact request', (x) => ({ kind: 'subscription', step: 'subscribe', nick: x })],
  ['a note in a contact request', (x) => ({ kind: 'subscription', step: 'subscribe', note: x })],
  ['the reason of an invitation', (x) => ({ kind: 'invitation', room: jid('r@rooms.out.example'), reason: x })],
];

suite('wherever a person writes', () => {
  for (const [name, content] of carrying) {
    test(`${name}: what hides is taken out, what reorders is refused, the rest stays the same object`, () => {
      assert.deepEqual(clean(content('pass\u200bwo\u00adrd')), content('password'));
      assert.equal(clean(content('a\u202eb')), 'text-unclean');
      const good = content('Grüße 👩\u200d👧');
      assert.equal(clean(good), good);
      // And the content rules see it.
      assert(textsOf({ content: content('password') }).includes('password'));
    });
  }
});

test('a name of which nothing visible stays is left out', () => {
  assert.deepEqual(clean(message({ nick: '\u200b\u2060' })), message({}));
});

test('where the body was changed nobody knows any more where its quotation stands', () => {
  const reply = { to: '', id: 'm0', quotedStart: 0, quotedEnd: 3 };
  assert.deepEqual(
    clean(message({ body: 'a\u200bbc', reply })),
    message({ body: 'abc', reply: { ...reply, quotedEnd: 0 } }),
  );
  assert.deepEqual(clean(message({ body: 'abc', reply })), message({ body: 'abc', reply }));
});

test('reactions, retractions, receipts and refusals are as the grammar has left them', () => {
  const contents: readonly Content[] = [
    { kind: 'reactions', toId: 'm0', emojis: ['👩\u200d👧'] },
    { kind: 'retraction', ofId: 'm0' },
    { kind: 'receipt', what: 'received', ofId: 'm0' },
    { kind: 'probe' },
  ];
  for (const content of contents) assert.equal(clean(content), content);
});
