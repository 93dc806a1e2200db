// Domains: U-labels and A-labels of one name are one domain, and what IDNA2008 refuses is refused (RFC 5890 to 5893).
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { domainToASCII } from 'node:url';
import fc from 'fast-check';
import { prepareDomain, toAsciiDomain } from './domain-name.ts';
import { parseDomain } from './jid.ts';
import { fromPunycode, toPunycode } from './punycode.ts';

const pairs: readonly (readonly [string, string])[] = [
  ['bücher.example', 'xn--bcher-kva.example'],
  ['faß.example', 'xn--fa-hia.example'],
  ['βόλος.example', 'xn--nxasmm1c.example'],
  ['नेपाल.example', 'xn--l2bey1c2b.example'],
  ['нато.example', 'xn--80azep.example'],
  ['例え.テスト', 'xn--r8jz45g.xn--zckzah'],
  ['中国.example', 'xn--fiqs8s.example'],
  ['파티.example', 'xn--h87b1b.example'],
  ['מבחן.example', 'xn--5dbmtg.example'],
  ['نامه‌ای.example', 'xn--mgba3gch31f060k.example'],
  ['ක්‍ෂ.example', 'xn--3zc4fxa418p.example'],
  ['l·l.example', 'xn--ll-0ea.example'],
  ['ᎠᎡ.example', 'xn--58dc.example'],
  ['ijsfles.example', 'ijsfles.example'],
];

suite('U-labels and A-labels', () => {
  for (const [unicode, ascii] of pairs) {
    test(`${ascii} is ${unicode}`, () => {
      assert.equal(parseDomain(unicode), unicode);
      assert.equal(parseDomain(ascii), unicode);
      assert.equal(parseDomain(`${ascii.toUpperCase()}.`), unicode);
      assert.equal(toAsciiDomain(unicode), ascii);
    });
  }
  test('capitals, fullwidth letters and combining marks are mapped', () => {
    for (const text of ['BÜCHER.Example', 'bu\u0308cher.example', 'ｂücher.ｅｘａｍｐｌｅ', 'xn--BCHER-KVA.example.']) {
      assert.equal(parseDomain(text), 'bücher.example', text);
    }
    assert.equal(parseDomain('ｅｘａｍｐｌｅ'), 'example');
    assert.equal(parseDomain('ﾃｽﾄ.example'), 'テスト.example');
  });
  test('samples of RFC 3492 §7.1', () => {
    const samples: readonly (readonly [string, string])[] = [
      ['他们为什么不说中文', 'ihqwcrb4cv8a8dqg056pqjye'],
      ['למההםפשוטלאמדבריםעברית', '4dbcagdahymbxekheh6e0a7fei0b'],
      ['почемужеонинеговорятпорусски', 'b1abfaaepdrnnbgefbadotcwatmq2g4l'],
      ['3年b組金八先生', '3b-ww4c5e180e575a65lsy2b'],
      ['majiでkoiする5秒前', 'majikoi5-783gue6qz075azm5e'],
      ['ひとつ屋根の下2', '2-u9tlzr9756bt3uc0v'],
    ];
    for (const [text, punycode] of samples) {
      assert.equal(toPunycode(text), punycode);
      assert.equal(fromPunycode(punycode), text);
    }
  });
});

