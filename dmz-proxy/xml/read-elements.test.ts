// The reader against xmpp-boundary P1 to P14: what it takes, what it refuses, and that neither depends on how the
// bytes were cut into segments.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createXmlReader, type XmlEvent, type XmlLimits } from './read-elements.ts';

const header =
  "<?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' to='in.example'>";
const limits: XmlLimits = { firstLevelBytes: 10_000 };

function read(bytes: string | Uint8Array, by = Number.POSITIVE_INFINITY, within = limits): XmlEvent[] {
  const all = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
  const reader = createXmlReader(within, { now: () => 1_000 });
  const events: XmlEvent[] = [];
  for (let i = 0; i < all.length; i += by) events.push(...reader.read(all.subarray(i, i + by)));
  return events;
}

// Whole, byte by byte, and in threes: the same events, or there is a way to smuggle.
function readEachWay(bytes: string | Uint8Array, within = limits): XmlEvent[] {
  const whole = read(bytes, Number.POSITIVE_INFINITY, within);
  assert.deepEqual(read(bytes, 1, within), whole, 'byte by byte differs');
  assert.deepEqual(read(bytes, 3, within), whole, 'in threes differs');
  return whole;
}

function ending(bytes: string | Uint8Array, within = limits): string {
  const last = readEachWay(bytes, within).at(-1);
  if (last?.kind !== 'broken') return last?.kind ?? 'nothing';
  return last.tooBig ? `${last.condition} too big` : last.condition;
}

suite('what the reader takes', () => {
  test('a header, an element with its namespaces, and the end', () => {
    const events = readEachWay(
      `${header}<message to='b@in.example' xml:lang='de' x:y='z' xmlns:x='urn:x'><body>a &amp; <![CDATA[<b>]]> &#x1F600;ü</body>` +
        `<active xmlns='http://jabber.org/protocol/chatstates'/></message> \n<x:iq xmlns:x='jabber:server'/></stream:stream>`,
    );
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['open', 'element', 'element', 'close'],
    );
    const [open, message, iq] = events;
    assert(open?.kind === 'open' && message?.kind === 'element' && iq?.kind === 'element');
    assert.equal(open.contentNs, 'jabber:server');
    assert.equal(open.root.ns, 'http://etherx.jabber.org/streams');
    assert.equal(open.root.attributes.to, 'in.example');
    assert.deepEqual({ ...message.element.attributes }, { to: 'b@in.example', 'xml:lang': 'de', '{urn:x}y': 'z' });
    assert.equal(message.element.children[0]?.text, 'a & <b> 😀ü');
    assert.equal(message.element.children[1]?.ns, 'http://jabber.org/protocol/chatstates');
    assert.equal(`${iq.element.ns} ${iq.element.name}`, 'jabber:server iq');
    assert.equal(iq.bytes, "<x:iq xmlns:x='jabber:server'/>".length);
  });

  test('bytes are counted raw: references and characters of several bytes as they came', () => {
    const element = '<message><body>&#x00041;ü😀</body></message>';
    const event = readEachWay(`${header}  ${element}`).at(-1);
    assert(event?.kind === 'element');
    assert.equal(event.bytes, Buffer.byteLength(element));
  });

  test('a prefix means what the nearest element around it says, and a default can be taken back', () => {
    const event = readEachWay(
      `${header}<message xmlns:x='urn:1'><x:a><x:b xmlns:x='urn:2' x:c='2'/><x:b/></x:a><d xmlns=''><e/></d></message>`,
    ).at(-1);
    assert(event?.kind === 'element');
    const [a, d] = event.element.children;
    assert.deepEqual(
      [a?.ns, ...(a?.children ?? []).map((each) => each.ns), d?.ns, d?.children[0]?.ns],
      ['urn:1', 'urn:2', 'urn:1', '', ''],
    );
    assert.deepEqual(Object.keys(a?.children[0]?.attributes ?? {}), ['{urn:2}c']);
  });

  test('a root without a default namespace says so', () => {
    const [open] = readEachWay("<s:stream xmlns:s='http://etherx.jabber.org/streams'>");
    assert(open?.kind === 'open');
    assert.equal(open.contentNs, '');
  });

  for (const declaration of [
    '',
    "<?xml version='1.0'?>",
    '<?xml version="1.0" encoding="utf-8" ?>',
    "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\r\n",
    ' \n',
  ]) {
    test(`a stream that starts with ${JSON.stringify(declaration)}`, () => {
      assert.equal(ending(`${declaration}<a xmlns='urn:a'>`), 'open');
    });
  }
});

