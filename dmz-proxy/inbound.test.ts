// The way in as a whole: what becomes of an element, who is answered and who is not.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { compileRates, type RateEntry } from '@sallyport/shared/policy/rate-schema.ts';
import { type Admitted, admit } from './inbound.ts';
import { element, freshRates, partner, situation } from './situation.fixtures.ts';
import type { Situation } from './situation.ts';
import { createFaults } from './stages/count-faults.ts';

const head = "from='ann@out.example/phone' to='bob@in.example' id='m1'";

function admitText(text: string, changes: Partial<Situation> = {}): Admitted {
  return admit(element(text), text.length, situation(changes), () => 'boot-7');
}

function refusal(text: string, changes: Partial<Situation> = {}) {
  const admitted = admitText(text, changes);
  assert(admitted.kind === 'refused' || admitted.kind === 'dropped', JSON.stringify(admitted));
  const { code, stage } = admitted.refusal;
  const { reply, close } = admitted.kind === 'refused' ? admitted : {};
  return {
    kind: admitted.kind,
    code,
    stage,
    reply: reply?.replace(/Incident [0-9a-f]{10}|incident [0-9a-f]{10}/, 'INC'),
    close,
  };
}

suite('what goes inside', () => {
  test('a message becomes a packet with the given name, the time of now and the stream language', () => {
    const admitted = admitText(`<message ${head} type='chat'><body>Good morning</body></message>`, {
      stream: { id: 's', localDomain: 'in.example', remoteDomain: 'out.example', lang: 'de' },
    });
    assert(admitted.kind === 'packet');
    const { from, to, ...rest } = admitted.packet;
    assert.equal(from.bare, 'ann@out.example');
    assert.equal(from.resource, 'phone');
    assert.equal(to.bare, 'bob@in.example');
    assert.deepEqual(rest, {
      id: 'boot-7',
      at: 1_700_000_000_000,
      delayed: false,
      stanzaId: 'm1',
      lang: 'de',
      content: { kind: 'message', type: 'chat', body: 'Good morning' },
    });
  });
  test('texts go inside as they were cleaned', () => {
    const admitted = admitText(`<message ${head}><body>pass\u200bword</body></message>`);
    assert(admitted.kind === 'packet' && admitted.packet.content.kind === 'message');
    assert.equal(admitted.packet.content.body, 'password');
  });
  test('what a trick hides from the eye is not hidden from the rules', () => {
    assert.equal(refusal(`<message ${head}><body>di\u200brty</body></message>`).code, 'content-refused');
  });
  test("the partner's error becomes a bounce", () => {
    const admitted = admitText(
      `<message ${head} type='error'><error type='wait'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`,
    );
    assert(admitted.kind === 'packet' && admitted.packet.content.kind === 'bounce');
    assert.equal(admitted.packet.content.code, 'far-away');
  });
});

suite('what is answered here', () => {
  test('ping', () => {
    assert.deepEqual(
      admitText("<iq type='get' id='p1' from='out.example' to='in.example'><ping xmlns='urn:xmpp:ping'/></iq>"),
      {
        kind: 'reply',
        xml: '<iq from="in.example" to="out.example" id="p1" type="result"/>',
      },
    );
  });
  test('what we are, and that we have nothing', () => {
    const ask = (ns: string) =>
      admitText(`<iq type='get' id='d' from='ann@out.example/x' to='in.example'><query xmlns='${ns}'/></iq>`);
    const info = ask('http://jabber.org/protocol/disco#info');
    assert(info.kind === 'reply');
    assert.match(
      info.xml,
      /<identity category="gateway" type="sip"\/><feature var="http:\/\/jabber.org\/protocol\/disco#info"\/>/,
    );
    const items = ask('http://jabber.org/protocol/disco#items');
    assert(items.kind === 'reply');
    assert.match(items.xml, /<query xmlns="http:\/\/jabber.org\/protocol\/disco#items"\/><\/iq>$/);
  });
  test('the answer to our ping says that the partner lives, an error too, but only between the domains', () => {
    const answer = (type: string, from: string, inside = '') =>
      admitText(`<iq type='${type}' id='x' from='${from}' to='in.example'>${inside}</iq>`);
    const alive = { kind: 'our-ping-answered', from: 'out.example', to: 'in.example', id: 'x' };
    assert.deepEqual(answer('result', 'out.example'), alive);
    assert.deepEqual(answer('error', 'out.example', "<ping xmlns='urn:xmpp:ping'/><error type='cancel'/>"), alive);
    assert.equal(answer('result', 'ann@out.example').kind, 'dropped');
  });
});

