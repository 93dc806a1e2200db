// Whatever a partner puts into a message, presence or an answer: it is refused in words of ours, or the inside believes all of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { admit } from '../../dmz-proxy/inbound.ts';
import { element, partner, policy, situation } from '../../dmz-proxy/situation.fixtures.ts';
import { Boundary } from '../../proto/boundary.ts';
import { writeEssLabel } from '../../shared/content/markings/ess-label.ts';
import { packetFromWire, packetToWire } from '../../shared/packet-on-the-wire.ts';
import { compileLabels, labelsFile } from '../../shared/policy/label-schema.ts';
import { allVocabularyWords } from '../../shared/policy/vocabulary.ts';
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

const people = { from: 'ann@out.example/phone', to: 'bob@in.example' };

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

// Read by a policy of UK labels; the words of a privacy mark are a text like any.
const labelled = fc
  .tuple(
    fc.oneof(someText, fc.constantFrom('', 'UK SECRET', 'SECRET', 'TLP:RED')),
    fc.constantFrom('1.3.6.1.4.1.32473.1', '1.3.6.1.4.1.32473.1', '1.2.3'),
    fc.nat(5),
    someText.map((text) => text.slice(0, 128)),
    fc.constantFrom('', '', 'RECIPIENTS ONLY', 'dirty'),
  )
  .map(([display, policy, classification, privacyMark, text]) => {
    const categories = text === '' ? [] : [{ type: '1.3.6.1.4.1.32473.1.1', text }];
    const bytes = writeEssLabel({ policy, classification, privacyMark: privacyMark.toWellFormed(), categories });
    const ess = tag('esssecuritylabel', 'urn:xmpp:sec-label:ess:0', {}, Buffer.from(bytes).toString('base64'));
    const shown = `<displaymarking>${escaped(display)}</displaymarking><label>${ess}</label>`;
    return tag('securitylabel', 'urn:xmpp:sec-label:0', {}, shown);
  });
const labels = compileLabels(
  labelsFile.parse({
    ess: [{ policy: '1.3.6.1.4.1.32473.1', scheme: 'uk', caveats: '1.3.6.1.4.1.32473.1.1' }],
  }),
);

const hex = fc.oneof(someText, fc.constantFrom('', '0123456789abcdef0123456789abcdef01234567'));
const presenceChild = fc.oneof(
  fc.oneof(someText, fc.constantFrom('away', 'chat', 'dnd', 'xa')).map((text) => `<show>${escaped(text)}</show>`),
  fc
    .tuple(someText, fc.constantFrom('', 'de', 'en', '-'))
    .map(([text, lang]) => `<status xml:lang="${lang}">${escaped(text)}</status>`),
  fc
    .oneof(someText, fc.integer({ min: -200, max: 200 }).map(String))
    .map((text) => `<priority>${escaped(text)}</priority>`),
  hex.map((hash) => tag('x', 'vcard-temp:x:update', {}, `<photo>${escaped(hash)}</photo>`)),
  someText.map((since) => tag('idle', 'urn:xmpp:idle:1', { since })),
  someText.map((text) => tag('nick', 'http://jabber.org/protocol/nick', {}, escaped(text))),
  someText.map((stamp) => tag('delay', 'urn:xmpp:delay', { stamp })),
  someText.map((ver) => tag('c', 'http://jabber.org/protocol/caps', { ver })),
);
const presence = fc
  .tuple(
    fc.constantFrom('', 'unavailable', 'subscribe', 'subscribed', 'unsubscribe', 'unsubscribed', 'probe', 'error'),
    fc.array(presenceChild, { maxLength: 4 }),
    someText,
  )
  .map(([type, children, id]) => tag('presence', 'jabber:server', { ...people, type, id }, children.join('')));
const field = fc
  .tuple(fc.constantFrom('FN', 'NICKNAME', 'TITLE', 'ORGNAME', 'USERID', 'TEL', 'X'), someText)
  .map(([name, text]) => `<${name}>${escaped(text)}</${name}>`);