suite('what ends the stream', () => {
  const cases: readonly (readonly [string, string | Uint8Array, string])[] = [
    [
      'P1 bytes that are not UTF-8',
      Buffer.concat([Buffer.from(`${header}<a>`), Buffer.from([0xc3, 0x28])]),
      'not-well-formed',
    ],
    ['P1 an overlong form', Buffer.concat([Buffer.from(`${header}<a>`), Buffer.from([0xc0, 0xaf])]), 'not-well-formed'],
    [
      'P1 a surrogate',
      Buffer.concat([Buffer.from(`${header}<a>`), Buffer.from([0xed, 0xa0, 0x80, 0x41])]),
      'not-well-formed',
    ],
    ['P1 beyond Unicode', Buffer.concat([Buffer.from(`${header}<a>`), Buffer.from([0xf5, 0x80])]), 'not-well-formed'],
    ['P2 another encoding', "<?xml version='1.0' encoding='ISO-8859-1'?><a>", 'unsupported-encoding'],
    ['P2 XML 1.1', "<?xml version='1.1'?><a>", 'not-well-formed'],
    ['P2 standalone no', "<?xml version='1.0' standalone='no'?><a>", 'restricted-xml'],
    ['P2 a declaration without version', "<?xml encoding='UTF-8'?><a>", 'not-well-formed'],
    ['P2 a declaration without end', `<?xml version='1.0'${' '.repeat(300)}`, 'not-well-formed'],
    ['P3 a byte order mark', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(header)]), 'not-well-formed'],
    ['text before the root', 'x<a>', 'not-well-formed'],
    ['P4 a comment, at its first characters', `${header}<!-`, 'restricted-xml'],
    ['P4 a comment in an element', `${header}<message><body><!--`, 'restricted-xml'],
    ['P4 an instruction', `${header}<?`, 'restricted-xml'],
    ['P4 an instruction before the root', '<?php', 'restricted-xml'],
    ['P4 a stylesheet before the root', "<?xml-stylesheet href='a'?>", 'restricted-xml'],
    ['P4 a document type', '<!D', 'restricted-xml'],
    ['P4 a document type behind the declaration', "<?xml version='1.0'?><!DOCTYPE a [", 'restricted-xml'],
    ['P4 another entity', `${header}<a>&nbsp;</a>`, 'restricted-xml'],
    ['P4 a second declaration', `${header}<?xml version='1.0'?>`, 'restricted-xml'],
    ['P4 a declaration behind white space', ` <?xml version='1.0'?>`, 'restricted-xml'],
    ['P5 mismatched tags', `${header}<message><body></message></body>`, 'not-well-formed'],
    ['P5 a first-level element ended by another name', `${header}<message></iq>`, 'not-well-formed'],
    ['P5 a root ended by another name', `${header}</stream>`, 'not-well-formed'],
    ['P5 an attribute twice', `${header}<a b='1' b='2'/>`, 'not-well-formed'],
    ['P5 < in an attribute', `${header}<a b='<'/>`, 'not-well-formed'],
    ['P5 <? in an attribute', `${header}<a b='<?'/>`, 'not-well-formed'],
    ['P5 ]]> in text', `${header}<a>]]></a>`, 'not-well-formed'],
    ['P5 an attribute without quotes', `${header}<a b=c/>`, 'not-well-formed'],
    ['P5 a name that starts with a digit', `${header}<1a/>`, 'not-well-formed'],
    ['P5 a local name that starts with a digit', `${header}<stream:1a/>`, 'not-well-formed'],
    ['P5 a NUL', `${header}<a>\0</a>`, 'not-well-formed'],
    ['P5 a control character', `${header}<a>\u0001</a>`, 'not-well-formed'],
    ['P5 U+FFFF', `${header}<a>\uffff</a>`, 'not-well-formed'],
    ...['&#0;', '&#1;', '&#xD800;', '&#xFFFF;', '&#x110000;', '&;', '& ', '&#;', '&#x;', '&#xg;'].map(
      (reference) => [`P5 the reference ${reference}`, `${header}<a>${reference}</a>`, 'not-well-formed'] as const,
    ),
    ['P6 an unbound prefix', `${header}<x:a/>`, 'bad-namespace-prefix'],
    ['P6 an unbound prefix of an attribute', `${header}<a x:b=''/>`, 'bad-namespace-prefix'],
    ['P6 the prefix of declarations, of an element', `${header}<xmlns:a/>`, 'not-well-formed'],
    ['P6 a name of three parts', `${header}<a xmlns:x='u' x:b:c=''/>`, 'not-well-formed'],
    ['P6 a prefix that is no name', `${header}<a xmlns:1='u'/>`, 'not-well-formed'],
    ['P6 the namespace of declarations', `${header}<a xmlns:x='http://www.w3.org/2000/xmlns/'/>`, 'not-well-formed'],
    [
      'P6 the xml namespace under another prefix',
      `${header}<a xmlns:x='http://www.w3.org/XML/1998/namespace'/>`,
      'not-well-formed',
    ],
    ['P6 a prefix behind its element', `${header}<a xmlns:x='u'/><x:b/>`, 'bad-namespace-prefix'],
    ['P6 one prefix declared twice', `${header}<a xmlns:x='u' xmlns:x='v'/>`, 'not-well-formed'],
    ['P6 the default declared twice', `${header}<a xmlns='' xmlns='v'/>`, 'not-well-formed'],
    ['P6 one expanded name twice', `${header}<a xmlns:x='u' xmlns:y='u' x:b='' y:b=''/>`, 'not-well-formed'],
    ['P6 xml bound to something else', `${header}<a xmlns:xml='urn:x'/>`, 'not-well-formed'],
    ['P6 xmlns bound', `${header}<a xmlns:xmlns='urn:x'/>`, 'not-well-formed'],
    [
      'P6 the xml namespace as default',
      `${header}<a xmlns='http://www.w3.org/XML/1998/namespace'/>`,
      'not-well-formed',
    ],
    ['P6 a prefix undeclared', `${header}<a xmlns:x=''/>`, 'not-well-formed'],
    ['P6 a namespace with a space that a parser would trim', `${header}<a xmlns=' jabber:server'/>`, 'not-well-formed'],
    ['P8 a reference of nine digits', `${header}<a>&#x000000041;</a>`, 'not-well-formed'],
    ['P8 zeros without an end', `${header}<a b='&#0000000000000`, 'not-well-formed'],
    ['P11 text between elements', `${header}<a/>x`, 'invalid-xml'],
    ['P11 CDATA between elements', `${header}<![CDATA[ ]]>`, 'invalid-xml'],
    ['P11 CDATA right behind an element, which still counts', `${header}<iq/><![CDATA[ ]]>`, 'invalid-xml'],
    ['P11 a reference between elements', `${header}&#32;`, 'invalid-xml'],
    ['P11 white space without measure', `${header}${' '.repeat(1024 + 17)}`, 'policy-violation'],
  ];
  for (const [name, bytes, expected] of cases) {
    test(`${name}: ${expected}`, () => assert.equal(ending(bytes), expected));
  }

  test('what was complete before the break is delivered, what was not is lost (P10)', () => {
    const events = readEachWay(`${header}<a/><b><c></b>`);
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['open', 'element', 'broken'],
    );
  });

  test('eight digits, white space of a keepalive, and a line break behind each element are fine', () => {
    assert.equal(ending(`${header}<a>&#x00000041;&#00000065;</a>${' '.repeat(1024)}`), 'element');
    assert.equal(ending(`${header}${'<a/>\r\n'.repeat(3000)}`), 'element');
  });

  test('a broken reader stays dead, and so does a closed one', () => {
    for (const bytes of [`${header}<a></b>`, `${header}</stream:stream>`]) {
      const reader = createXmlReader(limits);
      reader.read(Buffer.from(bytes));
      assert.deepEqual(reader.read(Buffer.from('<message/>')), []);
    }
  });

  test('notes quote nothing of what was read', () => {
    for (const [, bytes] of cases) {
      const last = read(bytes).at(-1);
      assert(last?.kind === 'broken');
      assert.match(last.note, /^[a-z8A-Z][\w ,.:'-]*$/);
      assert.doesNotMatch(last.note, /stylesheet|nbsp|php/);
    }
  });
});

