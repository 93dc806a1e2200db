// Proves the mapping of SIP addresses and JIDs in both directions (xmpp-boundary §3.1, XEP-0106).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jidText, parseJid } from './jid.ts';
import { jidToSip, sipToJid } from './sip-uri.ts';

const toJid = (uri: string): string | undefined => {
  const jid = sipToJid(uri);
  return jid === undefined ? undefined : jidText(jid);
};
const toSip = (text: string): string | undefined => {
  const jid = parseJid(text);
  assert.ok(jid !== undefined, `${text} is a JID`);
  return jidToSip(jid);
};

test('every row of the character table holds both ways', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['a\\26b\\27c\\2fd@x.test', "sip:a&b'c/d@x.test"],
    ['a\\22b\\3ac\\3cd\\3ee\\40f\\20g@x.test', 'sip:a%22b%3Ac%3Cd%3Ee%40f%20g@x.test'],
    ['#%[\\]^{|}`@x.test', 'sip:%23%25%5B%5C%5D%5E%7B%7C%7D%60@x.test'],
    ['a;b=c+d$e,f?g@x.test', 'sip:a;b=c+d$e,f?g@x.test'],
    ['-_.!~*()@x.test', 'sip:-_.!~*()@x.test'],
    ['juliet@xmpp.test', 'sip:juliet@xmpp.test'],
  ];
  for (const [jid, uri] of rows) {
    assert.equal(toJid(uri), jid);
    assert.equal(toSip(jid), uri);
  }
});

test('letters beyond ASCII are UTF-8 in percent signs, the domain has A-labels', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['jürgen@bücher.test', 'sip:j%C3%BCrgen@xn--bcher-kva.test'],
    ['женя@x.test', 'sip:%D0%B6%D0%B5%D0%BD%D1%8F@x.test'],
    ['山田\\20太郎@例え.test', 'sip:%E5%B1%B1%E7%94%B0%20%E5%A4%AA%E9%83%8E@xn--r8jz45g.test'],
    ['אבג@x.test', 'sip:%D7%90%D7%91%D7%92@x.test'],
  ];
  for (const [jid, uri] of rows) {
    assert.equal(toJid(uri), jid);
    assert.equal(toSip(jid), uri);
  }
  assert.equal(toJid('sip:J%c3%9cRGEN@XN--BCHER-KVA.test'), 'jürgen@bücher.test');
  assert.equal(toJid('sip:ju%CC%88rgen@x.test;gr=B%C3%BCro%E3%80%801'), 'jürgen@x.test/Büro 1');
});

test('the vectors of XEP-0106 hold', () => {
  assert.equal(toJid('sip:c%3A%5C5commas@example.com'), 'c\\3a\\5c5commas@example.com');
  assert.equal(toJid('sip:%5C3and%5C2is%5C5cool@example.com'), '\\5c3and\\2is\\5c5cool@example.com');
  assert.equal(toJid('sip:foob%5C41r@example.com'), 'foob\\41r@example.com');
});

test('the user part is decoded exactly once', () => {
  assert.equal(toJid('sip:a%2540b@x.test'), 'a%40b@x.test');
  assert.equal(toSip('a%40b@x.test'), 'sip:a%2540b@x.test');
});

test('what is not part of the address of record is dropped, but gr becomes the resource', () => {
  assert.equal(
    toJid('SIPS:Romeo:secret@SFB.test:5061;transport=tls;opaque=user:epid:qKP5;gruu?Subject=x'),
    'romeo@sfb.test',
  );
  assert.equal(toJid('sip:romeo@sfb.test;gr=desk%20top'), 'romeo@sfb.test/desk top');
});

test('an escape in capitals does not become another character by preparation', () => {
  assert.equal(toJid('sip:a%5C2Fb@x.test'), 'a\\5c2fb@x.test');
});

