// The table of the vocabulary in the proxy's README is what the code speaks, and each word does what it says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { admit } from '../../dmz-proxy/inbound.ts';
import { element, partner, situation } from '../../dmz-proxy/situation.fixtures.ts';
import { presenceRows } from '../../dmz-proxy/stanza/presence-vocabulary.ts';
import { messageRows, queryRows } from '../../dmz-proxy/stanza/vocabulary.ts';
import {
  allVocabularyWords,
  type VocabularyWord,
  vocabularyProfiles,
  vocabularyWords,
} from '../../shared/policy/vocabulary.ts';
import { root } from '../architecture/sources.ts';

test('the README of the proxy says of each word what it is, and which profile has it', () => {
  const rows = readFileSync(path.join(root, 'dmz-proxy/README.md'), 'utf8').match(/^\| `[a-z-]+` \| .* \|$/gm) ?? [];
  const has = (profile: keyof typeof vocabularyProfiles, word: VocabularyWord) =>
    vocabularyProfiles[profile].has(word) ? 'yes' : 'no';
  assert.deepEqual(
    rows,
    allVocabularyWords.map(
      (word) => `| \`${word}\` | ${vocabularyWords[word]} | ${has('im-minimal', word)} | ${has('im-standard', word)} |`,
    ),
  );
});

test('each word is asked for by the grammar, but for presence as a whole and for what only we say', () => {
  const asked = new Set([...messageRows, ...presenceRows, ...queryRows].map(({ word }) => word));
  assert.deepEqual(
    allVocabularyWords.filter((word) => !asked.has(word)),
    ['presence', 'arrivals'],
  );
});

/** For each word of a message: a stanza that says it, and what the packet then has. */
const said: readonly (readonly [VocabularyWord, string, string])[] = [
  ['chat-states', "<active xmlns='http://jabber.org/protocol/chatstates'/>", 'chatState'],
  ['receipts', "<request xmlns='urn:xmpp:receipts'/>", 'receiptRequested'],
  ['nicknames', "<nick xmlns='http://jabber.org/protocol/nick'>Ann</nick>", 'nick'],
  ['corrections', "<replace xmlns='urn:xmpp:message-correct:0' id='m0'/>", 'replaces'],
  ['links', "<x xmlns='jabber:x:oob'><url>https://a.example/</url></x>", 'links'],
  ['replies', "<reply xmlns='urn:xmpp:reply:0' to='bob@in.example' id='m0'/>", 'reply'],
  ['markers', "<markable xmlns='urn:xmpp:chat-markers:0'/>", 'markable'],
];

for (const [word, child, field] of said) {
  test(`${word}: taken with the word, taken out without it, and the text arrives either way`, () => {
    const all = new Set(allVocabularyWords);
    const without = new Set(allVocabularyWords.filter((each) => each !== word));
    for (const vocabulary of [all, without]) {
      const text = `<message from='ann@out.example' to='bob@in.example' id='m1'><body>x</body>${child}</message>`;
      const admitted = admit(element(text), 1, situation({ partner: { ...partner, vocabulary } }), () => 'boot-1');
      assert(admitted.kind === 'packet' && admitted.packet.content.kind === 'message');
      assert.equal(admitted.packet.content.body, 'x');
      assert.equal(Reflect.has(admitted.packet.content, field), vocabulary === all);
    }
  });
}
