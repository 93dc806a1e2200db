// What users are told: one table, in their language, and as the manual says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { usualTexts } from '../user-texts.ts';
import { compileTexts, filled, readable, textsFile, worded } from './texts.ts';

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
  assert.equal(texts('refused', 'de-AT').text, 'nein');
  assert.equal(texts('held', 'DE-at').text, 'wart');
  assert.equal(texts('refused', 'it').text, 'non');
  assert.equal(texts('refused', '').text, 'non');
  assert.equal(texts('encrypted', 'de').text, usualTexts.encrypted);
  assert.equal(compileTexts()('rooms', 'de').text, usualTexts.rooms);
});

test('the language of a text is told with it: that of the table, or of all others, and never what a sender wrote', () => {
  const texts = compileTexts({
    default: 'fr',
    texts: {
      fr: { refused: 'non' },
      de: { incident: 'Vorfall {incident}', withIncident: '{text} (Vorfall {incident})' },
    },
  });
  assert.deepEqual(texts('refused', 'DE'), { text: 'non', lang: 'fr' });
  assert.deepEqual(texts('encrypted', 'fr'), { text: usualTexts.encrypted, lang: 'en' });
  assert.deepEqual(readable({ incident: '12ab', lang: 'DE-at' }, texts), { text: 'Vorfall 12ab', lang: 'de' });
  assert.deepEqual(readable({ publicText: 'nein', incident: '12ab', lang: 'de' }, texts), {
    text: 'nein (Vorfall 12ab)',
    lang: 'de',
  });
  assert.deepEqual(readable({ incident: '12ab', lang: '"><x/>' }, texts), { text: 'Incident 12ab', lang: 'en' });
  assert.deepEqual(readable({ publicText: 'one for all', lang: '' }), { text: 'one for all', lang: 'en' });
  assert.deepEqual(readable({}), { text: '', lang: 'en' });
  const hidden = compileTexts({ default: 'en', texts: { en: { incident: '', withIncident: '{text}' } } });
  assert.equal(readable({ incident: '12ab' }, hidden).text, '');
  assert.equal(readable({ publicText: 'no {incident}', incident: '12ab' }, hidden).text, 'no {incident}');
  const wrong = textsFile.safeParse({ texts: { en: { withIncident: 'incident {incident}' } } });
  assert.match(String(wrong.error?.message), /write \{text\} into it/);
});

test('a refusal that names a text gets it; one with a text of its own keeps that', () => {
  assert.equal(worded({ code: 'content-probed', says: 'tooOften' }, undefined, '').publicText, usualTexts.tooOften);
  const own = { code: 'content-refused', publicText: 'mine', says: 'refused' } as const;
  assert.equal(worded(own, undefined, ''), own);
  assert.equal(filled('{a} {b} {toString}', { a: '{b}' }), '{b} {b} {toString}', 'what is put in is not read again');
});