suite('limits: exactly at them is fine, one more is not (P9, §0.2)', () => {
  const both = (name: string, make: (n: number) => string, n: number) => {
    test(name, () => {
      assert.equal(ending(`${header}${make(n)}`), 'element');
      assert.equal(ending(`${header}${make(n + 1)}`), 'policy-violation too big');
    });
  };
  both('raw bytes of an element, from its first <', (n) => `  <a>${'x'.repeat(n - 7)}</a>`, 10_000);
  both('raw bytes, characters of several bytes', (n) => `<a>${'ü'.repeat(100)}${'x'.repeat(n - 207)}</a>`, 10_000);
  both('depth', (n) => '<a>'.repeat(n) + '</a>'.repeat(n), 32);
  both('elements', (n) => `<a>${'<b/>'.repeat(n - 1)}</a>`, 1024);
  both('attributes', (n) => `<a${Array.from({ length: n }, (_, i) => ` b${i}=''`).join('')}/>`, 32);
  both('namespaces', (n) => `<a${Array.from({ length: n }, (_, i) => ` xmlns:b${i}='u'`).join('')}/>`, 16);
  both('an attribute in bytes', (n) => `<a b='${'x'.repeat(n)}'/>`, 4096);
  both('an attribute in bytes beyond ASCII', (n) => `<a b='ü${'x'.repeat(n - 2)}'/>`, 4096);

  test('an element that never ends is stopped at the limit, whatever it is made of', () => {
    for (const endless of ['<aaaa', '<a b="', '<a>text', '<a ', '</', '<a><![CDATA[', '<a>&amp']) {
      assert.equal(ending(`${header}${endless}${'x'.repeat(10_001)}`), 'policy-violation too big', endless);
    }
  });

  test('a header is measured as well', () => {
    assert.equal(ending(`<s ${' '.repeat(10_000)}`), 'policy-violation too big');
    assert.equal(ending(' '.repeat(10_001)), 'policy-violation too big');
  });

  test('all bytes together, before authentication', () => {
    const within = { firstLevelBytes: 10_000, totalBytes: header.length + 12 };
    assert.equal(ending(`${header}<a/><a/><a/>`, within), 'element');
    assert.equal(ending(`${header}<a/><a/><a/> `, within), 'policy-violation too big');
  });

  test('the limit can be raised while the stream lives', () => {
    const reader = createXmlReader({ firstLevelBytes: 200 });
    reader.read(Buffer.from(header));
    reader.setLimits({ firstLevelBytes: 10_000 });
    assert.equal(reader.read(Buffer.from(`<a>${'x'.repeat(9_000)}</a>`)).at(-1)?.kind, 'element');
  });
});

