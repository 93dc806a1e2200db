// Presence, subscriptions, cards and vocabulary through the whole door, both ways (RFC 6121 §3, §4; xmpp-boundary §2.2).
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Content, Packet, Presence } from '@sallyport/shared/packet.ts';
import { compileVocabulary, vocabularyProfiles } from '@sallyport/shared/policy/vocabulary.ts';
import fc from 'fast-check';
import { admit } from './inbound.ts';
import { release } from './outbound.ts';
import { element, jid, packet, partner, releaseSituation, situation } from './situation.fixtures.ts';
import { packetToStanza } from './stanza/packet-to-stanza.ts';

const head = "from='ann@out.example/phone' to='bob@in.example' id='p1'";
const speaking = (vocabulary: ReturnType<typeof compileVocabulary>) => ({ partner: { ...partner, vocabulary } });

function come(text: string, changes = {}) {
  return admit(element(text), text.length, situation(changes), () => 'boot-1');
}

function admitted(text: string, changes = {}): Packet {
  const result = come(text, changes);
  assert(result.kind === 'packet', JSON.stringify(result));
  return result.packet;
}

function leave(content: Content, changes: Partial<Packet> = {}, terms = {}) {
  const verdict = release(packet({ content, ...changes }), releaseSituation(terms));
  return verdict.passed ? packetToStanza(verdict.subject) : verdict.refusal.code;
}

suite('presence that comes in', () => {
  test('a text that may not come in is taken out, and where somebody is goes on', () => {
    for (const status of ['dirty words', '\u202eabc']) {
      const { content } = admitted(`<presence ${head}><show>away</show><status>${status}</status></presence>`);
      assert.deepEqual(content, { kind: 'presence', availability: 'away', statuses: [], priority: 0 });
    }
  });
  test('a status is cleaned, and cut to 256 characters', () => {
    const { content } = admitted(`<presence ${head}><status>a\u200b${'😀'.repeat(300)}</status></presence>`);
    assert(content.kind === 'presence');
    const text = content.statuses[0]?.text ?? '';
    assert.ok(text.startsWith('a😀') && [...text].length <= 256);
  });
  test('free text can be off for a partner', () => {
    const less = speaking(compileVocabulary('im-standard', [], ['statuses']));
    const { content } = admitted(`<presence ${head}><status>hello</status></presence>`, less);
    assert(content.kind === 'presence');
    assert.deepEqual(content.statuses, []);
  });
  test('a request with a refused text is refused, and its sender told', () => {
    const result = come(`<presence ${head} type='subscribe'><status>dirty</status></presence>`);
    assert(result.kind === 'refused');
    assert.match(
      result.reply ?? '',
      /^<presence .*type="error"><error type="modify" by="in.example"><policy-violation /,
    );
  });
});

suite('a subscription request of those who may not', () => {
  const answer = (from: string, to: string, changes = {}) => {
    const result = come(`<presence from='${from}' to='${to}' id='p1' type='subscribe'/>`, changes);
    assert(result.kind === 'refused', JSON.stringify(result));
    assert.equal(result.refusal.code, 'not-permitted');
    return result.reply;
  };
  test('reads as if nobody wanted to be seen, from and to people', () => {
    assert.equal(
      answer('mallory@out.example/phone', 'bob@in.example/pc'),
      '<presence from="bob@in.example" to="mallory@out.example" type="unsubscribed"/>',
    );
  });
  test('and to the letter as if it came from whom nobody can ask, or who does not exist', () => {
    const refused = { kind: 'bounce', ofId: 'p1', ofKind: 'subscription', publicText: '', incident: 'i' } as const;
    const texts = [
      answer('mallory@out.example', 'bob@in.example')?.replace('mallory', 'ann'),
      leave({ kind: 'subscription', step: 'unsubscribed' }, { stanzaId: 'an-id-of-the-gateway' }),
      leave({ ...refused, code: 'user-unknown' }),
      leave({ ...refused, code: 'not-permitted' }),
    ];
    assert.equal(new Set(texts).size, 1, texts.join('\n'));
  });
  test('so does one to our domain, and one from a partner without presence', () => {
    assert.match(answer('ann@out.example', 'in.example') ?? '', /type="unsubscribed"/);
    const none = speaking(compileVocabulary('im-minimal', [], ['presence']));
    assert.match(answer('ann@out.example', 'bob@in.example', none) ?? '', /type="unsubscribed"/);
    assert.equal(come(`<presence ${head}/>`, none).kind, 'dropped');
  });
});

