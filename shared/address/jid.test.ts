// Addresses: what is one, how it is prepared, and that everything else is malformed (RFC 7622, xmpp-boundary J1 to J7).
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { bareJid, jidText, parseDomain, parseJid } from './jid.ts';

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
  for (const text of [
    'ä@out.example',
    'a@öut.example',
    'a@out.example/ü',
    'a@xn--ut-eka.example',
    'a\u200b@out.example',
    'а@out.example',
    'ａ@out.example',
    'a@out。example',
    '\u0130@out.example',
    'a@\u212a.example',
  ]) {
    test(`not yet: ${JSON.stringify(text)}`, () => assert.equal(parseJid(text), undefined));
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
        assert.match(jidText(jid), /^[\x20-\x7e]+$/);
        assert.deepEqual(parseJid(jidText(jid)), jid);
      },
    ),
    { numRuns: 2000 },
  );
});
