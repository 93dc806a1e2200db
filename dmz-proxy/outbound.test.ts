// The way out as a whole: the order of the stages, and what leaves.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileLabels, labelsFile } from '@sallyport/shared/policy/label-schema.ts';
import { defaultVocabulary } from '@sallyport/shared/policy/vocabulary.ts';
import { release } from './outbound.ts';
import { jid, packet, partner, releaseSituation } from './situation.fixtures.ts';
import { packetToStanza } from './stanza/packet-to-stanza.ts';

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

test('a label leaves to partners that speak labels, and to nobody else', () => {
  const ess = [{ policy: '1.3.6.1.4.1.32473.1', scheme: 'uk', levels: { official: 1, secret: 4 } }];
  const labels = compileLabels(labelsFile.parse({ ess }));
  const policy = { ...releaseSituation().policy, labels };
  const vocabulary = new Set([...defaultVocabulary, 'labels' as const]);
  const label = { marking: { scheme: 'uk', level: 'official', caveats: [] } } as const;
  const said = packet({ content: { kind: 'message', type: 'chat', body: 'x', label } });
  const leaves = (to: typeof partner) => {
    const verdict = release(said, releaseSituation({ partner: to, policy }));
    assert(verdict.passed);
    return packetToStanza(verdict.subject, false, { labels }) ?? '';
  };
  assert.match(
    leaves({ ...partner, vocabulary }),
    /<body>x<\/body><securitylabel xmlns="urn:xmpp:sec-label:0"><displaymarking>UK OFFICIAL<\/displaymarking><label><esssecuritylabel xmlns="urn:xmpp:sec-label:ess:0">MQ4CAQEGCSsGAQQBgf1ZAQ==<\/esssecuritylabel><\/label><\/securitylabel><\/message>$/,
  );
  assert.doesNotMatch(leaves(partner), /label/);
  const seen: string[] = [];
  release(said, releaseSituation({ policy }), (stage) => seen.push(stage));
  assert(!seen.includes('checkLabelOutward'), 'who speaks no labels does not pay for them');
  const gone = packetToStanza(said, false, { labels: compileLabels() });
  assert.equal(gone, undefined, 'a label that the policy cannot write any more');
});
