// Plays the lists of this folder against the grammar: one stanza a line, with the rule that it proves.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { parseStanza } from '../../dmz-proxy/stanza/parse-stanza.ts';
import { presenceRows } from '../../dmz-proxy/stanza/presence-vocabulary.ts';
import { readEnvelope, stanzaName } from '../../dmz-proxy/stanza/read-envelope.ts';
import type { Stanza, Terms } from '../../dmz-proxy/stanza/stanza.ts';
import { stanzaToPacket } from '../../dmz-proxy/stanza/stanza-to-packet.ts';
import { messageRows, queryRows } from '../../dmz-proxy/stanza/vocabulary.ts';
import type { XmlElement } from '../../dmz-proxy/xml/element.ts';
import { createXmlReader } from '../../dmz-proxy/xml/read-elements.ts';
import { Boundary } from '../../proto/boundary.ts';
import type { Packet } from '../../shared/packet.ts';
import { packetFromWire, packetToWire } from '../../shared/packet-on-the-wire.ts';
import { compileLabels, labelsFile } from '../../shared/policy/label-schema.ts';
import { isVocabularyWord, vocabularyProfiles } from '../../shared/policy/vocabulary.ts';

type Case = { readonly rule: string; readonly stanza: string; readonly expected: string };

// A policy of UK labels, as policies/README.md explains it.
const labels = compileLabels(
  labelsFile.parse({
    ess: [
      {
        ...{ policy: '1.3.6.1.4.1.32473.1', scheme: 'uk', caveats: '1.3.6.1.4.1.32473.1.1' },
        levels: { official: 1, restricted: 2, secret: 4, 'top-secret': 5 },
      },
    ],
  }),
);

const terms: Terms = {
  labels,
  unknown: 'strip',
  vocabulary: vocabularyProfiles['im-standard'],
  rooms: new Set(['plans@rooms.out.example']),
  bodyCharacters: 16_384,
  streamLang: 'en',
  now: Date.UTC(2026, 0, 2),
};

/** im-standard, or what a rule names in brackets: another profile, or a word more. */
function termsOf(rule: string): Terms {
  const word = /\[([a-z-]+)\]$/.exec(rule)?.[1];
  if (word === undefined) return terms;
  if (word === 'im-minimal') return { ...terms, vocabulary: vocabularyProfiles[word] };
  assert(isVocabularyWord(word), `no word of the vocabulary: ${word}`);
  return { ...terms, vocabulary: new Set([...terms.vocabulary, word]) };
}

/** What JSON can hold: bytes as hex, and `none` for the hash of a picture that there is not. */
function plain(value: unknown, key: string): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return key === 'avatarHash' && value === null ? 'none' : (value ?? null);
}

function casesOf(list: string): Case[] {
  return readFileSync(new URL(`${list}.txt`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [rule, stanza, expected, ...more] = line.split(' | ');
      assert(rule && stanza && expected && more.length === 0, `not a case: ${line}`);
      return { rule, stanza, expected };
    });
}

function readOne(stanza: string): XmlElement {
  const reader = createXmlReader({ firstLevelBytes: 100_000 });
  reader.read(Buffer.from("<s:stream xmlns:s='http://etherx.jabber.org/streams' xmlns='jabber:server'>"));
  const [event] = reader.read(Buffer.from(stanza));
  assert(event?.kind === 'element', `not XML: ${stanza.slice(0, 80)}`);
  const attributes = { from: 'ann@out.example', to: 'bob@in.example', ...event.element.attributes };
  return { ...event.element, attributes };
}

function parse(stanza: string, withTerms = terms) {
  const element = readOne(stanza);
  const name = stanzaName(element);
  assert(name !== undefined);
  const envelope = readEnvelope(element, name, 1, withTerms.streamLang);
  assert(envelope.passed);
  return parseStanza(element, envelope.subject, withTerms);
}

function cross(packet: Packet) {
  const { requestSerialize, requestDeserialize } = Boundary.service.Exchange;
  const frame = requestDeserialize(
    requestSerialize({ offered: [{ seq: 1, id: packet.id, packet: packetToWire(packet) }] }),
  );
  return packetFromWire(packet.id, frame.offered[0]?.packet);
}

function kindOf(stanza: Stanza): string {
  switch (stanza.kind) {
    case 'query':
      return stanza.query;
    case 'user':
      return stanza.content.kind;
    default:
      return stanza.kind;
  }
}

suite('stanzas that the grammar takes', () => {
  for (const { rule, stanza, expected } of [...casesOf('message-valid'), ...casesOf('presence-valid')]) {
    test(`${rule}: ${stanza}`, () => {
      const verdict = parse(stanza, termsOf(rule));
      assert(verdict.passed, JSON.stringify(verdict));
      assert(verdict.subject.kind === 'user');
      const { content } = verdict.subject;
      const wanted = JSON.parse(expected) as Record<string, unknown>;
      assert.deepEqual(
        Object.fromEntries(Object.keys(wanted).map((key) => [key, plain(Reflect.get(content, key), key)])),
        wanted,
      );
    });
  }
  for (const { rule, stanza, expected } of casesOf('iq-valid')) {
    test(`${rule}: ${stanza}`, () => {
      const verdict = parse(stanza, termsOf(rule));
      assert(verdict.passed, JSON.stringify(verdict));
      assert.equal(kindOf(verdict.subject), expected);
    });
  }
});

