// Markings as people write them, prose that is none, the lattice, and labels.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { casedOf } from '../cased.ts';
import { markingOf, markingText } from './label.ts';
import { type Clearance, dominates, isAtLeast, joinOf, levels, type Marking } from './marking.ts';
import { findMarkings } from './parse-markings.ts';

const read = (text: string) => findMarkings(casedOf({ text, ascii: /^[\x00-\x7f]*$/.test(text) }));
const said = ({ scheme, level, caveats, releasableTo }: Marking) =>
  [scheme, level, ...caveats, ...(releasableTo === undefined ? [] : [`to ${releasableTo.join(' ')}`])].join(', ');

test('each scheme is read by its grammar, and is sure where it stands as a marking stands', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['UK SECRET', 'uk, secret'],
    ['OFFICIAL-SENSITIVE', 'uk, restricted'],
    ['OFFICIAL - SENSITIVE: COMMERCIAL', 'uk, restricted, COMMERCIAL'],
    ['OFFICIAL SENSITIVE\nplease read', 'uk, restricted'],
    ['*** TOP SECRET STRAP2 ***', 'uk, top-secret, STRAP2'],
    ['UK TOP SECRET - UK EYES ONLY', 'uk, top-secret, to GBR'],
    ['SECRET UK/US EYES ONLY', 'uk, secret, to GBR USA'],
    ['OFFICIAL: RECIPIENTS ONLY', 'uk, official, RECIPIENTS ONLY'],
    ['Classification: Official-Sensitive', 'uk, restricted'],
    ['hello\nSECRET\nhello', 'plain, secret'],
    ['TOP SECRET//SI/TK//NOFORN', 'us, top-secret, SI, TK, to USA'],
    ['(TS//SI//NF) the plans', 'us, top-secret, SI, to USA'],
    ['(S//REL TO USA, FVEY) text', 'us, secret, to AUS CAN FVEY GBR NZL USA'],
    ['(U//FOUO) text', 'us, unclassified, FOUO'],
    ['CUI//SP-PRVCY//NOFORN', 'us, restricted, SP-PRVCY, to USA'],
    ['SECRET//ORCON/NOFORN', 'us, secret, ORCON, to USA'],
    ['COSMIC TOP SECRET ATOMAL', 'nato, top-secret, ATOMAL'],
    ['NATO SECRET', 'nato, secret'],
    ['NATO RESTRICTED RELEASABLE TO SWE, FIN', 'nato, restricted, to FIN SWE'],
    ['[NATO CONFIDENTIAL]', 'nato, confidential'],
    ['RESTREINT UE/EU RESTRICTED', 'eu, restricted'],
    ['TRÈS SECRET UE/EU TOP SECRET', 'eu, top-secret'],
    ['TLP:AMBER+STRICT', 'tlp, amber+strict'],
    ['see below tlp:red', ''],
    ['TLP:RED minutes of today', 'tlp, red'],
    ['ЅЕСRЕТ//NOFORN', 'us, secret, to USA'],
    ['ＵＫ ＳＥＣＲＥＴ', 'uk, secret'],
  ];
  for (const [text, expected] of cases) {
    const [first] = read(text).filter(({ score }) => score >= 75);
    assert.equal(first === undefined ? '' : said(first.marking), expected, text);
  }
});

test('no marking goes over the end of a line', () => {
  const written = [
    'OFFICIAL - SENSITIVE: COMMERCIAL',
    'UK TOP SECRET - UK EYES ONLY',
    'TOP SECRET//SI/TK//REL TO USA, FVEY',
    'NATO SECRET ATOMAL RELEASABLE TO FIN, SWE',
    'TLP: AMBER + STRICT',
    '(TS//SI//NF) the plans',
    'EU SECRET',
  ];
  for (const text of written) {
    assert.ok(read(text).length > 0, text);
    for (let at = 1; at < text.length; at++) {
      for (const broken of [`${text.slice(0, at)}\n${text.slice(at)}`, `${text.slice(0, at)}\n${text.slice(at + 1)}`])
        for (const { start, end } of read(broken)) assert.ok(!broken.slice(start, end).includes('\n'), broken);
    }
  }
});

test('prose is no marking, and a word in capitals within a sentence is a guess', () => {
  for (const text of [
    'this is a secret',
    'Top secret recipe for scones',
    'our official partner',
    'SECRET Santa is on Friday',
    'do not tell, it is SECRET ok',
    'the OFFICIAL result is out',
    'Restricted area ahead, take care',
    'http://secret.example//x',
    'I have a c in maths (c)',
    'he is confidential about it',
    'She protects the SBU guy',
    '(S) small, (M) medium, (c) 2026',
  ]) {
    assert.deepEqual(
      read(text)
        .filter(({ score }) => score >= 75)
        .map(({ marking }) => said(marking)),
      [],
      text,
    );
  }
  assert.equal(read('the NATO SECRET one')[0]?.score, 70);
  assert.equal(read('it is SECRET ok')[0]?.score, 50);
});

