// Packets become stanzas and come back the same; errors have the form of RFC 6120 §8.3.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Content, Packet } from '@sallyport/shared/packet.ts';
import { compileTexts } from '@sallyport/shared/policy/texts.ts';
import { refusalFromStanzaError, refusals } from '@sallyport/shared/refusals.ts';
import fc from 'fast-check';
import { admit } from '../inbound.ts';
import { element, jid, packet, situation } from '../situation.fixtures.ts';
import { packetToStanza } from './packet-to-stanza.ts';
import { stanzaError } from './stanza-error.ts';

function written(packet: Packet, again = false): string {
  const text = packetToStanza(packet, again);
  assert(text !== undefined);
  return text;
}

function saying(content: Content, changes: Partial<Packet> = {}): Packet {
  return packet({ ...changes, content });
}

suite('packets as stanzas', () => {
  test('a message with everything, in its canonical form', () => {
    const content = {
      kind: 'message',
      type: 'chat',
      body: 'a & "b" <c>',
      subject: 's',
      thread: 't',
      chatState: 'active',
    } as const;
    assert.equal(
      written(saying(content, { lang: 'de' })),
      '<message from="bob@in.example" to="ann@out.example" id="call-1" type="chat" xml:lang="de"><subject>s</subject>' +
        '<body>a &amp; "b" &lt;c&gt;</body><thread>t</thread><active xmlns="http://jabber.org/protocol/chatstates"/></message>',
    );
  });
  test('typing', () => {
    assert.equal(
      written(saying({ kind: 'chat-state', state: 'composing' }, { stanzaId: '' })),
      '<message from="bob@in.example" to="ann@out.example" type="chat"><composing xmlns="http://jabber.org/protocol/chatstates"/></message>',
    );
  });
  test('what was delayed, and what is sent again, says when it was said (XEP-0203)', () => {
    const delay = '<delay xmlns="urn:xmpp:delay" from="in.example" stamp="2023-11-14T22:13:20.000Z"/></message>';
    assert(written(packet({ delayed: true })).endsWith(delay));
    assert(written(packet(), true).endsWith(delay));
    assert(!written(packet()).includes('delay'));
    assert(!written(saying({ kind: 'chat-state', state: 'active' }), true).includes('delay'));
  });
  test('what nobody inside can say is not written', () => {
    assert.equal(packetToStanza(saying({ kind: 'retraction', ofId: '1' })), undefined);
    assert.equal(packetToStanza(saying({ kind: 'reactions', toId: '1', emojis: ['👍'] })), undefined);
  });
  test('a receipt and a marker are asked for by an id of the message', () => {
    const asking = { kind: 'message', type: 'chat', body: 'x', receiptRequested: true, markable: true } as const;
    assert.match(
      written(saying(asking)),
      /<body>x<\/body><request xmlns="urn:xmpp:receipts"\/><markable xmlns="urn:xmpp:chat-markers:0"\/><\/message>$/,
    );
    assert.match(written(saying(asking, { stanzaId: '' })), /<body>x<\/body><\/message>$/);
    assert.match(
      written(saying({ kind: 'receipt', what: 'displayed', ofId: 'm7' })),
      /<displayed xmlns="urn:xmpp:chat-markers:0" id="m7"\/>/,
    );
  });
  test('a question for a card or a picture, and the answer to one', () => {
    assert.equal(
      written(saying({ kind: 'card-query' }, { to: jid('ann@out.example/phone') })),
      '<iq from="bob@in.example" to="ann@out.example" id="call-1" type="get"><vCard xmlns="vcard-temp"/></iq>',
    );
    assert.equal(
      written(saying({ kind: 'avatar-query', hash: new Uint8Array(20) })),
      '<iq from="bob@in.example" to="ann@out.example" id="call-1" type="get"><pubsub xmlns="http://jabber.org/protocol/pubsub">' +
        `<items node="urn:xmpp:avatar:data"><item id="${'00'.repeat(20)}"/></items></pubsub></iq>`,
    );
  });
  test('a receipt says what arrived, and asks for none', () => {
    assert.equal(
      written(saying({ kind: 'receipt', what: 'received', ofId: 'm7' })),
      '<message from="bob@in.example" to="ann@out.example" id="call-1" type="chat"><received xmlns="urn:xmpp:receipts" id="m7"/></message>',
    );
  });
  test('a refusal in the kind of what was refused', () => {
    const bounce = (ofKind: 'message' | 'subscription' | 'query' | 'presence') =>
      written(saying({ kind: 'bounce', ofId: 'm7', ofKind, code: 'user-unknown', publicText: '', incident: '' }));
    const rest =
      ' from="bob@in.example" to="ann@out.example" id="m7" type="error"><error type="cancel" by="in.example">' +
      '<service-unavailable xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error></';
    assert.equal(bounce('message'), `<message${rest}message>`);
    const texts = compileTexts({ default: 'en', texts: { de: { withIncident: '{text} (Vorfall {incident})' } } });
    const told = { kind: 'bounce', ofId: 'm7', ofKind: 'message', code: 'far-away', publicText: 'nein' } as const;
    const inGerman = packetToStanza(saying({ ...told, incident: '12ab' }, { lang: 'de' }), false, { texts }) ?? '';
    assert.match(inGerman, /xml:lang="de">nein \(Vorfall 12ab\)<\/text>/);
    assert.equal(bounce('query'), `<iq${rest}iq>`);
    // In the words of subscriptions, alike for all who are not to be seen (RFC 6121 §3.1.3).
    assert.equal(bounce('subscription'), '<presence from="bob@in.example" to="ann@out.example" type="unsubscribed"/>');
    assert.equal(bounce('presence'), `<presence${rest}presence>`);
  });
});