suite('what was taken', () => {
  test('crosses the wall as it is', () => {
    const cases = [...casesOf('message-valid'), ...casesOf('presence-valid'), ...casesOf('iq-valid')];
    for (const { rule, stanza } of cases) {
      const verdict = parse(stanza, termsOf(rule));
      assert(verdict.passed, rule);
      if (verdict.subject.kind !== 'user') continue;
      const packet = stanzaToPacket(verdict.subject, 'boot-1', terms.now);
      const crossed = cross(packet);
      assert(crossed.passed, `${stanza}: ${crossed.passed ? '' : crossed.refusal.note}`);
      assert.deepEqual(crossed.subject, packet);
    }
  });
  test('is taken alike from a partner whose unknown elements are refused', () => {
    for (const { rule, stanza } of [...casesOf('message-valid'), ...casesOf('presence-valid')]) {
      const verdict = parse(stanza, { ...termsOf(rule), unknown: 'refuse' });
      const hasUnknown = /^(I2|P14 a body of another)/.test(rule);
      assert.equal(verdict.passed ? 'passed' : verdict.refusal.code, hasUnknown ? 'stanza-malformed' : 'passed', rule);
    }
  });
});

suite('stanzas that the grammar refuses', () => {
  for (const list of ['message-invalid', 'iq-invalid', 'presence-invalid']) {
    for (const { rule, stanza, expected } of casesOf(list)) {
      test(`${rule}: ${stanza}`, () => {
        const verdict = parse(stanza, termsOf(rule));
        assert(!verdict.passed, 'it passed');
        assert.equal(verdict.refusal.code, expected);
      });
    }
  }
});

suite('the tables', () => {
  test('each namespace of the tables stands in a list, so that no row is without a case', () => {
    const missing = (rows: readonly { ns: string; name: string }[], ...lists: string[]) => {
      const played = lists.flatMap((list) => casesOf(list).map(({ stanza }) => stanza)).join('');
      return rows
        .filter(({ ns, name }) => !played.includes(ns === 'jabber:server' ? `<${name}` : `'${ns}'`))
        .map(({ ns, name }) => `${name} of ${ns}`);
    };
    assert.deepEqual(missing(messageRows, 'message-valid', 'message-invalid', 'rows-stripped'), []);
    assert.deepEqual(missing(presenceRows, 'presence-valid', 'presence-invalid'), []);
    assert.deepEqual(missing(queryRows, 'iq-valid', 'iq-invalid'), []);
  });

  for (const { rule, stanza } of casesOf('rows-stripped')) {
    test(`stripped, whatever the partner's entry says: ${rule}`, () => {
      const verdict = parse(`<message><body>x</body>${stanza}</message>`, { ...terms, unknown: 'refuse' });
      assert(verdict.passed && verdict.subject.kind === 'user');
      assert.deepEqual(verdict.subject.content, { kind: 'message', type: 'normal', body: 'x' });
    });
  }

  test('an unknown element is refused where the partner entry says so', () => {
    const verdict = parse("<message><body>x</body><y xmlns='urn:unknown'/></message>", { ...terms, unknown: 'refuse' });
    assert.equal(verdict.passed ? '' : verdict.refusal.code, 'stanza-malformed');
  });
});

suite('lengths', () => {
  const length = (stanza: (n: number) => string, n: number, code: string) => {
    test(`${n} characters pass, one more is ${code}: ${stanza(1)}`, () => {
      assert(parse(stanza(n)).passed);
      const verdict = parse(stanza(n + 1));
      assert.equal(verdict.passed ? 'passed' : verdict.refusal.code, code);
    });
  };
  length((n) => `<message><body>${'x'.repeat(n)}</body></message>`, 16_384, 'too-large');
  length((n) => `<message><body>${'😀'.repeat(n)}</body></message>`, 16_384, 'too-large');
  length((n) => `<message><body>x</body><body xml:lang='fr'>${'x'.repeat(n)}</body></message>`, 16_384, 'too-large');
  length((n) => `<message><subject>${'ü'.repeat(n)}</subject></message>`, 256, 'too-large');
  length((n) => `<message><body>x</body><thread>${'t'.repeat(n)}</thread></message>`, 255, 'stanza-malformed');
  length((n) => `<message id='${'i'.repeat(n)}'><body>x</body></message>`, 256, 'stanza-malformed');
});

suite('delay (XEP-0203)', () => {
  const delayed = (attributes: string) => {
    const verdict = parse(
      `<message><body>x</body><delay xmlns='urn:xmpp:delay' ${attributes}>Offline</delay></message>`,
    );
    return verdict.passed && verdict.subject.kind === 'user' ? verdict.subject.delayedSince : 'refused';
  };
  const stamp = "stamp='2026-01-01T12:00:00Z'";
  test('is believed from the server of the sender, from the sender, and without a name', () => {
    for (const from of ["from='out.example'", "from='ann@out.example'", '']) {
      assert.equal(delayed(`${from} ${stamp}`), Date.UTC(2026, 0, 1, 12));
    }
  });
  test('is not believed from another user of the same server', () => {
    assert.equal(delayed(`from='eve@out.example' ${stamp}`), undefined);
  });
  test('is not believed from others, from the future, from long ago, or when it is no time', () => {
    assert.equal(delayed(`from='evil.example' ${stamp}`), undefined);
    assert.equal(delayed("stamp='2026-01-02T00:00:01Z'"), undefined);
    assert.equal(delayed("stamp='2025-11-01T00:00:00Z'"), undefined);
    assert.equal(delayed("stamp='yesterday'"), undefined);
    assert.equal(delayed(''), undefined);
  });
});
