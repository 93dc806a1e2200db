// Texts of people pass untouched, tricks do not (xmpp-boundary §2.6).
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { cleanText, unbalanced } from './text-hygiene.ts';

suite('texts that stay as they are', () => {
  const texts: readonly (readonly [string, string])[] = [
    ['plain text with tab and line break', 'a\tb\nc'],
    ['German, Polish, Vietnamese', 'Grüße, zażółć, Tiếng Việt'],
    ['Vietnamese in decomposed form', 'Tiếng Việt'.normalize('NFD')],
    ['Hebrew with vowel points', 'שָׁלוֹם עוֹלָם'],
    ['Arabic with marks', 'السَّلَامُ عَلَيْكُمْ'],
    ['Persian with a zero-width non-joiner', 'می\u200cخواهم'],
    ['Hindi with a joiner', 'क्\u200dष'],
    ['mixed directions with a mark', 'שלום \u200fabc\u200e 123'],
    ['Japanese, Chinese, Korean', 'こんにちは 你好 안녕하세요'],
    ['Thai and Khmer', 'สวัสดี ជំរាបសួរ'],
    ['a family', '👨\u200d👩\u200d👧\u200d👦'],
    ['a heart with its variation', '❤\ufe0f'],
    ['a heart on fire', '❤\ufe0f\u200d🔥'],
    ['a skin tone and a profession', '🧑🏽\u200d💻'],
    ['a rainbow flag', '🏳\ufe0f\u200d🌈'],
    ['flags of countries', '🇩🇪🇮🇱'],
    ['the flag of Scotland', '🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}'],
    ['a keycap', '1\ufe0f\u20e3'],
    ['text style of an emoji', '☎\ufe0e'],
    ['Mongolian with a variation', '\u182d\u180b'],
    ['eight combining marks', `a${'\u0301'.repeat(8)}`],
  ];
  for (const [name, text] of texts) {
    test(name, () => assert.equal(cleanText(text), text));
  }
});

suite('what is taken out', () => {
  const texts: readonly (readonly [string, string, string])[] = [
    ['control characters', 'a\u0000b\u0007c\u001bd\u007fe\u009ff', 'abcdef'],
    ['carriage returns become line breaks', 'a\r\nb\rc', 'a\nb\nc'],
    ['other line breaks become line breaks', 'a\u0085b\u2028c\u2029d', 'a\nb\nc\nd'],
    ['zero-width characters', 'pass\u200bw\u2060or\ufeffd', 'password'],
    ['soft hyphens', 'pass\u00adword', 'password'],
    ['joiners between Latin letters', 'pass\u200dwo\u200crd', 'password'],
    ['joiners in a row', 'می\u200c\u200cخ', 'می\u200cخ'],
    ['a joiner at the start', '\u200d👩', '👩'],
    ['direction marks in a text without right-to-left letters', 'ab\u200fcd\u061c', 'abcd'],
    ['closed overrides', 'a\u202ebc\u202cd', 'abcd'],
    ['closed isolates', 'a\u2067bc\u2069d', 'abcd'],
    ['tag characters outside a flag', 'a\u{e0061}\u{e0062}\u{e007f}', 'a'],
    ['a flag with tags that do not end', '🏴\u{e0067}\u{e0062}x', '🏴x'],
    ['a flag with too many tags', `🏴${'\u{e0061}'.repeat(40)}\u{e007f}`, '🏴'],
    ['variations of letters', 'a\ufe0fb\ufe01\u{e0100}', 'ab'],
    ['private use', 'a\ue000\u{f0000}b', 'ab'],
    ['noncharacters', 'a\ufdd0\u{1fffe}b', 'ab'],
    ['half a character', 'a\ud800b', 'ab'],
    ['fillers that look like nothing', 'a\u3164\u115f\u034f\u2062b', 'ab'],
    ['the ninth combining mark', `a${'\u0301'.repeat(40)}`, `a${'\u0301'.repeat(8)}`],
    ['combining marks with fillers between', `a${'\u0301\u034f'.repeat(40)}`, `a${'\u0301'.repeat(8)}`],
  ];
  for (const [name, text, clean] of texts) {
    test(name, () => assert.equal(cleanText(text), clean));
  }
});

suite('directional controls that are not closed', () => {
  for (const text of ['a\u202eb', 'a\u2066b', 'a\u202cb', 'a\u2069b', '\u202e\u2066\u202c\u2069', '\u202ea\nb\u202c']) {
    test(JSON.stringify(text), () => assert.equal(cleanText(text), unbalanced));
  }
});

test('cleaning twice is cleaning once, and nothing grows', () => {
  const tricky = fc.constantFrom(
    ...[
      'a',
      'é',
      '\u0301',
      '\u200d',
      '\u200c',
      '\ufe0f',
      '👩',
      '🏽',
      '🏴',
      '\u{e0067}',
      '\u{e007f}',
      'ب',
      'क',
      '्',
      '\u202e',
    ],
    ...['\u202c', '\u200f', '\r', '\n', '\u00ad', '\ue000', '\ud800', '1', '\u20e3', '\u034f'],
  );
  fc.assert(
    fc.property(fc.array(tricky, { maxLength: 30 }), (characters) => {
      const once = cleanText(characters.join(''));
      if (once === unbalanced) return;
      assert.equal(cleanText(once), once);
      assert(once.length <= characters.join('').length);
    }),
    { numRuns: 3000 },
  );
});

test('a long text full of marks is cleaned in linear time', () => {
  const started = process.cpuUsage();
  cleanText('\u0301\u200d👩\u202e\u202c'.repeat(8_000));
  assert(process.cpuUsage(started).user < 1_500_000);
});
