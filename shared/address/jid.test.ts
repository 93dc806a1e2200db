// Addresses: what is one, how it is prepared, and that everything else is malformed (RFC 7622, xmpp-boundary J1, J2).
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { addressTrouble, bareJid, jidText, parseDomain, parseJid } from './jid.ts';

suite('addresses', () => {
  test('local part and domain are lower case, the resource stays, one trailing dot goes', () => {
    assert.deepEqual(parseJid('Ann.O+x@Out.Example./Phone 1'), {
      bare: 'ann.o+x@out.example',
      local: 'ann.o+x',
      domain: 'out.example',
      resource: 'Phone 1',
    });
  });
  test('the resource may hold @ and /, since the first slash decides', () => {
    const jid = parseJid('a@out.example/x@y/z');
    assert.equal(jid?.resource, 'x@y/z');
    assert.equal(jid?.domain, 'out.example');
    assert.equal(parseJid('out.example/a@b')?.local, '');
  });
  test('a domain alone is an address', () => {
    assert.deepEqual(parseJid('out.example'), { bare: 'out.example', local: '', domain: 'out.example', resource: '' });
  });
  test('escaped characters stay as they are (XEP-0106)', () => {
    assert.equal(parseJid('d\\27artagnan@out.example')?.local, 'd\\27artagnan');
  });
  test('text and bare form', () => {
    const jid = parseJid('a@out.example/x');
    assert(jid !== undefined);
    assert.equal(jidText(jid), 'a@out.example/x');
    assert.equal(jidText(bareJid(jid)), 'a@out.example');
    assert.equal(bareJid(bareJid(jid)).bare, 'a@out.example');
  });
  test('equal addresses are one object', () => assert.equal(parseJid('a@out.example/q'), parseJid('a@out.example/q')));
});

suite('what is no address', () => {
  const malformed = [
    '',
    '@',
    '/',
    'a@',
    '@out.example',
    'a@/x',
    'a@out.example/',
    '/x',
    'a@b@out.example',
    'a b@out.example',
    ' a@out.example',
    'a@out.example ',
    'a@out..example',
    'a@.out.example',
    'a@-out.example',
    'a@out-.example',
    'a@out_x.example',
    'a@out.example..',
    'a@out.example\n',
    'a@out.example/x\ny',
    'a@out.example/\u007f',
    'a\0@out.example',
    'a@127.0.0.1',
    'a@[::1]',
    'a@1.2.3',
    'a@0x7f.1',
    'a@out%2eexample',
    'a@out.example:5222',
    'a"b@out.example',
    'a&b@out.example',
    "a'b@out.example",
    'a:b@out.example',
    'a<b@out.example',
    'a>b@out.example',
    'sip:a@out.example',
  ];
  for (const text of malformed) {
    test(JSON.stringify(text), () => assert.equal(parseJid(text), undefined));
  }
});

suite('lengths (J2)', () => {
  const label = 'x'.repeat(63);
  test('each part has 1023 octets at most, a domain 253', () => {
    assert(parseJid(`${'a'.repeat(1023)}@out.example`));
    assert.equal(parseJid(`${'a'.repeat(1024)}@out.example`), undefined);
    assert(parseJid(`a@out.example/${'r'.repeat(1023)}`));
    assert.equal(parseJid(`a@out.example/${'r'.repeat(1024)}`), undefined);
    assert(parseDomain(`${label}.${label}.${label}.${'y'.repeat(61)}`));
    assert.equal(parseDomain(`${label}.${label}.${label}.${'y'.repeat(62)}`), undefined);
    assert.equal(parseDomain(`${label}x.example`), undefined);
  });
});

