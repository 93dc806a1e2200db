// The four stages of the gateway, each by itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJid } from '@sallyport/shared/address/jid.ts';
import type { Marking } from '@sallyport/shared/content/markings/marking.ts';
import type { Content, Packet } from '@sallyport/shared/packet.ts';
import { rulesOfWords } from '@sallyport/shared/policy/content.ts';
import { compileLabels, labelsFile } from '@sallyport/shared/policy/label-schema.ts';
import type { Policy } from '@sallyport/shared/policy/policy.ts';
import { compileRates } from '@sallyport/shared/policy/rate-schema.ts';
import { defaultVocabulary } from '@sallyport/shared/policy/vocabulary.ts';
import type { Verdict } from '@sallyport/shared/verdict.ts';
import { checkAnswer } from './check-answer.ts';
import { checkContent } from './check-content.ts';
import { checkLabel } from './check-label.ts';
import { checkLoop } from './check-loop.ts';
import { checkOrigin } from './check-origin.ts';
import { checkPermission } from './check-permission.ts';
import type { Situation } from './situation.ts';

const now = 1_800_000_000_000;
const hour = 3_600_000;

const judged: unknown[] = [];
const rules = rulesOfWords(
  (['inward', 'outward'] as const).map((direction) => ({
    id: `r7-${direction}`,
    direction,
    publicText: 'please do not',
    words: [`bad ${direction}`],
  })),
);

const policy: Policy = {
  revision: 'r1',
  partners: new Map([
    [
      'out.example',
      {
        domain: 'out.example',
        connect: [],
        trust: [],
        mayTalk: (external, internal) => external.local === 'ann' && internal.local === 'bob',
        rates: compileRates(),
        invalid: 'refuse',
        unknown: 'strip',
      },
    ],
  ]),
  content: {
    ...rules,
    evaluate(subject) {
      judged.push([subject.direction, ...subject.parts.map(({ text }) => text)]);
      return rules.evaluate(subject);
    },
  },
};

function situation(network: 'xmpp' | 'sip', more: Partial<Situation> = {}): Situation {
  return {
    origin: { network, peer: 'x' },
    direction: network === 'xmpp' ? 'inward' : 'outward',
    domains: new Set(['in.example', 'in2.example']),
    users: new Set(['bob@in.example', 'carl@in.example']),
    policy,
    now,
    sentByUs: (id) => id === 'ours',
    isAnswered: (id, internal, external) =>
      id === 'asked' && internal.bare === 'bob@in.example' && external.bare === 'a@x.example',
    ...more,
  };
}

function packet(from: string, to: string, more: Partial<Packet> = {}, body = 'hello'): Packet {
  const content: Content = { kind: 'message', type: 'chat', body };
  const base = { id: 'p1', at: now, delayed: false, stanzaId: '', lang: '', content };
  return { ...base, from: parseJid(from)!, to: parseJid(to)!, ...more };
}

const said = (verdict: Verdict<Packet>) => (verdict.passed ? 'passed' : verdict.refusal.code);
const ann = 'ann@out.example/desk';
const bob = 'bob@in.example';

test('from XMPP only what comes from an outer domain and goes to an inner one is believed', () => {
  assert.equal(said(checkOrigin(packet(ann, bob), situation('xmpp'))), 'passed');
  assert.equal(said(checkOrigin(packet('eve@in.example', bob), situation('xmpp'))), 'origin-disbelieved');
  assert.equal(said(checkOrigin(packet('eve@in2.example', bob), situation('xmpp'))), 'origin-disbelieved');
  assert.equal(said(checkOrigin(packet(ann, 'x@other.example'), situation('xmpp'))), 'origin-disbelieved');
});

test('from SIP only what comes from an inner domain is believed', () => {
  assert.equal(said(checkOrigin(packet(bob, ann), situation('sip'))), 'passed');
  assert.equal(said(checkOrigin(packet(ann, bob), situation('sip'))), 'origin-disbelieved');
});

test('ids and times that cannot be are disbelieved', () => {
  const origin = (more: Partial<Packet>) => said(checkOrigin(packet(ann, bob, more), situation('xmpp')));
  assert.equal(origin({ id: '' }), 'origin-disbelieved');
  assert.equal(origin({ id: 'a b' }), 'origin-disbelieved');
  assert.equal(origin({ id: 'x'.repeat(129) }), 'origin-disbelieved');
  assert.equal(origin({ id: 'x'.repeat(128) }), 'passed');
  assert.equal(origin({ at: Number.NaN }), 'origin-disbelieved');
  assert.equal(origin({ at: now + hour + 1 }), 'origin-disbelieved');
  assert.equal(origin({ at: now + hour }), 'passed');
  assert.equal(origin({ at: now - 25 * hour }), 'origin-disbelieved');
  assert.equal(origin({ at: now - 25 * hour, delayed: true }), 'passed');
  assert.equal(origin({ at: now - 367 * 24 * hour, delayed: true }), 'origin-disbelieved');
});

test('two of one side are a loop, and so is what we sent out ourselves', () => {
  assert.equal(said(checkLoop(packet(bob, 'carl@in2.example'), situation('sip'))), 'loop-detected');
  assert.equal(said(checkLoop(packet(ann, 'x@other.example'), situation('xmpp'))), 'loop-detected');
  assert.equal(said(checkLoop(packet(ann, bob, { id: 'ours' }), situation('xmpp'))), 'loop-detected');
  assert.equal(said(checkLoop(packet(ann, bob), situation('xmpp'))), 'passed');
});

