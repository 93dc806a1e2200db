// Every kind of packet crosses the wall whole, and nothing that the contract does not promise is taken from it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Boundary } from '../../proto/boundary.ts';
import type { Packet__Output as WirePacketRead } from '../../proto/generated/sallyport/boundary/v1/Packet.ts';
import { parseJid } from '../../shared/address/jid.ts';
import { levels, lights, type Marking } from '../../shared/content/markings/marking.ts';
import type { Card, Content, Packet, PacketKind } from '../../shared/packet.ts';
import { packetFromWire, packetToWire } from '../../shared/packet-on-the-wire.ts';

const { requestSerialize, requestDeserialize } = Boundary.service.Exchange;

function cross(packet: Packet) {
  const frame = requestDeserialize(
    requestSerialize({ offered: [{ seq: 1, id: packet.id, packet: packetToWire(packet) }] }),
  );
  return packetFromWire(packet.id, frame.offered[0]?.packet);
}

function jid(text: string) {
  const read = parseJid(text);
  assert.ok(read);
  return read;
}

const text = fc
  .string({ unit: 'grapheme', maxLength: 60 })
  .filter((each) => !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]/.test(each));
const someText = text.filter((each) => each !== '');
const bytes20 = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((each) => Buffer.from(each));
const lang = fc.constantFrom('', 'en', 'de-CH');
const texts = fc.array(fc.record({ lang, text }), { maxLength: 3 });
const use = fc.constantFrom('work', 'home', 'mobile', 'fax', 'other');
const uses = fc.array(fc.record({ use, value: text }), { maxLength: 3 });
const chatState = fc.constantFrom('active', 'composing', 'paused', 'inactive', 'gone');

const narrowed = {
  caveats: fc.subarray(['ATOMAL', 'RECIPIENTS ONLY', 'SI-G']),
  releasableTo: fc.subarray(['FRA', 'GBR', 'FVEY']),
};
const marking: fc.Arbitrary<Marking> = fc.oneof(
  fc.record(
    { scheme: fc.constantFrom('uk', 'us', 'nato', 'eu', 'plain'), level: fc.constantFrom(...levels), ...narrowed },
    { requiredKeys: ['scheme', 'level', 'caveats'] },
  ),
  fc.record(
    { scheme: fc.constant('tlp'), level: fc.constantFrom(...lights), ...narrowed },
    { requiredKeys: ['scheme', 'level', 'caveats'] },
  ),
);

const contents: { readonly [K in PacketKind]: fc.Arbitrary<Extract<Content, { kind: K }>> } = {
  message: fc.record(
    {
      kind: fc.constant('message'),
      type: fc.constantFrom('chat', 'normal', 'headline'),
      body: text,
      subject: someText,
      thread: someText,
      chatState,
      receiptRequested: fc.constant(true),
      markable: fc.constant(true),
      nick: someText,
      replaces: someText,
      reply: fc.record({
        to: text,
        id: someText,
        quotedStart: fc.nat(10),
        quotedEnd: fc.integer({ min: 10, max: 50 }),
      }),
      label: fc.record({ marking, privacyMark: fc.constantFrom('of the desk', 'ü') }, { requiredKeys: ['marking'] }),
      links: fc.array(fc.record({ url: fc.constant('https://in.example/a'), description: text }), {
        minLength: 1,
        maxLength: 3,
      }),
      originId: someText,
      otherLanguages: fc.array(fc.record({ lang, text }), { minLength: 1, maxLength: 3 }),
    },
    { requiredKeys: ['kind', 'type', 'body'] },
  ),
  'chat-state': fc.record(
    { kind: fc.constant('chat-state'), state: chatState, thread: someText },
    { requiredKeys: ['kind', 'state'] },
  ),
  receipt: fc.record({ kind: fc.constant('receipt'), what: fc.constantFrom('received', 'displayed'), ofId: someText }),
  presence: fc.record(
    {
      kind: fc.constant('presence'),
      availability: fc.constantFrom(
        'available',
        'free-to-chat',
        'away',
        'extended-away',
        'do-not-disturb',
        'unavailable',
      ),
      statuses: texts,
      priority: fc.integer({ min: -128, max: 127 }),
      idleSince: fc.integer({ min: 1, max: 2_000_000_000_000 }),
      avatarHash: fc.oneof(fc.constant(null), bytes20),
      nick: someText,
    },
    { requiredKeys: ['kind', 'availability', 'statuses', 'priority'] },
  ),
  subscription: fc.record(
    {
      kind: fc.constant('subscription'),
      step: fc.constantFrom('subscribe', 'subscribed', 'unsubscribe', 'unsubscribed'),
      nick: someText,
      note: someText,
    },
    { requiredKeys: ['kind', 'step'] },
  ),
  probe: fc.constant({ kind: 'probe' }),
  'card-query': fc.constant({ kind: 'card-query' }),
  card: card(),
  'avatar-query': fc.record({ kind: fc.constant('avatar-query'), hash: bytes20 }),
  avatar: fc.record({
    kind: fc.constant('avatar'),
    hash: bytes20,
    mediaType: fc.constantFrom('image/png', 'image/jpeg'),
    data: bytes20,
    width: fc.nat(96),
    height: fc.nat(96),
  }),
  bounce: fc.record({
    kind: fc.constant('bounce'),
    ofId: text,
    ofKind: fc.constantFrom('message', 'subscription', 'query', 'presence'),
    code: fc.constantFrom('content-refused', 'far-away', 'partner-unreachable'),
    publicText: text,
    incident: fc.constant('1a2b3c'),
  }),
  reactions: fc.record({
    kind: fc.constant('reactions'),
    toId: someText,
    emojis: fc.array(fc.constant('👍🏽'), { maxLength: 10 }),
  }),
  retraction: fc.record({ kind: fc.constant('retraction'), ofId: someText }),
  invitation: fc.record({
    kind: fc.constant('invitation'),
    room: fc.constant(jid('room@muc.out.example')),
    reason: text,
  }),
};