suite('the examples of RFC 7622 §3.5', () => {
  const good: Readonly<Record<string, string>> = {
    'juliet@example.com': 'juliet@example.com',
    'juliet@example.com/foo bar': 'juliet@example.com/foo bar',
    'juliet@example.com/foo@bar': 'juliet@example.com/foo@bar',
    'foo\\20bar@example.com': 'foo\\20bar@example.com',
    'fussball@example.com': 'fussball@example.com',
    'π@example.com': 'π@example.com',
    'Σ@example.com/foo': 'σ@example.com/foo',
    'σ@example.com/foo': 'σ@example.com/foo',
    'king@example.com/♚': 'king@example.com/♚',
    'a.example.com/b@example.net': 'a.example.com/b@example.net',
  };
  for (const [text, expected] of Object.entries(good)) {
    test(text, () => {
      const jid = parseJid(text);
      assert.equal(jid && jidText(jid), expected);
    });
  }
  for (const text of [
    '"juliet"@example.com',
    'foo bar@example.com',
    'juliet@example.com/',
    '@example.com/',
    'henryⅣ@example.com',
    '♚@example.com',
    'juliet@',
    '/foobar',
  ]) {
    test(`none: ${text}`, () => assert.equal(parseJid(text), undefined));
  }
  // Our own rule is stricter here: servers of RFC 3920 make fussball and σ of these (J4).
  for (const text of ['fußball@example.com', 'ς@example.com/foo']) {
    test(`refused by J4: ${text}`, () => assert.equal(parseJid(text), undefined));
  }
});

test('one address has one key, however it is written', () => {
  const written = ['JÜRGEN@Bücher.Example', 'ju\u0308rgen@xn--bcher-kva.example', 'ｊürgen@BU\u0308CHER.example.'];
  assert.deepEqual(
    written.map((text) => parseJid(text)),
    written.map(() => ({ bare: 'jürgen@bücher.example', local: 'jürgen', domain: 'bücher.example', resource: '' })),
  );
});

test('parts are told apart before they are prepared', () => {
  assert.equal(parseJid('a＠out.example'), undefined);
  assert.equal(parseJid('a@out.example／x'), undefined);
  assert.equal(parseJid('ü＠evil.example@out.example'), undefined);
  assert.equal(parseJid('a@out．example'), undefined);
});

test('an operator is told what is wrong', () => {
  assert.equal(addressTrouble('аnn@out.example'), 'the name before the @ mixes Cyrillic and Latin');
  assert.equal(
    addressTrouble('straße@out.example'),
    'the name before the @ has U+00DF, of which older servers make another name',
  );
  assert.equal(addressTrouble('a\u200bb@out.example'), 'the name before the @ has U+200B, which is in none');
  assert.equal(addressTrouble('ann@☃.example'), 'the domain has a character that is in no domain');
  assert.equal(addressTrouble('ann@out.example/\u202e'), 'the resource has U+202E, which is in none');
  assert.equal(addressTrouble('ann@bücher.example'), undefined);
});

test('a hostile address costs little time: long runs of marks are refused before they are normalised', () => {
  const marks = Array.from({ length: 3000 }, (_, i) => '\u0301\u0323\u0316\u0334\u05b0\u3099'[i % 6]).join('');
  const started = process.hrtime.bigint();
  for (let i = 0; i < 20; i++) {
    assert.equal(parseJid(`ä${marks}@out.example`), undefined);
    assert.equal(parseJid(`ann@ä${marks}.example`), undefined);
    assert.equal(parseJid(`ann@out.example/ä${marks}`), undefined);
  }
  // Normalising them takes about ten milliseconds each.
  assert.ok(Number(process.hrtime.bigint() - started) / 60e6 < 5);
});

test('preparing twice is preparing once, and nothing throws', () => {
  const part = fc.string({ unit: 'binary-ascii', maxLength: 12 });
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.tuple(part, part, part).map(([a, b, c]) => `${a}@${b}.example/${c}`),
      ),
      (text) => {
        const jid = parseJid(text);
        if (jid === undefined) return;
        assert.match(jidText(jid), /^[^\p{C}\p{Zl}\p{Zp}]+$/u);
        assert.deepEqual(parseJid(jidText(jid)), jid);
      },
    ),
    { numRuns: 2000 },
  );
});
