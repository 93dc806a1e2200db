// The way out as a whole: the order of the stages, and what leaves.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { release } from './outbound.ts';
import { jid, packet, releaseSituation } from './situation.fixtures.ts';

test('a clean packet leaves as it is', () => {
  const clean = packet();
  const verdict = release(clean, releaseSituation());
  assert(verdict.passed);
  assert.equal(verdict.subject, clean);
});

test('what leaves is the cleaned text, and the rules see it', () => {
  const saying = (body: string) => packet({ content: { kind: 'message', type: 'chat', body } });
  const verdict = release(saying('pass\u200bword'), releaseSituation());
  assert(verdict.passed && verdict.subject.content.kind === 'message');
  assert.equal(verdict.subject.content.body, 'password');
  const refused = release(saying('sec\u200bret'), releaseSituation());
  assert(!refused.passed);
  assert.deepEqual(refused.refusal, {
    code: 'content-refused',
    rule: 'secret',
    publicText: 'Mind your words.',
    lang: '',
    stage: 'checkContentOutward',
  });
});

test('who may not talk is refused before anybody reads the text', () => {
  const seen: string[] = [];
  const content = { kind: 'message', type: 'chat', body: 'secret' } as const;
  const verdict = release(packet({ to: jid('mallory@out.example'), content }), releaseSituation(), (stage) =>
    seen.push(stage),
  );
  assert.equal(verdict.passed ? '' : verdict.refusal.code, 'not-permitted');
  assert.deepEqual(seen, ['checkPartnerOutward']);
});

test('what is too large does not leave', () => {
  const content = { kind: 'message', type: 'chat', body: 'x'.repeat(1001) } as const;
  const verdict = release(packet({ content }), releaseSituation());
  assert.equal(verdict.passed ? '' : verdict.refusal.code, 'too-large');
});