const answer = fc.oneof(
  fc
    .array(
      fc.oneof(
        field,
        field.map((each) => `<ORG>${each}</ORG>`),
        field.map((each) => `<EMAIL>${each}</EMAIL>`),
      ),
    )
    .map((fields) => tag('vCard', 'vcard-temp', {}, fields.join(''))),
  fc
    .oneof(
      someText,
      fc.base64String(),
      fc.base64String().map((text) => `iVBORw0KGgo${text}`),
    )
    .map((data) => tag('data', 'urn:xmpp:avatar:data', {}, escaped(data)))
    .map((data) => `<items node="urn:xmpp:avatar:data"><item>${data}</item></items>`)
    .map((items) => tag('pubsub', 'http://jabber.org/protocol/pubsub', {}, items)),
);
const query = fc
  .tuple(fc.constantFrom('get', 'set', 'result', 'error'), fc.oneof(someText, fc.constant('x'.repeat(24))), answer)
  .map(([type, id, inside]) => tag('iq', 'jabber:server', { ...people, type, id }, inside));
const event = fc
  .tuple(
    fc.constantFrom('urn:xmpp:avatar:metadata', 'http://jabber.org/protocol/nick'),
    fc.oneof(
      fc.tuple(hex, someText, fc.nat(100_000)).map(([id, type, bytes]) => {
        const facts = { id, type: type.length > 3 ? 'image/png' : type, bytes: String(bytes) };
        return tag('metadata', 'urn:xmpp:avatar:metadata', {}, tag('info', 'urn:xmpp:avatar:metadata', facts));
      }),
      someText.map((text) => tag('nick', 'http://jabber.org/protocol/nick', {}, escaped(text))),
    ),
  )
  .map(([node, inside]) => `<items node="${node}"><item>${inside}</item></items>`)
  .map((items) => tag('event', 'http://jabber.org/protocol/pubsub#event', {}, items));
const message = fc
  .tuple(
    fc.array(
      fc.oneof({ weight: 8, arbitrary: child }, { weight: 1, arbitrary: event }, { weight: 1, arbitrary: labelled }),
      { maxLength: 5 },
    ),
    someText,
  )
  .map(([children, id]) => tag('message', 'jabber:server', { ...people, id }, children.join('')));
const labelledMessage = fc
  .tuple(someText, labelled)
  .map(([text, label]) =>
    tag('message', 'jabber:server', { ...people, id: 'l' }, `<body>${escaped(text)}</body>${label}`),
  );
// Anew for each, so that no rate runs out.
const everything = () =>
  situation({ partner: { ...partner, vocabulary: new Set(allVocabularyWords) }, policy: { ...policy, labels } });

test('what the door lets in, the inside believes, and its content rules have seen every text of it', () => {
  let packets = 0;
  let labelledPackets = 0;
  fc.assert(
    fc.property(fc.oneof({ weight: 4, arbitrary: message }, labelledMessage, presence, query), (stanza) => {
      const admitted = admit(element(stanza), 1, everything(), () => 'boot-1');
      if (admitted.kind !== 'packet') {
        if (admitted.kind === 'our-ping-answered' || admitted.kind === 'reply') return;
        assert(admitted.kind === 'refused' || admitted.kind === 'dropped');
        assert.notEqual(admitted.refusal.code, 'internal-fault', admitted.refusal.note);
        return;
      }
      packets++;
      const { packet } = admitted;
      if (packet.content.kind === 'message' && packet.content.label !== undefined) labelledPackets++;
      const frame = requestDeserialize(
        requestSerialize({ offered: [{ seq: 1, id: packet.id, packet: packetToWire(packet) }] }),
      );
      const crossed = packetFromWire(packet.id, frame.offered[0]?.packet);
      assert(crossed.passed, crossed.passed ? '' : crossed.refusal.note);
      assert(!textsOf(packet).some((text) => text.includes('dirty') || /[\u200b\u202e]/.test(text)));
    }),
    { numRuns: 4000 },
  );
  assert(packets > 500, `only ${packets} were let in`);
  assert(labelledPackets > 20, `only ${labelledPackets} were let in with a label`);
});
