// Whatever a partner puts into a message: it is refused in words of ours, or the inside believes all of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { admit } from '../../dmz-proxy/inbound.ts';
import { element, situation } from '../../dmz-proxy/situation.fixtures.ts';
import { Boundary } from '../../proto/boundary.ts';
import { packetFromWire, packetToWire } from '../../shared/packet-on-the-wire.ts';
import { textsOf } from '../../shared/texts-of.ts';

const { requestSerialize, requestDeserialize } = Boundary.service.Exchange;

const wide = fc.string({
  unit: fc.constantFrom('a', '😀', 'ü', ' ', '\u200b', '\u202e', '\t', '7', '👍'),
  maxLength: 400,
});
const someText = fc.oneof(
  wide,
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom('', '👍', 'dirty', 'x'.repeat(64), '😀'.repeat(64), '😀'.repeat(256), 'x'.repeat(1024)),
);
const url = fc.oneof(
  someText,
  fc.webUrl(),
  someText.map((text) => `https://a.example/${text}`),
);
const place = fc.oneof(fc.nat(10).map(String), someText);

function escaped(text: string): string {
  const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '"': '&quot;', '\t': '&#9;', '\r': '&#13;' };
  return text.replace(/[\x00-\x08\x0a-\x1f\ufffe\uffff]/g, '').replace(/[&<"\t\r]/g, (each) => escapes[each] ?? '');
}

const tag = (name: string, ns: string, attributes: Record<string, string>, inner = '') => {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(value)}"`);
  return `<${name} xmlns="${ns}"${written.join('')}>${inner}</${name}>`;
};

const child = fc.oneof(
  someText.map((text) => `<body>${escaped(text)}</body>`),
  someText.map((text) => `<subject>${escaped(text)}</subject>`),
  someText.map((text) => `<thread>${escaped(text)}</thread>`),
  fc.constant('<active xmlns="http://jabber.org/protocol/chatstates"/>'),
  fc.constant('<request xmlns="urn:xmpp:receipts"/>'),
  someText.map((id) => tag('received', 'urn:xmpp:receipts', { id })),
  someText.map((text) => tag('nick', 'http://jabber.org/protocol/nick', {}, escaped(text))),
  someText.map((id) => tag('replace', 'urn:xmpp:message-correct:0', { id })),
  fc
    .tuple(url, someText)
    .map(([at, text]) => tag('x', 'jabber:x:oob', {}, `<url>${escaped(at)}</url><desc>${escaped(text)}</desc>`)),
  fc.tuple(someText, someText).map(([to, id]) => tag('reply', 'urn:xmpp:reply:0', { to, id })),
  fc
    .tuple(fc.constantFrom('urn:xmpp:reply:0', 'urn:xmpp:reactions:0', 'urn:xmpp:message-retract:1'), place, place)
    .map(([of, start, end]) =>
      tag('fallback', 'urn:xmpp:fallback:0', { for: of }, `<body start="${escaped(start)}" end="${escaped(end)}"/>`),
    ),
  fc
    .tuple(someText, fc.array(someText, { maxLength: 3 }))
    .map(([id, all]) =>
      tag(
        'reactions',
        'urn:xmpp:reactions:0',
        { id },
        all.map((each) => `<reaction>${escaped(each)}</reaction>`).join(''),
      ),
    ),
  someText.map((id) => tag('retract', 'urn:xmpp:message-retract:1', { id })),
  someText.map((jid) => tag('x', 'jabber:x:conference', { jid })),
);

test('what the door lets in, the inside believes, and its content rules have seen every text of it', () => {
  let packets = 0;
  fc.assert(
    fc.property(fc.array(child, { maxLength: 5 }), someText, (children, id) => {
      const stanza = `<message from='ann@out.example' to='bob@in.example' id="${escaped(id)}">${children.join('')}</message>`;
      const admitted = admit(element(stanza), 1, situation(), () => 'boot-1');
      if (admitted.kind !== 'packet') {
        assert(admitted.kind === 'refused' || admitted.kind === 'dropped');
        assert.notEqual(admitted.refusal.code, 'internal-fault', admitted.refusal.note);
        return;
      }
      packets++;
      const { packet } = admitted;
      const frame = requestDeserialize(
        requestSerialize({ offered: [{ seq: 1, id: packet.id, packet: packetToWire(packet) }] }),
      );
      const crossed = packetFromWire(packet.id, frame.offered[0]?.packet);
      assert(crossed.passed, crossed.passed ? '' : crossed.refusal.note);
      assert(!textsOf(packet).some((text) => text.includes('dirty') || /[\u200b\u202e]/.test(text)));
    }),
    { numRuns: 3000 },
  );
  assert(packets > 100, `only ${packets} were let in`);
});
