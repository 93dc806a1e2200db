// Terms in texts: what counts as the term whatever its dress, what stands inside other words, and where it stood.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { characterAt } from './characters.ts';
import { type FoundTerm, findTerms } from './find-terms.ts';
import { createFolder, skeletonOf, squeezedOf } from './fold.ts';
import { compileTerms, type Term, type TermList } from './terms.ts';

function finder(...lists: readonly TermList[]): (text: string) => FoundTerm[] {
  const made = compileTerms(lists);
  assert.ok(made.ok, JSON.stringify(made));
  const fold = createFolder();
  return (text) => {
    const all: FoundTerm[] = [];
    findTerms(made.index, fold(text), (term) => all.push(term));
    return all;
  };
}

const plain = (...terms: string[]): TermList => ({ terms: terms.map((text) => ({ text })) });
const sure = (all: readonly FoundTerm[]) => all.filter(({ score }) => score >= 75).map(({ term }) => term);

test('a word is found whatever its case, width or decoration', () => {
  const find = finder(plain('nightingale', 'café', 'top secret', 'σοφός', 'straße'));
  for (const text of [
    'nightingale',
    'The NIGHTINGALE sings',
    '(nightingale)',
    'the_nightingale_file',
    'ｎｉｇｈｔｉｎｇａｌｅ',
    '𝐧𝐢𝐠𝐡𝐭𝐢𝐧𝐠𝐚𝐥𝐞',
    'ⓝⓘⓖⓗⓣⓘⓝⓖⓐⓛⓔ',
    'night\u200bingale',
    'night\u00adin\u2060gale',
    'night\u115fingale',
    'nightingale😀',
    '😀nightingale',
  ]) {
    const [first] = find(text);
    assert.deepEqual([first?.term, first?.channel], [0, 'canonical'], text);
  }
  assert.deepEqual(sure(find('CAFE\u0301!')), [1], 'composed and decomposed are one');
  assert.deepEqual(sure(find('TOP\u00a0 \n\tSecret')), [2], 'any white space is one space');
  assert.deepEqual(sure(find('ΣΟΦΌΣ')), [3], 'the final sigma is a sigma');
  assert.deepEqual(sure(find('STRASSE')), [4], 'ß is ss in capitals');
});

test('a word inside another word is not found, in any alphabet', () => {
  const find = finder(plain('ass', 'мир', 'c++', 'نور'));
  for (const text of ['class', 'assess', 'ass1', 'assé', 'мирный', 'кумир', 'النورس', 'top', '']) {
    assert.deepEqual(find(text), [], text);
  }
  assert.deepEqual(sure(find('my ass!')), [0]);
  assert.deepEqual(sure(find('мир, труд')), [1]);
  assert.deepEqual(sure(find('c++17 compilers')), [2], 'an end that is no letter needs no gap behind it');
  assert.deepEqual(sure(find('هذا نور.')), [3]);
});

test('a term says itself where it needs the edge of a word', () => {
  const terms: readonly Term[] = [
    { text: 'nuke', boundary: 'prefix' },
    { text: 'gate', boundary: 'suffix' },
    { text: 'zz9', boundary: 'anywhere' },
  ];
  const find = finder({ terms });
  assert.deepEqual(sure(find('nukes')), [0]);
  assert.deepEqual(sure(find('renuke')), []);
  assert.deepEqual(sure(find('watergate')), [1]);
  assert.deepEqual(sure(find('gateway')), []);
  assert.deepEqual(sure(find('xxzz9yy')), [2]);
});

test('a word of a script without spaces is found inside a sentence', () => {
  assert.deepEqual(sure(finder(plain('机密'))('这是机密文件')), [0]);
  assert.deepEqual(sure(finder(plain('ความลับ'))('นี่คือความลับของเรา')), [0]);
});

test('shorter words inside longer ones, and the same word of two lists, are all found', () => {
  const find = finder(plain('he said she', 'she', 'said'), plain('SAID'));
  assert.deepEqual(
    find('he said she')
      .map(({ list, term }) => `${list}:${term}`)
      .sort(),
    ['0:0', '0:1', '0:2', '1:0'],
  );
});

test('the canonical channel alone sees no disguise', () => {
  const find = finder({ ...plain('nightingale'), channels: ['canonical'] });
  assert.equal(find('Night\u200bingale').length, 1);
  for (const text of ['nіghtingale', 'n1ghtingale', 'n.i.g.h.t.i.n.g.a.l.e']) assert.deepEqual(find(text), [], text);
});

test('letters that spell a term by chance are told as a guess', () => {
  const find = finder(plain('nightingale', 'staring', 'bluebird'));
  for (const text of ['the night ingales', 'night ingale', 'starring', 'a blue bird']) {
    assert.deepEqual(sure(find(text)), [], text);
  }
  // A short word in letters of another script is a word of that script.
  assert.deepEqual(sure(finder(plain('hoc', 'bot'))('нос вот')), []);
});

test('a letter before or behind the term that is the same does not hide it', () => {
  const find = finder(plain('nightingale'));
  for (const text of ['in nightinga1e eagle', 'Ann n1ghtingale', 'n1ghtingalee even']) {
    assert.deepEqual(sure(find(text)), [0], text);
  }
});

test('each place in the channels leads back to its characters', () => {
  const letter = fc.constantFrom(
    'a',
    'B',
    'ß',
    'é',
    'e\u0301',
    '𝐧',
    '\u200b',
    '½',
    '㈱',
    '🇳',
    ' ',
    '\n',
    '\t',
    '!',
    '1',
    'm',
    'ﷺ',
    '한',
    '\ud800',
  );
  fc.assert(
    fc.property(fc.array(letter, { maxLength: 30 }), (letters) => {
      const text = letters.join('');
      const { skeleton, squeezed } = createFolder()(text);
      for (const { units, from, to, length } of [skeleton, squeezed]) {
        for (let i = 0; i < length; i++) {
          assert.ok(from[i]! < to[i]! && to[i]! <= text.length);
          assert.ok(i === 0 || from[i]! >= from[i - 1]!);
          const own = text.slice(from[i]!, to[i]!);
          const made = units === skeleton.units ? characterAt(own.codePointAt(0)!).skeleton : squeezedOf(own);
          assert.ok(made.includes(String.fromCharCode(units[i]!)), JSON.stringify({ own, made }));
        }
      }
      const whole = String.fromCharCode(...skeleton.units.subarray(0, skeleton.length));
      assert.equal(whole, skeletonOf(text));
      assert.equal(String.fromCharCode(...squeezed.units.subarray(0, squeezed.length)), squeezedOf(text));
    }),
    { numRuns: 500 },
  );
});

test('the fast way for ASCII and the way for all texts fold alike', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii', maxLength: 60 }), (text) => {
      const read = ({ units, from, to, length }: ReturnType<ReturnType<typeof createFolder>>['skeleton']) =>
        Array.from({ length }, (_, i) => [units[i], from[i], to[i]]);
      const fast = createFolder()(text);
      const slow = createFolder()(`${text}中`);
      assert.ok(fast.ascii && !slow.ascii);
      const cut = (all: ReturnType<typeof read>) => all.filter(([, from]) => (from ?? 0) < text.length);
      assert.deepEqual(cut(read(slow.skeleton)), read(fast.skeleton));
      assert.equal(slow.digits, fast.digits);
      assert.equal(slow.escaped, fast.escaped);
      assert.deepEqual(cut(read(slow.squeezed)), read(fast.squeezed));
    }),
    { numRuns: 500 },
  );
});
