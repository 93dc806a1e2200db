// The way in from a partner: the strict XML reader (RFC 6120 §11) and the grammar of stanzas behind it.
import assert from 'node:assert/strict';
import { admit } from '../../../dmz-proxy/inbound.ts';
import { partner, policy, situation } from '../../../dmz-proxy/situation.fixtures.ts';
import type { XmlElement } from '../../../dmz-proxy/xml/element.ts';
import { printElement } from '../../../dmz-proxy/xml/print.ts';
import { createXmlReader, type XmlEvent } from '../../../dmz-proxy/xml/read-elements.ts';
import { Boundary } from '../../../proto/boundary.ts';
import { packetFromWire, packetToWire } from '../../../shared/packet-on-the-wire.ts';
import { compileLabels } from '../../../shared/policy/label-schema.ts';
import { allVocabularyWords } from '../../../shared/policy/vocabulary.ts';
import { pieces, type Target } from '../target.ts';

const header = "<s:stream xmlns:s='http://etherx.jabber.org/streams' xmlns='jabber:server'>";
const { requestSerialize, requestDeserialize } = Boundary.service.Exchange;

const words = [
  ...['<', '>', '/', '&', "'", '"', '=', '<!--', '<!DOCTYPE', '<?', '<![CDATA[', ']]>', '&#', '&#0;', '&#x110000;'],
  ...[
    '&amp;',
    '&lt;',
    ';',
    ' ',
    '\r\n',
    'xmlns=',
    'xmlns:a=',
    "xml:lang='en'",
    '</',
    '/>',
    ':',
    "id=''",
    "type='error'",
  ],
  ...['<body>', '</body>', '<subject/>', '<thread/>', '<message', '<presence', '<iq', '<error>', '<x', '<db:result'],
  ...'jabber:server jabber:client jabber:server:dialback jabber:x:oob urn:xmpp:ping urn:xmpp:receipts'.split(' '),
  ...['<securitylabel xmlns="urn:xmpp:sec-label:0">', '<displaymarking>', '<label>', '<equivalentlabel>', 'UK SECRET'],
  ...['<esssecuritylabel xmlns="urn:xmpp:sec-label:ess:0">', 'MQ4CAQQGCSsGAQQBgf1ZAQ==', '</label></securitylabel>'],
  ...'urn:xmpp:reply:0 urn:xmpp:fallback:0 urn:xmpp:reactions:0 urn:xmpp:delay urn:xmpp:eme:0 vcard-temp'.split(' '),
];

// A partner that has every word, labels of UK among them.
const everyWord = {
  partner: { ...partner, vocabulary: new Set(allVocabularyWords) },
  policy: {
    ...policy,
    labels: compileLabels({ schemes: ['uk'], ess: [{ policy: '1.3.6.1.4.1.32473.1', scheme: 'uk' }] }),
  },
};

function readAll(chunks: readonly Uint8Array[]): readonly XmlEvent[] {
  const reader = createXmlReader({ firstLevelBytes: 10_000, totalBytes: 40_000 }, { now: () => 0 });
  return chunks.flatMap((chunk) => [...reader.read(chunk)]);
}

// Attributes of other namespaces are left out (xmpp-boundary P15).
function asPrinted(element: XmlElement): XmlElement {
  const kept = Object.entries(element.attributes).filter(([name]) => !name.startsWith('{'));
  const attributes = Object.assign(Object.create(null), Object.fromEntries(kept));
  return { ...element, attributes, children: element.children.map(asPrinted) };
}

export const xmlReader: Target = {
  name: 'xml-reader',
  words: [header, ...words],
  claim(input) {
    const whole = readAll([input]);
    assert.deepEqual(readAll(pieces(input)), whole, 'it reads the same however it is cut');
    for (const event of whole) {
      if (event.kind !== 'element') continue;
      const printed = `${header}${printElement(event.element, 'jabber:server')}`;
      const again = createXmlReader({ firstLevelBytes: 200_000 }, { now: () => 0 }).read(Buffer.from(printed));
      const [, second] = again;
      assert.ok(second?.kind === 'element', `what was read and printed is read again: ${JSON.stringify(again[1])}`);
      assert.deepEqual(second.element, asPrinted(event.element));
    }
  },
};

export const grammar: Target = {
  name: 'grammar',
  words,
  claim(input) {
    for (const event of readAll([Buffer.from(header), input])) {
      if (event.kind !== 'element') continue;
      const admitted = admit(event.element, event.bytes, situation(everyWord), () => 'boot-1');
      if (admitted.kind === 'refused' || admitted.kind === 'dropped')
        assert.notEqual(admitted.refusal.code, 'internal-fault', admitted.refusal.note);
      const reply = admitted.kind === 'reply' ? admitted.xml : admitted.kind === 'refused' ? admitted.reply : undefined;
      if (reply !== undefined) {
        const read = createXmlReader({ firstLevelBytes: 200_000 }, { now: () => 0 }).read(Buffer.from(header + reply));
        assert.deepEqual(
          read.map(({ kind }) => kind),
          ['open', 'element'],
          `our answer is one element as we take it: ${reply}`,
        );
      }
      if (admitted.kind !== 'packet') continue;
      const { id } = admitted.packet;
      const offered = [{ seq: 1, id, packet: packetToWire(admitted.packet) }];
      const believed = packetFromWire(id, requestDeserialize(requestSerialize({ offered })).offered[0]?.packet);
      assert.ok(believed.passed, believed.passed ? '' : `the inside disbelieves it: ${believed.refusal.note}`);
      assert.deepEqual(believed.subject, admitted.packet);
    }
  },
};