suite('what the stream asks of the reader', () => {
  test('pending bytes are those behind the last complete element, white space included (T2, A6)', () => {
    const reader = createXmlReader(limits);
    assert.equal(reader.pending(), 0);
    reader.read(Buffer.from(`${header} `));
    assert.equal(reader.pending(), 1);
    reader.read(Buffer.from('<starttls xmlns="urn:x"/>'));
    assert.equal(reader.pending(), 0);
    reader.read(Buffer.from('<a/>\n<messageü'));
    assert.equal(reader.pending(), 11);
    reader.read(Buffer.from([0xc3]));
    assert.equal(reader.pending(), 12);
  });

  test('the time of the first byte of an unfinished element, so that slow senders can be ended (L8)', () => {
    let now = 10;
    const reader = createXmlReader(limits, { now: () => now });
    assert.equal(reader.sinceFirstByte(), undefined);
    reader.read(Buffer.from(header.slice(0, 30)));
    now = 20;
    reader.read(Buffer.from(header.slice(30, 40)));
    assert.equal(reader.sinceFirstByte(), 10);
    reader.read(Buffer.from(header.slice(40)));
    assert.equal(reader.sinceFirstByte(), undefined);
    now = 30;
    reader.read(Buffer.from(' <mess'));
    now = 40;
    reader.read(Buffer.from('age/>'));
    assert.equal(reader.sinceFirstByte(), undefined);
    reader.read(Buffer.from('<a/><'));
    now = 50;
    reader.read(Buffer.from('b'));
    assert.equal(reader.sinceFirstByte(), 40);
  });

  test('a slow drip of the largest stanza costs no more than the same bytes at once, but for the calls', () => {
    const bytes = Buffer.from(`${header}<a b='${'x'.repeat(4000)}'>${'y'.repeat(60_000)}</a>`);
    const started = process.cpuUsage();
    const events = read(bytes, 1, { firstLevelBytes: 65_536 });
    const { user } = process.cpuUsage(started);
    assert.equal(events.at(-1)?.kind, 'element');
    // A quadratic reader needs seconds for it.
    assert(user < 1_000_000, `${user} µs`);
  });

  test('nesting without end is stopped before the tokenizer feels it', () => {
    const started = process.cpuUsage();
    assert.equal(ending(`${header}${'<a>'.repeat(3_000)}`), 'policy-violation too big');
    assert(process.cpuUsage(started).user < 1_000_000);
  });
});