function card(): fc.Arbitrary<Card> {
  const address = fc.record({
    street: text,
    locality: text,
    region: text,
    postalCode: text,
    country: text,
    office: text,
  });
  return fc.record(
    {
      kind: fc.constant('card'),
      ...{ fullName: text, familyName: text, givenName: text, nickname: text, organisation: text, department: text },
      ...{ title: text, role: text, emails: uses, phones: uses, url: text, address, note: text },
    },
    {
      requiredKeys: [
        ...(['kind', 'fullName', 'familyName', 'givenName', 'nickname', 'organisation', 'department'] as const),
        ...(['title', 'role', 'emails', 'phones', 'url', 'note'] as const),
      ],
    },
  );
}

for (const [kind, arbitrary] of Object.entries(contents)) {
  test(`a packet of kind ${kind} comes out as it went in`, () => {
    fc.assert(
      fc.property(arbitrary, lang, text, fc.boolean(), (content: Content, language, stanzaId, delayed) => {
        const packet: Packet = {
          id: 'boot.17',
          from: jid('ann@out.example/desk'),
          to: jid('bob@in.example'),
          at: 1_790_000_000_000,
          delayed,
          stanzaId,
          lang: language,
          content,
        };
        const verdict = cross(packet);
        assert.ok(verdict.passed, verdict.passed ? '' : verdict.refusal.note);
        assert.deepEqual(plain(verdict.subject), plain(packet));
      }),
      { numRuns: 60 },
    );
  });
}

// Bytes are bytes, whether the wire gives a Buffer or a view; key order and prototypes do not count.
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_key, each) => (each instanceof Uint8Array ? [...each] : each)));
}

function good(): WirePacketRead {
  const frame = requestDeserialize(
    requestSerialize({
      offered: [
        { packet: { from: 'ann@out.example', to: 'bob@in.example', atMs: 1, message: { body: 'x', type: 'CHAT' } } },
      ],
    }),
  );
  const packet = frame.offered[0]?.packet;
  assert.ok(packet);
  return packet;
}

const broken: Readonly<Record<string, (packet: WirePacketRead) => void>> = {
  'an address that is none': (packet) => (packet.from = 'ann@@out.example'),
  'an address that was not prepared': (packet) => (packet.to = 'Bob@in.example'),
  'no sender': (packet) => (packet.from = ''),
  'no time': (packet) => (packet.atMs = 0),
  'a time that is no number': (packet) => (packet.atMs = Number.NaN),
  'a language of markup': (packet) => (packet.lang = "en'/><x"),
  'a stanza id of 257 characters': (packet) => (packet.stanzaId = 'i'.repeat(257)),
  'a stanza id with a line break hidden as control': (packet) => (packet.stanzaId = 'a\u0000b'),
  'no content': (packet) => {
    delete packet.content;
  },
  'a message without a type': (packet) => {
    if (packet.message) packet.message.type = 'MESSAGE_TYPE_UNSPECIFIED';
  },
  'a body with a control character': (packet) => {
    if (packet.message) packet.message.body = 'a\u0007b';
  },
  'a body with half a surrogate pair': (packet) => {
    if (packet.message) packet.message.body = 'a\ud800b';
  },
  'a link that is no web address': (packet) => {
    if (packet.message) packet.message.links = [{ url: 'javascript:alert(1)', description: '' }];
  },
  'a quotation that ends before it starts': (packet) => {
    if (packet.message) packet.message.reply = { to: '', id: 'x', quotedStart: 5, quotedEnd: 4 };
  },
  'a bounce with a code of its own': (packet) => {
    packet.content = 'bounce';
    packet.bounce = { ofId: 'x', ofKind: 'BOUNCED_MESSAGE', code: 'let-me-in', publicText: '', incident: '' };
  },
};

test('the packet that the next tests break is good before', () => {
  assert.ok(packetFromWire('a.1', good()).passed);
});

for (const [what, spoil] of Object.entries(broken)) {
  test(`from the wall is not taken: ${what}`, () => {
    const packet = good();
    spoil(packet);
    const verdict = packetFromWire('a.1', packet);
    assert.ok(!verdict.passed);
    assert.equal(verdict.refusal.code, 'origin-disbelieved');
  });
}

test('an id that could not be one of ours is not taken', () => {
  for (const id of ['', 'a b', 'ä', 'x'.repeat(65), 'a\n']) assert.ok(!packetFromWire(id, good()).passed, id);
});

test('random bytes in the place of a frame never end in an exception other than the decoder’s own refusal', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      let frame: ReturnType<typeof requestDeserialize>;
      try {
        frame = requestDeserialize(Buffer.from(bytes));
      } catch {
        return;
      }
      for (const offered of frame.offered) packetFromWire(offered.id, offered.packet);
    }),
    { numRuns: 3_000 },
  );
});