const someMarking: fc.Arbitrary<Marking> = fc.record(
  {
    scheme: fc.constantFrom('uk' as const, 'us' as const),
    level: fc.constantFrom(...levels),
    caveats: fc.subarray(['ATOMAL', 'ORCON', 'SI']),
    releasableTo: fc.subarray(['FRA', 'GBR', 'USA']),
  },
  { requiredKeys: ['scheme', 'level', 'caveats'] },
);
const someClearance: fc.Arbitrary<Clearance> = fc.record({
  levels: fc.record({ uk: fc.constantFrom(...levels), us: fc.constantFrom(...levels) }, { requiredKeys: [] }),
  caveats: fc.subarray(['ATOMAL', 'ORCON', 'SI']),
  nations: fc.subarray(['FRA', 'GBR', 'USA']),
});

test('a clearance that covers a marking covers all that is less strict, and the join of two only with both', () => {
  fc.assert(
    fc.property(someMarking, someMarking, someClearance, (a, b, clearance) => {
      assert.ok(isAtLeast(a, a));
      if (isAtLeast(a, b) && dominates(clearance, a)) assert.ok(dominates(clearance, b));
      if (a.scheme !== b.scheme) return;
      const join = joinOf(a, b);
      assert.ok(isAtLeast(join, a) && isAtLeast(join, b), JSON.stringify(join));
      if (dominates(clearance, join)) assert.ok(dominates(clearance, a) && dominates(clearance, b));
    }),
  );
});

test('a scheme that a clearance does not name is not held', () => {
  const clearance: Clearance = { levels: { uk: 'secret' }, light: 'green', caveats: [], nations: ['GBR'] };
  const of = (text: string) => read(text)[0]?.marking ?? assert.fail(text);
  for (const text of ['UK SECRET', 'SECRET', 'UK SECRET - UK EYES ONLY', '(U) x', 'TLP:GREEN'])
    assert.ok(dominates(clearance, of(text)), text);
  for (const text of [
    'NATO RESTRICTED',
    'TOP SECRET',
    'SECRET//NOFORN',
    'UK SECRET STRAP1',
    'TLP:AMBER',
    '(S//SI) x',
  ]) {
    assert.ok(!dominates(clearance, of(text)), text);
  }
});

test('a text is a marking where it says nothing besides, in whatever case', () => {
  const level = (text: string) => {
    const found = markingOf(text);
    return found === undefined ? 'none' : said(found);
  };
  assert.equal(level('UK SECRET'), 'uk, secret');
  assert.equal(level(' [uk secret] '), 'uk, secret');
  assert.equal(level('UK ЅECRET'), 'uk, secret', 'a letter that only looks Latin');
  for (const text of ['', 'SECRET and more', 'GEHEIM', 'UK SECRET UK OFFICIAL', 'UK SECRET 7'])
    assert.equal(level(text), 'none', text);
});

test('the text of a marking is read as that marking', () => {
  for (const [text, back] of [
    ['OFFICIAL-SENSITIVE', 'UK OFFICIAL-SENSITIVE'],
    ['UK SECRET - RECIPIENTS ONLY', 'UK SECRET RECIPIENTS ONLY'],
    ['UK SECRET UK EYES ONLY', 'UK SECRET GBR EYES ONLY'],
    ['NATO SECRET RELEASABLE TO SWE, FIN', 'NATO SECRET RELEASABLE TO FIN, SWE'],
    ['COSMIC TOP SECRET ATOMAL', 'COSMIC TOP SECRET ATOMAL'],
    ['TOP SECRET//SI//REL TO USA, GBR', 'TOP SECRET//SI//REL TO GBR, USA'],
    ['(S)', '(S)'],
    ['TLP:AMBER+STRICT', 'TLP:AMBER+STRICT'],
    ['SECRET UE/EU SECRET', 'EU SECRET'],
    ['SECRET', 'SECRET'],
  ] as const) {
    const marking = markingOf(text) ?? assert.fail(text);
    assert.equal(markingText(marking), back);
  }
  assert.equal(markingText({ scheme: 'nato', level: 'official', caveats: [] }), undefined, 'there is no such level');
  assert.equal(markingText({ scheme: 'uk', level: 'secret', caveats: ['a\nb'] }), undefined);
  const caveat = fc.stringMatching(/^[A-Z0-9][A-Z0-9 -]{0,20}$/);
  fc.assert(
    fc.property(someMarking, fc.array(caveat, { maxLength: 3 }), (marking, caveats) => {
      const all = { ...marking, caveats: [...new Set([...marking.caveats, ...caveats])].sort() };
      const text = markingText(all);
      if (text !== undefined) assert.deepEqual(markingOf(text), all);
    }),
  );
});
