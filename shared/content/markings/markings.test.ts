// Markings as people write them, prose that is none, the lattice, and labels.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { casedOf } from '../cased.ts';
import { markingOfLabel } from './label.ts';
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

// SET { OID 1.2.3, INTEGER classification }, and more behind it.
const ess = (level: number, ...more: number[]) =>
  Uint8Array.from([0x31, 7 + more.length, 0x06, 2, 0x2a, 3, 0x02, 1, level, ...more]);

test('a label is the stricter of what it shows and what it holds, and unknown where anything is not understood', () => {
  const level = (display: string, label: Uint8Array) => {
    const found = markingOfLabel({ display, label });
    return found.ok ? said(found.marking) : 'unknown';
  };
  assert.equal(level('UK SECRET', new Uint8Array()), 'uk, secret');
  assert.equal(level('uk secret', new Uint8Array()), 'uk, secret');
  assert.equal(level('UK SECRET', ess(5)), 'uk, top-secret');
  assert.equal(level('UK SECRET', ess(1)), 'uk, secret');
  assert.equal(level('', ess(4)), 'plain, secret');
  assert.equal(level('SECRET and more', new Uint8Array()), 'unknown');
  assert.equal(level('GEHEIM', new Uint8Array()), 'unknown');
  assert.equal(level('UK SECRET', ess(9)), 'unknown');
  assert.equal(level('UK SECRET', ess(4, 0x31, 0)), 'unknown', 'categories that nobody knows');
  assert.equal(level('UK SECRET', ess(4).slice(0, -1)), 'unknown', 'cut short');
});

test('a label of any bytes is read or unknown, and never throws', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 30 }), (display, label) => {
      markingOfLabel({ display, label });
    }),
  );
});
