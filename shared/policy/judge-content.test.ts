// The verdict of content rules about a packet: what was said before, what machines make up, and faults of ours.
import assert from 'node:assert/strict';
import test from 'node:test';
import { parseJid } from '../address/jid.ts';
import { createTails } from '../content/tails.ts';
import type { Content } from '../packet.ts';
import { compileContent, rulesOfWords } from './content.ts';
import { type ContentTerms, judgeContent } from './judge-content.ts';
import type { Policy } from './policy.ts';

const [ann, amy, bob] = ['ann@out.example/x', 'amy@out.example', 'bob@in.example'].map((text) => parseJid(text)!);
const words = (action: 'block' | 'redact') =>
  rulesOfWords([{ id: 'w', direction: 'both', publicText: 'no', words: ['nightingale'], action }]);
const policyOf = (content: Policy['content']): Policy => ({ revision: 'r', partners: new Map(), content });

function judge(content: string | Content, terms: Partial<ContentTerms>, from = ann!, to = bob!) {
  const told = typeof content === 'string' ? ({ kind: 'message', type: 'chat', body: content } as const) : content;
  const whole = { policy: policyOf(words('block')), direction: 'inward', now: 0, ...terms } as const;
  const verdict = judgeContent({ from, to, lang: '', stanzaId: 'nightingale', content: told }, whole);
  if (!verdict.passed) return `${verdict.refusal.code} ${verdict.refusal.rule}`;
  return verdict.subject.content.kind === 'message' ? verdict.subject.content.body : 'passed';
}

test('a word over two messages is refused with the one that ends it, in one conversation and within its time', () => {
  let now = 0;
  const tails = createTails({ now: () => now });
  assert.equal(judge('night', { tails }), 'night');
  assert.equal(judge('ingale', { tails }, amy), 'ingale', 'somebody else has not said the beginning');
  assert.equal(judge('ingale', { tails }, bob, ann), 'ingale', 'nor has who answers');
  assert.equal(judge('ingale', { tails }), 'content-refused w');
  assert.equal(judge('good day', { tails }), 'good day', 'what was refused is not remembered');
  assert.equal(judge('night', { tails }), 'night');
  now = 121_000;
  assert.equal(judge('ingale', { tails }), 'ingale');
});

test('a word over two messages cannot be taken out, and is refused', () => {
  const tails = createTails({ now: () => 0 });
  const policy = policyOf(words('redact'));
  assert.equal(judge('a nightingale', { tails, policy }), 'a [REDACTED:w]');
  assert.equal(judge('night', { tails, policy }), 'night');
  assert.equal(judge('ingale', { tails, policy }), 'content-refused w');
});

test('ids and resources are looked at by rules that name them alone', () => {
  assert.equal(judge('harmless', {}), 'harmless', 'its stanza id is the word');
  const made = compileContent(
    {
      detectors: [{ id: 'w', source: { kind: 'terms', list: { terms: [{ text: 'nightingale' }] } } }],
      rules: [
        {
          ...{ id: 'ids', when: { kind: 'found', detector: 'w' }, action: 'redact', mode: 'enforce' },
          ...{ direction: 'both', parts: ['id'] },
        },
      ],
    },
    new Map(),
  );
  assert.ok(made.ok);
  assert.equal(judge('a nightingale', { policy: policyOf(made.content) }), 'content-refused ids', 'and nothing else');
});

test('a refusal is never refused, and a rule that throws lets nothing pass', () => {
  const bounce = { kind: 'bounce', ofId: '1', ofKind: 'message', code: 'far-away', incident: '' } as const;
  assert.equal(judge({ ...bounce, publicText: 'nightingale' }, {}), 'passed');
  const faulty = compileContent(
    {
      detectors: [],
      rules: [
        {
          ...{ id: 'r', when: { kind: 'unlabelled' }, action: 'warn', mode: 'enforce', direction: 'both' },
          applies: () => {
            throw new Error('a bug');
          },
        },
      ],
    },
    new Map(),
  );
  assert.ok(faulty.ok);
  assert.equal(judge('harmless', { policy: policyOf(faulty.content) }), 'content-refused engine-fault');
});

test('text that turns the direction of reading is refused by itself', () => {
  assert.equal(judge('a \u2067b\u2069', {}), 'content-refused bidi-controls');
});
