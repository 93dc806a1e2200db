// Local parts and resources (RFC 8265, xmpp-boundary J3, J4, J7, J9): one key for one name, and no way around it.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { parseJid } from './jid.ts';

const local = (text: string) => parseJid(`${text}@out.example`)?.local;
const resource = (text: string) => parseJid(`ann@out.example/${text}`)?.resource;

suite('local parts', () => {
  const prepared: Readonly<Record<string, string>> = {
    MÜLLER: 'müller',
    'mu\u0308ller': 'müller',
    ＡＮＮ: 'ann',
    ｶﾞｸ: 'ガク',
    ΣΊΣΥΦΟ: 'σίσυφο',
    ЖЕНЯ: 'женя',
    Ǆ: '',
    İ: '',
    'd\\27artagnan': 'd\\27artagnan',
    名無し: '名無し',
    김철수: '김철수',
    אבג: 'אבג',
    محمد٣: 'محمد٣',
    सीता: 'सीता',
    l·l: 'l·l',
    ᲆ: '',
    Ა: 'ა',
  };
  for (const [text, expected] of Object.entries(prepared)) {
    test(`${text} is ${expected === '' ? 'none' : expected}`, () => {
      assert.equal(local(text), expected === '' ? undefined : expected);
    });
  }
  const refused: Readonly<Record<string, readonly string[]>> = {
    'older servers make another name of it (J4)': [
      'straße',
      'ΌΔΟΣ',
      'οδός',
      'ᾀδω',
      'ꭰ',
      'Ꭰ',
      'नमस्\u200dते',
      'نامه\u200cای',
    ],
    'one code point that stands for others': [
      '\u212aate',
      '\u212bsa',
      '\u2126',
      'ﬁsh',
      'ſam',
      'ª',
      '①',
      'Ⅳ',
      '\u0958',
      '豈\uf900',
      '\u1100\u1161',
    ],
    'symbols, spaces, controls': ['a♥b', '😀', 'ü b', 'ü\u00a0b', 'ü\u3000b', 'ü\u0085', 'ü\n', 'ü\0'],
    'what is invisible': [
      'an\u00adn',
      'an\u200bn',
      'an\u2060n',
      '\ufeffann',
      'an\u034fn',
      'an\ufe0fn',
      'an\u{e0061}n',
      'an\u3164n',
      'a\u180bn',
    ],
    'what turns the direction': ['\u202eann', 'ann\u202c', 'a\u2066b\u2069', 'a\u200fb', 'a\u061cb'],
    'mixed directions (RFC 5893)': ['אa', 'aא', '1א', 'א!', '٣א', 'א٣3'],
    'mixed scripts (J9)': ['pаypal', 'раypal', 'αdmin', 'admіn', 'ѕupport', 'оо0o', 'աnn', 'ꓮnn'],
    'a dot that nobody sees, a mark of nothing': ['i\u0307n', 'j\u0307', '\u0301ann'],
    'the two kinds of Arabic digits, and marks without their neighbours': ['ب٣۴', 'a·b', 'ab\u0375', '׳א', '・・'],
    'the forbidden eight in another width': ['a＂', 'ü＆b', 'ü＇', 'ü／b', 'ü：b', 'ü＜', 'ü＞', 'ü＠b'],
    'half a surrogate, nobody’s character, one of tomorrow': [
      '\ud800',
      'ü\udfff',
      'ü\ufffe',
      '\ue000',
      '\u0378',
      '\u{10ffff}',
    ],
  };
  for (const [why, texts] of Object.entries(refused)) {
    test(why, () => {
      for (const text of texts) assert.equal(local(text), undefined, JSON.stringify(text));
    });
  }
  test('1023 octets at most, after preparation', () => {
    assert.equal(local('ü'.repeat(511))?.length, 511);
    assert.equal(local('ü'.repeat(512)), undefined);
    assert.equal(local('Ａ'.repeat(1023)), 'a'.repeat(1023));
  });
});