suite('who is told what', () => {
  const error = (attributes: string, condition: string, type: string, more = '') =>
    `<message ${attributes} type="error"><error type="${type}" by="in.example"><${condition} xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/>` +
    `<text xmlns="urn:ietf:params:xml:ns:xmpp-stanzas" xml:lang="en">INC</text>${more}</error></message>`;
  const back = 'from="bob@in.example" to="ann@out.example/phone" id="m1"';

  test('a content refusal goes back with the text that policy chose, and without what was said', () => {
    const { reply, stage } = refusal(`<message ${head}><body>dirty words</body></message>`);
    assert.equal(stage, 'checkContent');
    assert.equal(reply, error(back, 'policy-violation', 'modify').replace('INC', 'Mind your words. (INC)'));
  });
  test('one who may not talk reads the same as if nobody were there', () => {
    const { code, reply } = refusal(
      "<message from='mallory@out.example' to='bob@in.example' id='m1'><body>x</body></message>",
    );
    assert.equal(code, 'not-permitted');
    assert.equal(
      reply,
      error('from="bob@in.example" to="mallory@out.example" id="m1"', 'service-unavailable', 'cancel'),
    );
  });
  test('one who may not talk learns nothing by breaking the grammar', () => {
    assert.equal(refusal("<message from='mallory@out.example' to='bob@in.example'>x</message>").code, 'not-permitted');
  });
  test('an unreadable recipient, and one of another domain, are answered from our domain', () => {
    for (const to of ['bob@@in.example', 'bob@in.example/', 'b☃b@in.example', 'x@third.example']) {
      const { reply } = refusal(`<message from='ann@out.example' to='${to}' id='m1'><body>x</body></message>`);
      assert.match(reply ?? '', /^<message from="in.example" to="ann@out.example" id="m1" type="error">/);
    }
  });
  const limited = (rate: RateEntry) => ({
    rates: freshRates(),
    partner: { ...partner, rates: compileRates(rate) },
  });
  test('too fast is said as such (XEP-0205)', () => {
    const changes = limited({ sender: { perMinute: 1, burst: 1 } });
    admitText(`<message ${head}><body>x</body></message>`, changes);
    const { code, reply, stage } = refusal(`<message ${head}><body>x</body></message>`, changes);
    assert.deepEqual([code, stage], ['rate-exceeded', 'checkPersonRate']);
    assert.equal(reply, error(back, 'resource-constraint', 'wait', '<too-many-stanzas xmlns="urn:xmpp:errors"/>'));
  });
  test('asking for strangers costs rate as well', () => {
    const changes = limited({ stanzasPerSecond: 1, burst: 1 });
    const ask = () =>
      refusal("<message from='mallory@out.example' to='bob@in.example'><body>x</body></message>", changes).code;
    assert.deepEqual([ask(), ask(), ask()], ['not-permitted', 'not-permitted', 'rate-exceeded']);
  });
  test('whoever asks for too many strangers is told of the rate, whether the next one exists, is forbidden, or is neither', () => {
    const changes = limited({ unknownRecipients: { perMinute: 1, burst: 2 } });
    const mallory = (to: string) =>
      refusal(`<message from='mallory@out.example' to='${to}@in.example' id='m1'><body>x</body></message>`, changes);
    assert.deepEqual(
      [mallory('a').code, mallory('b').code, mallory('c').code],
      ['not-permitted', 'not-permitted', 'rate-exceeded'],
    );
    const ann = limited({ unknownRecipients: { perMinute: 1, burst: 2 } });
    ann.rates.people.sender('ann@out.example').unknownRecipients = Number.MAX_SAFE_INTEGER;
    const text = (xml: string | undefined) =>
      xml?.replace(/(?:ann|mallory)@out.example(?:\/phone)?|\w+@in.example/g, 'X');
    const { reply } = refusal(`<message ${head}><body>x</body></message>`, ann);
    assert.equal(text(reply), text(mallory('d').reply));
  });
  test('one person who goes on and on does not end the stream of all the others', () => {
    const changes = { ...limited({ sender: { perMinute: 1, burst: 1 } }), faults: createFaults() };
    for (let i = 0; i < 2_000; i++) {
      const said = admitText(`<message ${head}><body>x</body></message>`, changes);
      assert.ok(said.kind !== 'refused' || said.close === undefined);
    }
    const stream = { ...limited({ stanzasPerSecond: 1, burst: 1 }), faults: createFaults() };
    const closes = () => refusal(`<message ${head}><body>x</body></message>`, stream).close;
    for (let i = 0; i < 2; i++) admitText(`<message ${head}><body>x</body></message>`, stream);
    for (let i = 0; i < 1_000; i++) assert.equal(closes(), undefined);
    assert.equal(closes(), 'policy-violation');
  });
  test('typing beyond its rate is dropped without a word', () => {
    const changes = limited({ chatStates: { perMinute: 1, burst: 1 } });
    const types = () =>
      admitText(
        `<message ${head} type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>`,
        changes,
      );
    assert.equal(types().kind, 'packet');
    assert.deepEqual(types(), { kind: 'dropped', refusal: { code: 'typing-exceeded', stage: 'checkPersonRate' } });
    assert.equal(admitText(`<message ${head}><body>x</body></message>`, changes).kind, 'packet');
  });
  test('a query is answered in its own kind', () => {
    assert.match(
      refusal(`<iq ${head} type='get'><query xmlns='jabber:iq:version'/></iq>`).reply ?? '',
      /^<iq from="bob@in.example" to="ann@out.example\/phone" id="m1" type="error"><error type="cancel" by="in.example"><service-unavailable /,
    );
  });
  test('encryption is refused with a sentence', () => {
    const { code, reply } = refusal(`<message ${head}><body>?OTRv3?</body></message>`);
    assert.equal(code, 'encrypted-content');
    assert.match(reply ?? '', /End-to-end encryption is not permitted here\./);
  });
});

