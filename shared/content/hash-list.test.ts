// Lists that hold no plain word: what is found by them, in what dress, and what they refuse.
import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import test from 'node:test';
import { createFolder } from './fold.ts';
import { compileHashes, type HashList, hashesAtMost, keyedHash, preparedLength } from './hash-list.ts';

const key = randomBytes(32);
const fold = createFolder();

function finder(
  list: Partial<HashList>,
  ...entries: readonly string[]
): (text: string) => { places: string[]; isWhole: boolean } {
  const find = compileHashes({ key, digests: entries.map((entry) => keyedHash(key, entry)), words: 3, ...list });
  assert.ok(find !== undefined);
  return (text) => {
    const places: string[] = [];
    const isWhole = find(fold(text), ({ start, end }) => places.push(text.slice(start, end)));
    return { places, isWhole };
  };
}

test('the hash is HMAC-SHA-256 of the prepared entry', () => {
  assert.equal(keyedHash(key, 'Top  Secret'), createHmac('sha256', key).update('top secret').digest('hex'));
  const long = randomBytes(100);
  assert.equal(keyedHash(long, 'a'), createHmac('sha256', long).update('a').digest('hex'));
});

test('words and phrases are found whatever their case, look-alikes and separators', () => {
  const find = finder({}, 'nightingale', 'glass harbour', 'pay-1234');
  assert.deepEqual(find('The NIGHTINGALE, the nіghtingale').places, ['NIGHTINGALE', 'nіghtingale']);
  assert.deepEqual(find('at Glass-Harbour now').places, ['Glass-Harbour']);
  assert.deepEqual(find('see PAY 1234.').places, ['PAY 1234']);
  assert.deepEqual(find('nightingales, glass and harbour').places, []);
});

test('known lengths spare the hashing of all others, and lose nothing', () => {
  const find = finder({ lengths: [preparedLength('glass harbour')] }, 'glass harbour');
  assert.deepEqual(find(`${'word '.repeat(20_000)} glass harbour`), { places: ['glass harbour'], isWhole: true });
});

test('a text with more candidates than the bound is told as not seen to its end', () => {
  assert.equal(finder({ words: 1 }, 'x')('word '.repeat(hashesAtMost + 1)).isWhole, false);
});

test('a short key and a digest that is none are refused', () => {
  assert.equal(compileHashes({ key: randomBytes(31), digests: [], words: 1 }), undefined);
  assert.equal(compileHashes({ key, digests: ['nightingale'], words: 1 }), undefined);
});