test('the internal user must be listed, the partner known, the pair allowed', () => {
  const permission = (from: string, to: string, network: 'xmpp' | 'sip') =>
    said(checkPermission(packet(from, to), situation(network)));
  assert.equal(permission(ann, bob, 'xmpp'), 'passed');
  assert.equal(permission(bob, ann, 'sip'), 'passed');
  assert.equal(permission(ann, 'nobody@in.example', 'xmpp'), 'user-unknown');
  assert.equal(permission('nobody@in.example', ann, 'sip'), 'not-permitted');
  assert.equal(permission(ann, 'carl@in.example', 'xmpp'), 'not-permitted');
  assert.equal(permission(bob, 'zoe@out.example', 'sip'), 'not-permitted');
  assert.equal(permission(bob, 'x@other.example', 'sip'), 'partner-unknown');
  assert.equal(permission('x@other.example', bob, 'xmpp'), 'not-permitted');
});

test('an empty list of users refuses everyone', () => {
  const nobody = situation('xmpp', { users: new Set() });
  assert.equal(said(checkPermission(packet(ann, bob), nobody)), 'user-unknown');
});

test('texts are judged by the rules of their direction, with rule and public text', () => {
  judged.length = 0;
  assert.equal(said(checkContent(packet(bob, ann, {}, 'bad inward'), situation('sip'))), 'passed');
  assert.deepEqual(judged, [['outward', 'bad inward']]);
  assert.equal(said(checkContent(packet(ann, bob, {}, 'bad inward'), situation('xmpp'))), 'content-refused');
  assert.deepEqual(checkContent(packet(bob, ann, {}, 'bad outward'), situation('sip')), {
    passed: false,
    refusal: { code: 'content-refused', rule: 'r7-outward', publicText: 'please do not', lang: '' },
  });
});

test('texts too long, with control characters or with half a character are refused, in both directions', () => {
  const content = (body: string) => [
    said(checkContent(packet(ann, bob, {}, body), situation('xmpp'))),
    said(checkContent(packet(bob, ann, {}, body), situation('sip'))),
  ];
  assert.deepEqual(content('x'.repeat(65_536)), ['passed', 'passed']);
  assert.deepEqual(content('x'.repeat(65_537)), ['too-large', 'too-large']);
  assert.deepEqual(content('a\u0000b'), ['text-unclean', 'text-unclean']);
  assert.deepEqual(content('a\u001bb'), ['text-unclean', 'text-unclean']);
  assert.deepEqual(content('a\ud83d'), ['text-unclean', 'text-unclean']);
  assert.deepEqual(content('line\r\n\tשלום 👋'), ['passed', 'passed']);
});

test('an error from outside must answer what its two people said to each other; anything else is passed', () => {
  const bounce = (ofId: string): Partial<Packet> => ({
    content: { kind: 'bounce', ofId, ofKind: 'message', code: 'far-away', publicText: '', incident: '' },
  });
  assert.equal(
    said(checkAnswer(packet('a@x.example', 'bob@in.example', bounce('asked')), situation('xmpp'))),
    'passed',
  );
  assert.equal(
    said(checkAnswer(packet('a@x.example', 'bob@in.example', bounce('made-up')), situation('xmpp'))),
    'answer-not-asked',
  );
  assert.equal(
    said(checkAnswer(packet('b@x.example', 'bob@in.example', bounce('asked')), situation('xmpp'))),
    'answer-not-asked',
  );
  assert.equal(said(checkAnswer(packet('a@x.example', 'bob@in.example'), situation('xmpp'))), 'passed');
  assert.equal(said(checkAnswer(packet('bob@in.example', 'a@x.example', bounce('any')), situation('sip'))), 'passed');
});

test('a label comes in from partners that speak labels, if people can be shown it; what leaves to them gets one', () => {
  const partner = policy.partners.get('out.example') ?? assert.fail();
  const speaks = { ...partner, vocabulary: new Set([...defaultVocabulary, 'labels' as const]) };
  const labels = compileLabels(
    labelsFile.parse({
      ess: [{ policy: '1.3.6.1.4.1.32473.1', scheme: 'uk', levels: { official: 1, secret: 4 } }],
      everyone: { unlabelled: { outward: 'UK OFFICIAL' } },
    }),
  );
  const speaking = { ...policy, labels, partners: new Map([['out.example', speaks]]) };
  const official: Marking = { scheme: 'uk', level: 'official', caveats: [] };
  const message = (body: string, marking?: Marking): Content => ({
    ...{ kind: 'message', type: 'chat', body },
    ...(marking === undefined ? {} : { label: { marking } }),
  });
  const comes = (marking: Marking, under: Policy = speaking) => {
    const from = { ...packet(ann, bob), content: message('x', marking) };
    return said(checkLabel(from, situation('xmpp', { policy: under })));
  };
  assert.equal(comes(official), 'passed');
  assert.equal(comes(official, policy), 'not-carried');
  assert.equal(comes({ scheme: 'nato', level: 'official', caveats: [] }), 'label-unknown', 'there is no such marking');
  assert.equal(comes({ ...official, caveats: ['REL TO USA'] }), 'label-unknown', 'nor one that reads as another');
  const leaves = (body: string, under: Policy = speaking) => {
    const verdict = checkLabel({ ...packet(bob, ann), content: message(body) }, situation('sip', { policy: under }));
    if (!verdict.passed) return verdict.refusal.code;
    return verdict.subject.content.kind === 'message' ? verdict.subject.content.label?.marking.level : '';
  };
  assert.equal(leaves('lunch?'), 'official');
  assert.equal(leaves('UK SECRET: lunch?'), 'secret');
  assert.equal(leaves('UK TOP SECRET: lunch?'), 'label-unknown');
  assert.equal(leaves('UK SECRET: lunch?', policy), undefined);
});
