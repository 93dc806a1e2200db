// Proves that every body of a MESSAGE that is taken becomes the text its writer saw (sip-dialect §5.5).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readText } from './text.ts';

const textOf = (contentType: string, body: string | Buffer): string | number => {
  const read = readText(contentType, typeof body === 'string' ? Buffer.from(body) : body);
  return read.ok ? read.text : read.status;
};
const html = (body: string) => textOf('text/html', body);
const rtf = (body: string) => textOf('text/rtf', `{\\rtf1\\ansi\\ansicpg1252 ${body}}`);
const crlf = (text: string) => text.replaceAll('\n', '\r\n');

test('plain text is read with LF line ends, and the fonts of Skype are ignored', () => {
  assert.equal(
    textOf('text/plain; charset=UTF-8;msgr=WAAtAE0ATQBTAC0A/+==', 'Grüße 🙂\r\nשלום\rx\n'),
    'Grüße 🙂\nשלום\nx\n',
  );
  assert.equal(textOf('TEXT/Plain', 'a'), 'a');
  assert.equal(textOf('text/plain;charset="utf-8"', '\ufeffa'), 'a');
});

test('character sets: four are read, what does not fit them is 400, others are 415', () => {
  assert.equal(textOf('text/plain;charset=us-ascii', 'abc'), 'abc');
  assert.equal(textOf('text/plain;charset=us-ascii', 'ü'), 400);
  assert.equal(textOf('text/plain', Buffer.from([0x61, 0xff])), 400);
  assert.equal(textOf('text/plain', Buffer.from([0xed, 0xa0, 0x80])), 400);
  assert.equal(textOf('text/plain;charset=ISO-8859-1', Buffer.from([0xfc, 0x80])), 'ü€');
  assert.equal(textOf('text/plain;charset=windows-1252', Buffer.from([0x93])), '“');
  assert.equal(textOf('text/plain;charset=utf-16', 'abc'), 415);
});

test('other types are 415, a malformed one is 400', () => {
  for (const type of [
    'application/sdp',
    'text/x-msmsgsinvite',
    'image/gif',
    'application/x-ms-ink',
    'multipart/mixed',
  ]) {
    assert.equal(textOf(type, 'x'), 415, type);
  }
  for (const type of [
    '',
    'text',
    'text/',
    'text/plain charset',
    'text/plain;charset="',
    `text/plain;a=${'x'.repeat(5000)}`,
  ]) {
    assert.equal(textOf(type, 'x'), 400, type);
  }
});

test('a body over 256 KiB is refused', () => {
  assert.equal(textOf('text/plain', Buffer.alloc(262_144, 0x61)), 'a'.repeat(262_144));
  assert.equal(textOf('text/plain', Buffer.alloc(262_145, 0x61)), 400);
});

test('HTML: tags become line breaks, line ends of the source are spaces', () => {
  assert.equal(html('<html><body><div>one</div><div>two</div></body></html>'), 'one\ntwo');
  assert.equal(html('a<br/>b<BR>c\r\nd  e'), 'a\nb\nc d e');
  assert.equal(html('<p>a</p>\n<p>b <b>bo</b>ld</p>'), 'a\nb bold');
  assert.equal(html('<ul><li>x</li><li>y</li></ul>'), '- x\n- y');
  assert.equal(html('<pre>a\n  b</pre>c'), 'a\n  b\nc');
  assert.equal(html('a<o:p></o:p>b'), 'ab');
});

test('HTML: references become characters once, unknown ones stay', () => {
  assert.equal(
    html('&lt;b&gt; &amp;lt; &#72;&#x49; &auml;&euro; &nope; &#0;&#xD800;&#150;'),
    '<b> &lt; HI ä€ &nope; \ufffd\ufffd–',
  );
  assert.equal(html('a&nbsp;&nbsp;b'), 'a  b');
  assert.equal(html('AT&T 1 < 2 &'), 'AT&T 1 < 2 &');
});

test('HTML: script, style and comments are dropped, also when they never close', () => {
  assert.equal(html('a<style>p{}</style>b<script>"</p>"</SCRIPT >c<!-- x > y -->d<!DOCTYPE html>e<?php ?>f'), 'abcdef');
  assert.equal(html('a<script>b'), 'a');
  assert.equal(html('a<!-- b'), 'a');
  assert.equal(html('a<b title="x'), 'a');
});