test('what is no address of a person is refused', () => {
  for (const uri of [
    '',
    'sip:',
    'sip:x.test',
    'sip:@x.test',
    'tel:+43123',
    'sip:+43123@x.test',
    'sip:+43123;phone-context=x@x.test',
    'sip:43123@x.test;user=phone',
    'sip:43123@x.test;transport=tls;USER=PHONE',
    'im:a@x.test',
    'sip:a@b@x.test',
    'sip:a b@x.test',
    'sip:a"b@x.test',
    'sip:a%@x.test',
    'sip:a%4@x.test',
    'sip:a%FF@x.test',
    'sip:a%C0%AF@x.test',
    'sip:a%ED%A0%80@x.test',
    'sip:a%00@x.test',
    'sip:a%0D%0Ab@x.test',
    'sip:a%C2%85b@x.test',
    'sip:%20a@x.test',
    'sip:a%20@x.test',
    'sip:a@10.1.2.3',
    'sip:a@[::1]',
    'sip:%E2%84%AA@x.test',
    'sip:jürgen@x.test',
    'sip:a@bücher.test',
    'sip:a@b%C3%BCcher.test',
    'sip:a@xn--n3h.test',
    'sip:stra%C3%9Fe@x.test',
    'sip:a%3E%CC%81@x.test',
    'sip:a%5C5c%CC%A7@x.test',
    'sip:p%D0%B0ypal@x.test',
    'sip:a%E2%80%8Bb@x.test',
    'sip:a%EF%BC%A0b@x.test',
    'sip:j%FCrgen@x.test',
    `sip:${'a'.repeat(1024)}@x.test`,
    `sip:${'%20'.repeat(500)}@x.test`,
    'sip:a@x.test;gr=%FF',
    '<sip:a@x.test>',
    'sip:a@x.test ',
  ]) {
    assert.equal(sipToJid(uri), undefined, uri);
  }
});

test('a JID that would not come back as itself has no SIP address', () => {
  for (const text of ['a\\5cb@x.test', 'x.test', '\\20a@x.test', 'a\\20@x.test', '+43123@x.test']) {
    assert.equal(toSip(text), undefined, text);
  }
});

test('the resource is not part of the SIP address', () => {
  assert.equal(toSip('juliet@xmpp.test/balcony'), 'sip:juliet@xmpp.test');
});

// Characters that have a meaning in one of the two syntaxes come often.
const piece = fc.oneof(
  fc.constantFrom(...'abcdeZ09-_.!~*\'()&=+$,;?/#%[\\]^{|}`" :<>@', '\\20', '\\5c', '\\2F', '\\2', '5c', '%40', '%2'),
  fc.constantFrom(...'éÉﾃＡäжЖ中כ😀ß\u0301\u200d＠\u3000'),
  fc.string({ minLength: 1, maxLength: 3 }),
);
const text = fc.array(piece, { minLength: 1, maxLength: 8 }).map((pieces) => pieces.join(''));

test('a SIP address that is taken comes back, and is then always the same (50,000 random ones)', () => {
  let taken = 0;
  fc.assert(
    fc.property(text, fc.boolean(), (user, encoded) => {
      const part = encoded
        ? [...Buffer.from(user)].map((octet) => `%${octet.toString(16).padStart(2, '0')}`).join('')
        : user;
      const jid = sipToJid(`sip:${part}@x.test`);
      if (jid === undefined) return;
      taken += 1;
      const canonical = jidToSip(jid);
      assert.ok(canonical !== undefined);
      assert.equal(sipToJid(canonical)?.bare, jid.bare);
      // What a person reads is the same on both sides, but for the case and the width of letters.
      if (encoded)
        assert.equal(decodeURIComponent(canonical.slice(4, -7)), user.normalize('NFKC').toLowerCase().normalize());
    }),
    { numRuns: 50_000 },
  );
  assert.ok(taken > 10_000, `only ${taken} of the addresses were taken`);
});

test('a JID that has a SIP address comes back from it (50,000 random ones)', () => {
  let mapped = 0;
  fc.assert(
    fc.property(text, (local) => {
      const jid = parseJid(`${local}@x.test`);
      if (jid?.domain !== 'x.test') return;
      const uri = jidToSip(jid);
      if (uri === undefined) return;
      mapped += 1;
      assert.match(uri, /^sip:[A-Za-z0-9\-_.!~*'()&=+$,;?/%]+@x\.test$/);
      assert.equal(sipToJid(uri)?.bare, jid.bare);
    }),
    { numRuns: 50_000 },
  );
  assert.ok(mapped > 10_000, `only ${mapped} of the addresses were mapped`);
});
