// Whatever bytes come, however they are cut: the reader never throws, says the same, and prints back what it read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { XmlElement } from './element.ts';
import { printElement } from './print.ts';
import { createXmlReader, type XmlEvent } from './read-elements.ts';

const header = "<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams'>";
const valid =
  "<message from='a@out.example' to='b@in.example' xml:lang='en'><body>Hi &amp; &#65; ü😀</body><x xmlns='urn:x' y='\u00e9'/></message>" +
  "\n<iq type='get'><ping xmlns='urn:xmpp:ping'/></iq><presence/></stream:stream>";

function read(bytes: Uint8Array, cuts: readonly number[]): XmlEvent[] {
  const reader = createXmlReader({ firstLevelBytes: 400, totalBytes: 4_000 }, { now: () => 0 });
  const events: XmlEvent[] = [];
  let from = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    const to = Math.min(cut, bytes.length);
    events.push(...reader.read(bytes.subarray(from, Math.max(from, to))));
    from = Math.max(from, to);
  }
  events.push(...reader.read(bytes.subarray(from)));
  return events;
}

const cutsOf = fc.array(fc.nat(700), { maxLength: 12 });

test('random bytes never throw, however they are cut', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), cutsOf, fc.boolean(), (random, cuts, behindHeader) => {
      const bytes = behindHeader ? Buffer.concat([Buffer.from(header), random]) : random;
      assert.deepEqual(read(bytes, cuts), read(bytes, []));
    }),
    { numRuns: 1500 },
  );
});

test('a valid stream with bytes changed, left out or put in reads the same however it is cut', () => {
  const change = fc.record({
    at: fc.nat(400),
    remove: fc.nat(6),
    insert: fc.oneof(
      fc.uint8Array({ maxLength: 4 }),
      fc
        .constantFrom(
          '<',
          '>',
          '/',
          '&',
          "'",
          '<!',
          '<?',
          ']]>',
          '<![CDATA[',
          '&#',
          ';',
          ' ',
          '\r',
          'xmlns=',
          '😀',
          ':',
          '<b>',
        )
        .map((text) => Buffer.from(text)),
    ),
  });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), cutsOf, (changes, cuts) => {
      let bytes: Buffer = Buffer.from(header + valid);
      for (const { at, remove, insert } of changes) {
        bytes = Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]);
      }
      assert.deepEqual(read(bytes, cuts), read(bytes, []));
    }),
    { numRuns: 3000 },
  );
});

const character = fc.oneof(
  fc.constantFrom('&', '<', '>', '"', "'", ']', '\n', '\t', '\r', ' ', 'ü', '😀', '\u200f', '\u0085', '\ufeff'),
  fc.string({ minLength: 1, maxLength: 1 }).filter((c) => c >= ' ' && c !== '\uffff' && c !== '\ufffe'),
);
const text = fc.array(character, { maxLength: 12 }).map((characters) => characters.join(''));
const name = fc.constantFrom('message', 'body', 'x', 'active', 'a-b.c_d');
const ns = fc.constantFrom('jabber:server', 'urn:x', 'http://jabber.org/protocol/chatstates', 'jabber:client', '');
const element: fc.Arbitrary<XmlElement> = fc.letrec<{ element: XmlElement }>((tie) => ({
  element: fc.record(
    {
      ns,
      name,
      attributes: fc
        .dictionary(fc.constantFrom('to', 'from', 'id', 'xml:lang', 'constructor', '__proto__'), text, {
          noNullPrototype: false,
        })
        .map((attributes) => Object.assign(Object.create(null), attributes)),
      children: fc.oneof({ maxDepth: 3 }, fc.constant([]), fc.array(tie('element'), { maxLength: 3 })),
      text,
    },
    { noNullPrototype: true },
  ),
})).element;

test('what is printed is read back as the same element', () => {
  fc.assert(
    fc.property(element, (original) => {
      const reader = createXmlReader({ firstLevelBytes: 1_000_000 });
      reader.read(Buffer.from(header));
      const [event] = reader.read(Buffer.from(printElement(original, 'jabber:server')));
      assert(event?.kind === 'element', JSON.stringify(event));
      assert.deepEqual(event.element, original);
      assert.equal(printElement(event.element, 'jabber:server'), printElement(original, 'jabber:server'));
    }),
    { numRuns: 500 },
  );
});