suite('who is not told (I7, S10)', () => {
  const silent: readonly (readonly [string, string])[] = [
    ['the error of an error', `<message ${head} type='error'><thread/></message>`.replace("id='m1'", '')],
    ['presence with a broken form', `<presence ${head}><show>busy</show></presence>`],
    ['presence of one who may not talk', "<presence from='mallory@out.example' to='bob@in.example' id='m1'/>"],
    ['a probe of one who may not talk', "<presence from='mallory@out.example' to='bob@in.example' type='probe'/>"],
    ['presence of a room', `<presence ${head}><x xmlns='http://jabber.org/protocol/muc'/></presence>`],
    ['a presence error that names nothing', `<presence ${head} type='error'/>`.replace("id='m1'", '')],
    ['a message with nothing in it', `<message ${head}><store xmlns='urn:xmpp:hints'/></message>`],
    ['the result of nothing', `<iq ${head} type='result'/>`],
  ];
  for (const [name, text] of silent) {
    test(`${name} is dropped`, () => assert.equal(refusal(text).kind, 'dropped'));
  }
  test('a refused headline is refused without an answer', () => {
    const { kind, code, reply } = refusal(`<message ${head} type='headline'><body>dirty</body></message>`);
    assert.deepEqual([kind, code, reply], ['refused', 'content-refused', undefined]);
  });
  test('an error to a stranger is not answered', () => {
    assert.equal(refusal("<message from='a@out.example' to='x@third.example' id='1' type='error'/>").reply, undefined);
  });
});

suite('what ends the stream', () => {
  test('a forged sender, without an answer', () => {
    const { code, stage, reply, close } = refusal(
      "<message from='ann@evil.example' to='bob@in.example'><body>x</body></message>",
    );
    assert.deepEqual([code, stage, reply, close], ['sender-forged', 'checkSender', undefined, 'invalid-from']);
  });
  test('a forged sender with an unreadable recipient is not answered either', () => {
    const { code, reply } = refusal("<message from='ann@evil.example' to='@'><body>x</body></message>");
    assert.deepEqual([code, reply], ['sender-forged', undefined]);
  });
  test('no sender or no recipient', () => {
    for (const text of ["<message to='bob@in.example'/>", "<message from='ann@out.example'/>", '<presence/>']) {
      assert.equal(refusal(text).close, 'improper-addressing');
    }
  });
  test('what is no stanza', () => {
    for (const text of ['<foo/>', "<message xmlns='jabber:client'/>", "<x xmlns='urn:x'/>"]) {
      assert.equal(refusal(text).close, 'unsupported-stanza-type');
    }
  });
  test('the first break of the grammar, where the partner entry says so', () => {
    const strict = { partner: { ...partner, invalid: 'close' as const } };
    assert.equal(refusal(`<message ${head}>x</message>`, strict).close, 'invalid-xml');
    assert.equal(refusal(`<message ${head}>x</message>`).close, undefined);
  });
  test('the eleventh break of the grammar', () => {
    const faults = createFaults();
    const closes = Array.from({ length: 11 }, () => refusal(`<message ${head}>x</message>`, { faults }).close);
    assert.deepEqual(closes.slice(9), [undefined, 'policy-violation']);
  });
  test('an unreadable sender is dropped, and ends the stream when it goes on', () => {
    const faults = createFaults();
    const text = "<message from='@out.example' to='bob@in.example'><body>x</body></message>";
    const closes = Array.from({ length: 4 }, () => refusal(text, { faults }));
    assert.equal(closes[0]?.reply, undefined);
    assert.deepEqual(
      closes.map(({ close }) => close),
      [undefined, undefined, undefined, 'improper-addressing'],
    );
  });
});

test('a watcher is told each verdict in its order', () => {
  const seen: string[] = [];
  const text = `<message ${head}><body>dirty</body></message>`;
  admit(
    element(text),
    text.length,
    situation(),
    () => 'x',
    (stage, { passed }) => seen.push(`${stage} ${passed}`),
  );
  assert.deepEqual(seen, [
    'checkSender true',
    'checkPartner true',
    'checkRate true',
    'parseStanza true',
    'checkRecording true',
    'checkPersonRate true',
    'checkProbing true',
    'cleanText true',
    'checkContent false',
  ]);
});

test('a stage that throws refuses, and says nothing of why', () => {
  const broken = { ...partner, mayTalk: () => assert.fail('secret') };
  const { code, reply } = refusal(`<message ${head}><body>x</body></message>`, { partner: broken });
  assert.equal(code, 'internal-fault');
  assert.doesNotMatch(reply ?? '', /secret/);
});