test('HTML: an attribute may hold what looks like a tag', () => {
  assert.equal(html('<b title="x>y" a=\'<i>\' c=d>z</b>'), 'z');
});

test('HTML: a link keeps its text, and its address where that says more', () => {
  assert.equal(html('<a href="https://x.test/">https://x.test</a>.'), 'https://x.test.');
  assert.equal(
    html('see <a class=x href="https://x.test/?a=1&amp;b=2">here</a>!'),
    'see here <https://x.test/?a=1&b=2>!',
  );
  assert.equal(html('<a href="mailto:a@x.test">a@x.test</a>'), 'a@x.test');
  assert.equal(html('<a href="https://x.test/i"><img src="y"></a>'), 'https://x.test/i');
  assert.equal(html('<a href="javascript:alert(1)">click</a> <a href="data:text/plain,x">y</a>'), 'click y');
  assert.equal(html('<a href="https://x.test/1">never closed'), 'never closed <https://x.test/1>');
});

test('RTF as Skype writes it becomes plain text', () => {
  const body =
    '{\\fonttbl{\\f0\\fnil\\fcharset0 Segoe UI;}{\\f1\\fcharset204 Arial;}}{\\colortbl ;\\red0\\green0\\blue0;}' +
    "{\\*\\generator Riched20 16.0;}\\viewkind4\\uc1\\pard\\cf1\\f0\\fs20 Hello \\b bold\\b0\\par\r\nGr\\u252?\\'dfe\\line\\f1\\'cf\\'f0\\f0 x\\'93\\par";
  assert.equal(rtf(body), 'Hello bold\nGrüße\nПрx“');
});

test('RTF: escapes, surrogates, binary data, double-byte code pages', () => {
  assert.equal(rtf('a\\{b\\}\\\\c\\~d\\_e\\-f'), 'a{b}\\c d-ef');
  assert.equal(rtf('\\u-10179?\\u-8638?'), '\u{1f642}');
  assert.equal(rtf('\\u-10179?x'), '\ufffdx');
  assert.equal(rtf('{\\uc2\\u8364 EUx}\\u65?b'), '€xAb');
  assert.equal(rtf('a\\bin3 }}}b'), 'ab');
  assert.equal(textOf('text/rtf', "{\\rtf1\\ansi\\ansicpg932 \\'93\\'fa\\'96\\'7b}"), '日本');
  assert.equal(rtf('{\\field{\\*\\fldinst{HYPERLINK "https://x.test"}}{\\fldrslt shown}}'), 'shown');
});

test('RTF that is none, or nests too deeply, is 400', () => {
  assert.equal(textOf('text/rtf', 'hello'), 400);
  assert.equal(rtf('{'.repeat(300)), 400);
});

const both = crlf(`preamble
--b1
Content-Type: text/rtf

{\\rtf1 rich}
--b1
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

pl=C3=A4in=
 text
--b1
Content-Type: text/html

<b>html</b>
--b1--
epilogue`);

test('of alternatives the plain one is taken, then HTML, then RTF', () => {
  const take = (body: string) => textOf('multipart/alternative; boundary="b1"', body);
  assert.equal(take(both), 'pläin text');
  assert.equal(take(both.replace('text/plain', 'image/gif')), 'html');
  assert.equal(take(both.replace('text/plain', 'image/gif').replace('text/html', 'image/png')), 'rich');
  assert.equal(take(both.replaceAll(/text\/\w+/g, 'image/gif')), 415);
});

test('the part that is taken decides: a malformed plain part does not fall back to another', () => {
  assert.equal(textOf('multipart/alternative;boundary=b1', both.replace('=C3=A4', '=C3')), 400);
});

test('parts may nest three deep, no more', () => {
  const nest = (depth: number): string =>
    depth === 0
      ? 'Content-Type: text/plain\r\n\r\ndeep'
      : `Content-Type: multipart/related;boundary=n${depth}\r\n\r\n--n${depth}\r\n${nest(depth - 1)}\r\n--n${depth}--`;
  const take = (depth: number) =>
    textOf(`multipart/related;boundary=n${depth}`, nest(depth).split('\r\n\r\n').slice(1).join('\r\n\r\n'));
  assert.equal(take(1), 'deep');
  assert.equal(take(3), 'deep');
  assert.equal(take(4), 400);
});

