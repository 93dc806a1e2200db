// What users are told: one table, in their language, and as the manual says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { usualTexts } from '../user-texts.ts';
import { compileTexts, filled, textsFile, worded } from './texts.ts';

test('the manual shows every text as it is without texts.yaml, and no other', () => {
  const manual = readFileSync(path.join(import.meta.dirname, '../../policies/README.md'), 'utf8');
  const begin = manual.indexOf('| text | is told |');
  const table = manual.slice(begin, manual.indexOf('\n\n', begin));
  const rows = [...table.matchAll(/^\| `(\w+)` \| .* \| `(.*)` \|$/gm)].map(([, name = '', text = '']) => [name, text]);
  assert.deepEqual(Object.fromEntries(rows), usualTexts);
  assert.deepEqual(Object.keys(textsFile.shape.texts.valueType.shape), Object.keys(usualTexts));
});

test('the language of the reader decides, then its main language, then the default, then what is usual', () => {
  const texts = compileTexts({
    default: 'fr',
    texts: { fr: { refused: 'non' }, de: { refused: 'nein' }, 'de-AT': { held: 'wart' } },
  });
  assert.equal(texts('refused', 'de-AT'), 'nein');
  assert.equal(texts('held', 'DE-at'), 'wart');
  assert.equal(texts('refused', 'it'), 'non');
  assert.equal(texts('refused', ''), 'non');
  assert.equal(texts('encrypted', 'de'), usualTexts.encrypted);
  assert.equal(compileTexts()('rooms', 'de'), usualTexts.rooms);
});

test('a refusal that names a text gets it; one with a text of its own keeps that', () => {
  assert.equal(worded({ code: 'content-probed', says: 'tooOften' }, undefined, '').publicText, usualTexts.tooOften);
  const own = { code: 'content-refused', publicText: 'mine', says: 'refused' } as const;
  assert.equal(worded(own, undefined, ''), own);
  assert.equal(filled('{a} {b} {toString}', { a: '{b}' }), '{b} {b} {toString}', 'what is put in is not read again');
});
