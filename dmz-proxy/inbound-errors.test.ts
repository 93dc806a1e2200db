// The error that each wrong stanza gets, word for word where a rule names it (xmpp-boundary S4 to S7, S9, S11).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admit } from './inbound.ts';
import { element, partner, situation } from './situation.fixtures.ts';
import type { Situation } from './situation.ts';
import { createFaults } from './stages/count-faults.ts';

const stanzasNs = 'urn:ietf:params:xml:ns:xmpp-stanzas';

function refused(text: string, changes: Partial<Situation> = {}) {
  const admitted = admit(element(text), text.length, situation(changes), () => 'boot-1');
  assert(admitted.kind === 'refused', JSON.stringify(admitted));
  const [, type = '', condition = ''] =
    /<error type="([a-z]+)" by="in.example"><([a-z-]+) xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"\/>/.exec(
      admitted.reply ?? '',
    ) ?? [];
  return { says: `${condition} ${type}`, reply: admitted.reply, close: admitted.close };
}

test('a recipient that is no address is jid-malformed, from our domain', () => {
  const { says, reply } = refused("<message from='ann@out.example' to='@in.example' id='m'><body>x</body></message>");
  assert.equal(says, 'jid-malformed modify');
  assert.match(reply ?? '', /^<message from="in.example" to="ann@out.example" id="m" type="error">/);
});

test('a third domain is item-not-found, ten times, and then the stream ends', () => {
  const faults = createFaults();
  const text = "<message from='ann@out.example' to='x@third.example' id='m'><body>x</body></message>";
  const all = Array.from({ length: 11 }, () => refused(text, { faults }));
  assert.ok(all.every(({ says }) => says === 'item-not-found cancel'));
  assert.deepEqual(
    all.map(({ close }) => close),
    [...Array(10).fill(undefined), 'policy-violation'],
  );
});

test('an error or an answer to a third domain is not answered', () => {
  for (const stanza of [
    "<message from='ann@out.example' to='x@third.example' id='m' type='error'/>",
    "<iq from='ann@out.example' to='x@third.example' id='m' type='result'/>",
    "<iq from='ann@out.example' to='x@third.example' id='m' type='error'/>",
  ]) {
    const admitted = admit(element(stanza), 1, situation(), () => 'boot-1');
    assert.equal(admitted.kind === 'refused' ? admitted.reply : undefined, undefined, stanza);
  }
});

test('a query that is none is a bad request, an answer that is none is dropped', () => {
  const ask = (attributes: string, inside = "<ping xmlns='urn:xmpp:ping'/>") =>
    `<iq from='ann@out.example' to='in.example' ${attributes}>${inside}</iq>`;
  for (const stanza of [ask("type='get'"), ask("id='1'"), ask("id='1' type='ask'"), ask("id='1' type='get'", '')]) {
    assert.equal(refused(stanza).says, 'bad-request modify', stanza);
  }
  const two = "<a xmlns='urn:a'/><b xmlns='urn:b'/>";
  for (const stanza of [
    ask("type='result'"),
    ask("type='error'"),
    ask("id='1' type='result'", two),
    ask("id='1' type='error'", "<error xmlns='urn:a'/>"),
  ]) {
    assert.equal(admit(element(stanza), 1, situation(), () => 'boot-1').kind, 'dropped', stanza);
  }
});

test('an unknown kind of presence is a bad request', () => {
  assert.equal(
    refused("<presence from='ann@out.example' to='bob@in.example' type='invisible'/>").says,
    'bad-request modify',
  );
});

test('a question about a user is refused alike, whether the two may talk or not', () => {
  const ask = (from: string, ns: string) =>
    refused(`<iq from='${from}' to='bob@in.example' id='1' type='get'><query xmlns='${ns}'/></iq>`);
  for (const ns of ['jabber:iq:version', 'http://jabber.org/protocol/disco#info', 'urn:unknown']) {
    const may = ask('ann@out.example', ns);
    assert.equal(may.says, 'service-unavailable cancel');
    const mayNot = ask('mallory@out.example', ns).reply?.replace('mallory', 'ann');
    assert.equal(mayNot?.replace(/[0-9a-f]{10}/, ''), may.reply?.replace(/[0-9a-f]{10}/, ''));
  }
});

test('an error names the sender of what it refuses, keeps its id, and echoes nothing of it', () => {
  const text =
    "<message from='ann@out.example/phone' to='bob@in.example/desk' id='m&amp;1' type='chat'><subject>dirty subject</subject>" +
    '<body>dirty</body></message>';
  const { reply = '' } = refused(text);
  assert.match(reply, /^<message from="bob@in.example\/desk" to="ann@out.example\/phone" id="m&amp;1" type="error">/);
  assert.ok(reply.includes(`xmlns="${stanzasNs}"`));
  assert.doesNotMatch(reply, /dirty|<body|<subject/);
});

test('a partner whose entry says close is ended for a malformed address as well', () => {
  const strict = { partner: { ...partner, invalid: 'close' as const } };
  const text = "<message from='ann@out.example' to='@in.example'><body>x</body></message>";
  assert.equal(refused(text, strict).close, 'invalid-xml');
});