suite('resources', () => {
  const prepared: Readonly<Record<string, string>> = {
    Büro: 'Büro',
    'Bu\u0308ro': 'Büro',
    'a\u00a0b\u3000c': 'a b c',
    'Ⅳ ♚ ﬁ 😀': 'Ⅳ ♚ ﬁ 😀',
    ＡＢ: 'ＡＢ',
    pаypal: 'pаypal',
    aא: 'aא',
    'क्\u200dष': 'क्\u200dष',
  };
  for (const [text, expected] of Object.entries(prepared)) test(text, () => assert.equal(resource(text), expected));
  test('no controls, nothing invisible, no old Hangul, nothing out of its context', () => {
    for (const text of [
      'ü\u0085',
      'a\u200bb',
      'a\u202eb',
      '\ufeff',
      'a\u00ad',
      '\u1100',
      'a\u200db',
      'a·b',
      'ü\ud800',
      '\ue000',
      '👩\u200d🔬',
    ])
      assert.equal(resource(text), undefined, JSON.stringify(text));
  });
  test('1023 octets at most', () => {
    assert.ok(resource('ü'.repeat(511)));
    assert.equal(resource('ü'.repeat(512)), undefined);
  });
});

// Letters that are alike, of several widths, cases and scripts; marks; what is invisible; what turns the direction.
const piece = fc.oneof(
  fc.constantFrom(...'aAäÄａＡаАαΑᴀⓐªåÅıİiIσΣςßſKkﬁéÉеЕоОoO0٠۰Оאבاﷲカｶﾞガ가각中ᎠꭰდᲓ'),
  fc.constantFrom(
    ...'\u0301\u0307\u0308\u0323\u0327\u0345\u094d\u3099\u200b\u200c\u200d\u00ad\u2060\ufeff\u202e\u2066\u034f\ufe0f',
  ),
  fc.string({ unit: 'binary', maxLength: 2 }),
);
const name = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(''));

test('two names share a key only where case, width and normal form are all that differs (40,000 random ones)', () => {
  let taken = 0;
  fc.assert(
    fc.property(name, (text) => {
      const key = local(text);
      if (key === undefined) return;
      taken += 1;
      // What the RFC allows to differ, said in another way; so equal keys come from texts that are equal but for that.
      assert.equal(key, text.normalize('NFKC').toLowerCase().normalize('NFKC'));
      // What older servers would compare is the same text (J4).
      assert.doesNotMatch(key, /\p{Changes_When_NFKC_Casefolded}/u);
      assert.equal(local(key), key);
      assert.doesNotMatch(key, /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}"&'/:<>@]|(?![!-~])\p{S}/u);
    }),
    { numRuns: 40_000 },
  );
  assert(taken > 2_000, `only ${taken} were taken`);
});

test('a name and its other spellings are one key, with something invisible in it none', () => {
  const base = fc
    .array(fc.constantFrom(...'abcdeäöüéñçàê'), { minLength: 2, maxLength: 8 })
    .map((letters) => letters.join(''));
  const invisible = fc.constantFrom(
    '\u00ad',
    '\u200b',
    '\u200c',
    '\u200d',
    '\u2060',
    '\ufeff',
    '\u202d',
    '\u2068',
    '\u034f',
    '\ufe00',
    '\u{e0020}',
  );
  fc.assert(
    fc.property(base, invisible, fc.nat(), (text, hidden, place) => {
      const wide = text.replace(/[a-z]/g, (found) => String.fromCharCode(found.charCodeAt(0) + 0xfee0));
      for (const other of [text.toUpperCase(), text.normalize('NFD'), wide, wide.toUpperCase()])
        assert.equal(local(other), text);
      const at = place % (text.length + 1);
      assert.equal(local(text.slice(0, at) + hidden + text.slice(at)), undefined);
    }),
    { numRuns: 2_000 },
  );
});

test('a Latin name with one letter of Cyrillic, Greek or Armenian that looks the same is none', () => {
  const alike: Readonly<Record<string, string>> = {
    a: 'аα',
    c: 'с',
    e: 'е',
    o: 'оοօ',
    p: 'рρ',
    s: 'ѕ',
    x: 'хχ',
    y: 'у',
  };
  const base = fc
    .array(fc.constantFrom(...'abcehopsxymn'), { minLength: 2, maxLength: 8 })
    .map((letters) => letters.join(''));
  fc.assert(
    fc.property(base, fc.nat(), (text, place) => {
      const at = place % text.length;
      for (const letter of alike[text[at] ?? ''] ?? '') {
        assert.equal(local(text.slice(0, at) + letter + text.slice(at + 1)), undefined);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('a resource that is taken is the same in NFC but for its spaces, and stays so', () => {
  fc.assert(
    fc.property(name, (text) => {
      const found = resource(text);
      if (found === undefined) return;
      assert.equal(found, text.replace(/\p{Zs}/gu, ' ').normalize('NFC'));
      assert.equal(resource(found), found);
      assert.doesNotMatch(found.replace(/[\u200c\u200d]/g, ''), /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u);
    }),
    { numRuns: 10_000 },
  );
});