suite('what is no domain', () => {
  const refused: Readonly<Record<string, readonly string[]>> = {
    'an A-label that is none': [
      'xn--.example',
      'xn---.example',
      'xn--a.example',
      'xn--abc-.example',
      'xn--99999999.example',
      'xn--BCHER.example',
      `xn--${'z'.repeat(50)}.example`,
    ],
    'an A-label of what is no U-label: a symbol, a capital, a compatibility form, a decomposed one': [
      'xn--n3h.example',
      `xn--${toPunycode('Übung')}.example`,
      `xn--${toPunycode('ﬁsch')}.example`,
      `xn--${toPunycode('u\u0308ber')}.example`,
      `xn--${toPunycode('-ü')}.example`,
      `xn--${toPunycode('ab--ü')}.example`,
    ],
    'symbols and what is invisible': [
      '☃.example',
      '😀.example',
      'a\u00adb.example',
      'a\u200bb.example',
      'ü\ufeff.example',
      'ü\u202e.example',
      'ü\u2060.example',
      'ü\ufe0f.example',
    ],
    'other full stops and separators': [
      'ü。example',
      'ü．example',
      'ü｡example',
      'ü．',
      'ü＠a.example',
      'ü／a.example',
      'ü%2e.example',
    ],
    'signs of one code point for another': [
      '\u212a.example',
      '\u212bü.example',
      '\u2126.example',
      'ﬀ.example',
      'ª.example',
      'ⅷ.example',
      '①.example',
    ],
    'a mark without a letter': ['\u0301a.example', 'xn--\u0301.example'],
    'hyphens out of place': ['-ü.example', 'ü-.example', 'aü--b.example', 'ab--c.example'],
    'context that is missing': [
      'a·l.example',
      'क\u200cक.example',
      'क\u200dक.example',
      'a\u200cb.example',
      '・.example',
      '٣۴.example',
      'א׳.׳א',
    ],
    'directions that are mixed (RFC 5893)': [
      'אa.example',
      'aא.example',
      'א٣3.example',
      '٣א.example',
      'אב.3com',
      'א-.example',
    ],
    'scripts that are mixed': [
      'аpple.example',
      'xn--pple-43d.example',
      'gооgle.example',
      'βeta.example',
      'яndex.example',
      'жע.example',
      'аβ.example',
    ],
    'a dot that nobody sees': ['i\u0307x.example', 'İx.example'],
    'addresses of machines': ['127.0.0.1', '１２７.０.０.１', '[::1]', 'ü.1'],
    'too long': [`${'ü'.repeat(60)}.example`, `${'ü.'.repeat(60)}example`, 'ü'.repeat(5000)],
  };
  for (const [why, texts] of Object.entries(refused)) {
    test(why, () => {
      for (const text of texts) assert.equal(parseDomain(text), undefined, JSON.stringify(text).slice(0, 60));
    });
  }
  test('nor is one whose letters this Unicode does not have', () =>
    assert.equal(parseDomain('a\u{10ffff}.example'), undefined));
});

test('scripts that are written together are not mixed', () => {
  for (const text of [
    '東京tokyoとトウキョウ.example',
    '한국kr漢字.example',
    'abc注音ㄅㄆ.example',
    'жизнь-5.example',
    'ελλάδα1.example',
  ]) {
    assert.equal(parseDomain(text), text);
  }
});

test('an operator is told why', () => {
  const trouble = (text: string) => {
    const prepared = prepareDomain(text);
    return 'trouble' in prepared ? prepared.trouble : undefined;
  };
  assert.equal(trouble('аpple.example'), 'mixes Cyrillic and Latin');
  assert.equal(trouble('xn--a.example'), 'has a character that is in no domain');
  assert.equal(trouble('xn--99999999.example'), 'has xn--99999999, which is no A-label');
  assert.equal(trouble('10.0.0.1'), 'is an IP address, or ends like one');
  assert.equal(trouble('ab--c.example'), 'has a label with -- in the third place, which is reserved');
});

test('every domain that is taken comes back from its A-labels, which DNS takes (20,000 random ones)', () => {
  const piece = fc.oneof(
    fc.constantFrom(...'abzAZ09-.üÜßσςאبٱ中ひカ한яЯ\u0301\u0308\u094d\u200c\u200dｋ'),
    fc.constantFrom('xn--', 'xn--bcher-kva', 'xn--80azep'),
    fc.string({ unit: 'binary', maxLength: 1 }),
  );
  let taken = 0;
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), (pieces) => {
      const domain = parseDomain(`${pieces.join('')}.test`);
      if (domain === undefined) return;
      taken += 1;
      const ascii = toAsciiDomain(domain);
      assert.match(ascii, /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+test$/);
      assert.equal(ascii, domainToASCII(domain), 'as others encode it');
      assert.equal(parseDomain(ascii), domain);
      assert.equal(parseDomain(domain), domain);
    }),
    { numRuns: 20_000 },
  );
  assert(taken > 1_000, `only ${taken} were taken`);
});
