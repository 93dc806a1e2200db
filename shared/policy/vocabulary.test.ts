// The vocabulary of a partner: the profiles, and what an entry makes of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partnersFile } from './policy-schema.ts';
import { compileVocabulary, vocabularyProfiles } from './vocabulary.ts';

const entry = (more: object) => ({
  partners: [{ domain: 'out.example', connect: 'dns', trust: ['trust/a.pem'], mayTalk: 'everyone', ...more }],
});
const problems = (more: object) =>
  partnersFile.safeParse(entry(more)).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

test('im-standard holds all of im-minimal, and an entry that says nothing has it', () => {
  const standard = vocabularyProfiles['im-standard'];
  assert.ok([...vocabularyProfiles['im-minimal']].every((word) => standard.has(word)));
  assert.equal(partnersFile.parse(entry({})).partners[0]?.vocabulary, 'im-standard');
});

test('words are added and taken away, and equal entries share one set', () => {
  const words = compileVocabulary('im-standard', ['markers'], ['receipts']);
  assert.equal(words.has('markers'), true);
  assert.equal(words.has('receipts'), false);
  assert.equal(compileVocabulary('im-minimal'), vocabularyProfiles['im-minimal']);
});

test('a word that is unknown, or that changes nothing, is a mistake', () => {
  assert.match(problems({ with: ['marker'] })[0] ?? '', /^partners\.0\.with\.0: .*write one of presence/);
  assert.deepEqual(problems({ with: ['receipts'] }), [
    'partners.0.with.0: receipts is in im-standard already; remove it',
  ]);
  assert.deepEqual(problems({ vocabulary: 'im-minimal', without: ['receipts'] }), [
    'partners.0.without.0: receipts is not in im-minimal; remove it',
  ]);
});

test('a room is one room, written out', () => {
  assert.deepEqual(problems({ rooms: ['plans@rooms.out.example'] }), []);
  for (const room of ['*@rooms.out.example', 'rooms.out.example', 'plans@rooms.out.example/ann']) {
    assert.match(problems({ rooms: [room] })[0] ?? '', /^partners\.0\.rooms\.0: .*write the address of one room/, room);
  }
});