test('a multipart body without its end, without a boundary or with too many parts is 400', () => {
  assert.equal(textOf('multipart/alternative;boundary=b1', both.replace('--b1--', '')), 400);
  assert.equal(textOf('multipart/alternative', both), 400);
  assert.equal(textOf('multipart/alternative;boundary=b1', `${'--b1\r\n\r\nx\r\n'.repeat(17)}--b1--`), 400);
  assert.equal(textOf('multipart/alternative;boundary=b1', both.replace('quoted-printable', 'x-uue')), 400);
});

test('a boundary that begins like another one does not end its part', () => {
  assert.equal(textOf('multipart/related;boundary=b', '--b\r\n\r\none\r\n--bc\r\ntwo\r\n--b--'), 'one\n--bc\ntwo');
});

const types = [
  'text/plain',
  'text/html',
  'text/rtf',
  'multipart/alternative;boundary=b',
  'multipart/related;boundary=b',
];
const pieces = fc.oneof(
  fc.constantFrom(
    '<',
    '</',
    '>',
    '<a href="',
    '<a href=https://x.test/>',
    '</a>',
    '<!--',
    '-->',
    '<script>',
    '<li>',
    '<td>',
    '<pre>',
    '&',
    '&amp;',
    '&#x',
    ' ',
    '"',
    '=',
  ),
  fc.constantFrom(
    '{',
    '}',
    '{\\rtf1 ',
    '\\par',
    "\\'e4",
    '\\u-10179?',
    '\\uc9',
    '\\bin2',
    '\\f1',
    '\\fonttbl',
    '\\fcharset128',
    '\\*',
    '\\',
  ),
  fc.constantFrom(
    '--b',
    '--b--',
    '\r\n',
    '\n',
    '\r\n\r\n',
    'Content-Type: text/html',
    'Content-Type: multipart/related;boundary=b',
    'Content-Transfer-Encoding: base64',
  ),
  fc.string({ maxLength: 6 }),
);
const bodies = fc.oneof(
  fc.array(pieces, { maxLength: 40 }).map((all) => Buffer.from(all.join(''))),
  fc.array(pieces, { maxLength: 40 }).map((all) => Buffer.from(`{\\rtf1${all.join('')}`)),
  fc.array(pieces, { maxLength: 40 }).map((all) => Buffer.from(`--b\r\n${all.join('')}\r\n--b--`)),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
);

test('no body makes the reader throw, and no text is longer than its body', () => {
  let taken = 0;
  fc.assert(
    fc.property(fc.constantFrom(...types), bodies, (type, body) => {
      const read = readText(type, body);
      if (!read.ok) return;
      taken += 1;
      assert.ok(read.text.length <= body.length, `${read.text.length} from ${body.length}`);
      assert.ok(read.text.isWellFormed());
    }),
    { numRuns: 20_000 },
  );
  assert.ok(taken > 2000, `only ${taken} were taken`);
});

test('no content type makes the reader throw', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), (type) => void readText(type, Buffer.from('x'))),
    { numRuns: 5000 },
  );
});

test('the largest and ugliest bodies take linear time', () => {
  const ugly: readonly (readonly [string, string])[] = [
    ['text/html', '<'],
    ['text/html', '<a'],
    ['text/html', '<a '],
    ['text/html', '<a ="'],
    ['text/html', '<a href=x>y'],
    ['text/html', '<a href=https://x.test/>y</a>'],
    ['text/html', '<!-'],
    ['text/html', '<script'],
    ['text/html', '<b>x</b>'],
    ['text/html', ' '],
    ['text/html', '&#'],
    ['text/html', '\n'],
    ['text/rtf', '\\'],
    ['text/rtf', "\\'e4"],
    ['text/rtf', '\\u1 '],
    ['text/rtf', '{}'],
    ['text/rtf', '\\f1 x\\f2 '],
    ['multipart/related;boundary=b', '--b'],
    ['multipart/related;boundary=b', '--b\r\n'],
    ['multipart/related;boundary=b', '--b\r\n\r\n=3D= '],
    ['multipart/related;boundary=b', '\r\n--b '],
    ['text/plain', '\r'],
  ];
  for (const [type, unit] of ugly) {
    const start = type === 'text/rtf' ? '{\\rtf1' : '';
    const body = Buffer.from(start + unit.repeat(Math.floor((262_144 - 6) / unit.length)));
    const began = performance.now();
    readText(type, body);
    const took = performance.now() - began;
    assert.ok(took < 500, `${type} ${JSON.stringify(unit)} took ${Math.round(took)} ms`);
  }
});