suite('error stanzas', () => {
  const address = { stanza: 'message', from: 'b@in.example', to: 'a@out.example', id: '', by: 'in.example' } as const;
  test('texts are escaped, and the incident stands behind them', () => {
    assert.match(
      stanzaError(address, { code: 'content-refused', publicText: '<b> & "c"', incident: '12ab' }),
      /^<message from="b@in.example" to="a@out.example" type="error">.*xml:lang="en">&lt;b&gt; &amp; "c" \(incident 12ab\)<\/text><\/error><\/message>$/,
    );
  });
  test('no text, no text element; nothing of rule, note or stage', () => {
    const text = stanzaError(address, { code: 'content-refused', rule: 'RULE', note: 'NOTE', stage: 'STAGE' });
    assert.doesNotMatch(text, /RULE|NOTE|STAGE|<text/);
  });
  for (const code of Object.keys(refusals) as (keyof typeof refusals)[]) {
    test(`${code} is read back as the code that its condition means`, () => {
      const stanza = element(
        stanzaError({ ...address, id: 'x', from: 'ann@out.example', to: 'bob@in.example' }, { code }),
      );
      const admitted = admit(stanza, 1, situation(), () => 'i');
      assert(admitted.kind === 'packet' && admitted.packet.content.kind === 'bounce');
      assert.equal(admitted.packet.content.code, refusalFromStanzaError(refusals[code].xmpp.condition));
      assert.equal(admitted.packet.content.ofId, 'x');
    });
  }
});

test('a packet that is written as a stanza and read again is the same packet', () => {
  const text = (max: number) =>
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: max }).filter((t) => /\S/.test(t));
  const plain = fc
    .string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 20 })
    .filter((t) => /\S/.test(t) && !t.includes('dirty'));
  const chatState = fc.constantFrom('active', 'composing', 'paused', 'inactive', 'gone');
  const message = fc.record(
    {
      kind: fc.constant('message'),
      type: fc.constantFrom('chat', 'normal', 'headline'),
      body: fc.oneof(plain, text(20)),
      subject: plain,
      thread: plain,
      chatState,
    },
    { requiredKeys: ['kind', 'type', 'body'], noNullPrototype: true },
  ) as fc.Arbitrary<Content>;
  const state = fc.record(
    { kind: fc.constant('chat-state'), state: chatState, thread: plain },
    { requiredKeys: ['kind', 'state'], noNullPrototype: true },
  ) as fc.Arbitrary<Content>;
  const ids = fc.string({ unit: 'grapheme-ascii', maxLength: 20 });
  fc.assert(
    fc.property(fc.oneof(message, state), ids, fc.boolean(), (content, stanzaId, delayed) => {
      const wanted: Packet = {
        id: 'same',
        from: jid('ann@out.example/phone'),
        to: jid('bob@in.example'),
        at: 1_600_000_000_000 + (delayed ? 0 : 1),
        delayed: delayed && content.kind === 'message',
        stanzaId,
        lang: 'de',
        content,
      };
      const now = delayed && content.kind === 'message' ? wanted.at + 1000 : wanted.at;
      const admitted = admit(
        element(written(wanted)),
        1,
        situation({ now, limits: { bodyCharacters: 1000 } }),
        () => 'same',
      );
      // Emoji and marks that generated text puts in odd places are cleaned; those are text-hygiene's own tests.
      if (admitted.kind === 'packet' && 'thread' in admitted.packet.content) {
        assert.match(admitted.packet.content.thread ?? '', /^[A-Za-z0-9_-]{22}$/);
        const { thread } = admitted.packet.content;
        Object.assign(wanted, { content: { ...content, thread } });
      }
      if (
        admitted.kind === 'packet' &&
        admitted.packet.content.kind === 'message' &&
        content.kind === 'message' &&
        /[^\x20-\x7e]/.test(content.body)
      ) {
        assert.deepEqual({ ...admitted.packet, content: { ...admitted.packet.content, body: content.body } }, wanted);
      } else if (admitted.kind === 'packet') {
        assert.deepEqual(admitted.packet, wanted);
      } else {
        assert(admitted.kind === 'refused' && admitted.refusal.code === 'text-unclean', JSON.stringify(admitted));
      }
    }),
    { numRuns: 500 },
  );
});