suite('presence that leaves', () => {
  const away: Presence = {
    kind: 'presence',
    availability: 'away',
    statuses: [{ lang: 'de', text: 'fort' }],
    priority: 5,
  };
  test('in the order of the schema, without capabilities', () => {
    assert.equal(
      leave({ ...away, avatarHash: null }, { stanzaId: '' }),
      '<presence from="bob@in.example" to="ann@out.example"><show>away</show><status xml:lang="de">fort</status>' +
        '<priority>5</priority><x xmlns="vcard-temp:x:update"><photo/></x></presence>',
    );
  });
  test('unavailable', () => {
    assert.equal(
      leave({ kind: 'presence', availability: 'unavailable', statuses: [], priority: 0 }, { stanzaId: '' }),
      '<presence from="bob@in.example" to="ann@out.example" type="unavailable"/>',
    );
  });
  test('steps and probes go from and to people', () => {
    const between = { from: jid('bob@in.example/sfb'), to: jid('ann@out.example/phone'), stanzaId: 's1' };
    const says = (type: string, inside = '/>') =>
      `<presence from="bob@in.example" to="ann@out.example" id="s1" type="${type}"${inside}`;
    assert.equal(
      leave({ kind: 'subscription', step: 'subscribe', nick: 'Bob', note: 'Hello' }, between),
      says('subscribe', '><status>Hello</status><nick xmlns="http://jabber.org/protocol/nick">Bob</nick></presence>'),
    );
    assert.equal(leave({ kind: 'subscription', step: 'subscribed' }, between), says('subscribed'));
    assert.equal(leave({ kind: 'probe' }, between), says('probe'));
  });
});

suite('what leaves is in words that the partner has', () => {
  const minimal = speaking(vocabularyProfiles['im-minimal']);
  test('im-minimal: the text alone', () => {
    const content = { kind: 'message', type: 'chat', body: 'x', chatState: 'active', receiptRequested: true } as const;
    assert.equal(
      leave(content, { delayed: true }, minimal),
      '<message from="bob@in.example" to="ann@out.example" id="call-1" type="chat"><body>x</body></message>',
    );
  });
  test('what has no form without the word is refused', () => {
    for (const content of [
      { kind: 'chat-state', state: 'active' },
      { kind: 'receipt', what: 'received', ofId: '1' },
      { kind: 'card-query' },
    ] as const) {
      assert.equal(leave(content, {}, minimal), 'not-carried');
    }
  });
  test('markers, idle time and cards need their switch', () => {
    const marker: Content = { kind: 'receipt', what: 'displayed', ofId: 'm' };
    const idle: Content = { kind: 'presence', availability: 'away', statuses: [], priority: 0, idleSince: 1_000 };
    assert.equal(leave(marker), 'not-carried');
    assert.doesNotMatch(leave(idle) ?? '', /idle/);
    const more = speaking(compileVocabulary('im-standard', ['markers', 'idle']));
    assert.match(leave(marker, {}, more) ?? '', /<displayed /);
    assert.match(leave(idle, {}, more) ?? '', /<idle xmlns="urn:xmpp:idle:1" since="1970-01-01T00:00:01.000Z"\/>/);
  });
});

suite('questions', () => {
  test('the time is told in UTC, where it is switched on', () => {
    const ask = "<iq from='ann@out.example/x' to='in.example' id='t' type='get'><time xmlns='urn:xmpp:time'/></iq>";
    assert.equal(come(ask).kind, 'refused');
    const result = come(ask, speaking(compileVocabulary('im-standard', ['time'])));
    assert(result.kind === 'reply');
    assert.match(result.xml, /<tzo>\+00:00<\/tzo><utc>2023-11-14T22:13:20Z<\/utc>/);
  });
  test('a card that leaves and one that comes in hold names and mail alone', () => {
    const words = speaking(compileVocabulary('im-standard', ['cards']));
    const text =
      "<iq from='ann@out.example/x' to='bob@in.example' id='abcdefghijklmnopqrstuvwx' type='result'><vCard xmlns='vcard-temp'>" +
      '<FN>Ann\u200b Other</FN><N><FAMILY>Other</FAMILY><GIVEN>Ann</GIVEN></N><ORG><ORGNAME>Out</ORGNAME></ORG><TITLE>CEO</TITLE>' +
      '<TEL><NUMBER>110</NUMBER></TEL><PHOTO><BINVAL>AAAA</BINVAL></PHOTO><DESC>hidden</DESC><URL>http://x.example</URL>' +
      '<EMAIL><WORK/><INTERNET/><USERID>ann@out.example</USERID></EMAIL></vCard></iq>';
    const { content } = admitted(text, words);
    assert(content.kind === 'card');
    assert.equal(content.fullName, 'Ann Other');
    assert.doesNotMatch(JSON.stringify(content), /110|AAAA|hidden|x\.example/);
    assert.equal(
      leave(content, { stanzaId: 'q1' }, words),
      '<iq from="bob@in.example" to="ann@out.example" id="q1" type="result"><vCard xmlns="vcard-temp"><FN>Ann Other</FN>' +
        '<N><FAMILY>Other</FAMILY><GIVEN>Ann</GIVEN></N><ORG><ORGNAME>Out</ORGNAME></ORG><TITLE>CEO</TITLE>' +
        '<EMAIL><INTERNET/><USERID>ann@out.example</USERID></EMAIL></vCard></iq>',
    );
  });
});

test('the id of a conversation goes inside as one that says nothing, the same for the same two', () => {
  const thread = (from: string, said: string) => {
    const { content } = admitted(
      `<message from='${from}' to='bob@in.example'><body>x</body><thread>${said}</thread></message>`,
    );
    return content.kind === 'message' ? content.thread : undefined;
  };
  assert.match(thread('ann@out.example/a', 'meet me at ten') ?? '', /^[A-Za-z0-9_-]{22}$/);
  assert.equal(thread('ann@out.example/a', 't'), thread('ann@out.example/b', 't'));
  assert.notEqual(thread('ann@out.example', 't'), thread('amy@out.example', 't'));
  assert.notEqual(thread('ann@out.example', 't'), thread('ann@out.example', 'u'));
});

test('presence that is written as a stanza and read again is the same presence', () => {
  const words = speaking(compileVocabulary('im-standard', ['idle']));
  const text = fc
    .string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 30 })
    .filter((said) => /\S/.test(said) && !said.includes('dirty'));
  const presence = fc.record(
    {
      kind: fc.constant('presence' as const),
      availability: fc.constantFrom('available', 'free-to-chat', 'away', 'extended-away', 'do-not-disturb'),
      statuses: fc.uniqueArray(fc.record({ lang: fc.constantFrom('', 'de', 'en'), text }, { noNullPrototype: true }), {
        selector: ({ lang }) => lang,
      }),
      priority: fc.integer({ min: -128, max: 127 }),
      idleSince: fc.integer({ min: 5_660_000, max: 5_666_000 }).map((n) => n * 300_000),
      avatarHash: fc.option(fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => Buffer.from(bytes))),
    },
    { requiredKeys: ['kind', 'availability', 'statuses', 'priority'], noNullPrototype: true },
  );
  fc.assert(
    fc.property(presence, (content) => {
      const from = jid('ann@out.example/phone');
      const out = packetToStanza(packet({ from, to: jid('bob@in.example'), content: content as Presence }));
      assert(out !== undefined);
      assert.deepEqual(admitted(out, words).content, content);
    }),
    { numRuns: 300 },
  );
});
