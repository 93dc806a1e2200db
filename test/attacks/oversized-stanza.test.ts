// Stanzas above the limit, at once or drop by drop, and elements that never end (RFC 6120 §13.12, P9).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { auth, dial, header, secureClient } from '../streams/scripted-peer.ts';
import { body, leaveAtEnd, message, refusedWith, startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack();
const limit = 65_536;

/** A message of exactly so many bytes; the padding is of a kind that is stripped. */
function ofSize(bytes: number, text: string, letter = 'x'): string {
  const empty = message(`${body(text)}<no-store xmlns="urn:xmpp:hints"></no-store>`);
  const room = bytes - Buffer.byteLength(empty);
  const letters = Math.floor(room / Buffer.byteLength(letter));
  const padding = letter.repeat(letters) + 'x'.repeat(room - letters * Buffer.byteLength(letter));
  return empty.replace('></no-store>', `>${padding}</no-store>`);
}

test('a stanza of exactly the limit is delivered, one byte more ends the stream, in whatever alphabet', async () => {
  const expected: string[] = [];
  for (const letter of ['x', 'ü', '👋']) {
    const peer = await site.openStream();
    const good = ofSize(limit, `exactly, of ${letter}`, letter);
    assert.equal(Buffer.byteLength(good), limit);
    peer.say(good);
    expected.push(`exactly, of ${letter}`);
    await site.onlyDelivered(...expected);
    peer.say(ofSize(limit + 1, 'one byte more', letter));
    await refusedWith(peer, 'policy-violation', 'stanza-too-big');
  }
  await site.onlyDelivered(...expected);
});

test('the same dripped in small pieces', async () => {
  const before = site.delivered().length;
  const peer = await site.openStream();
  const words = ofSize(limit, 'dripped') + ofSize(limit + 1, 'dripped too far');
  for (let at = 0; at < words.length; at += 4_099) {
    peer.say(words.slice(at, at + 4_099));
    await wait(1);
  }
  await refusedWith(peer, 'policy-violation', 'stanza-too-big');
  await site.stillServes();
  assert.deepEqual(site.delivered().slice(before), ['dripped']);
});

test('before authentication ten thousand bytes are the limit of an element, and 64 KiB of everything', async () => {
  const attributes = 'from="out.example" to="in.example" version="1.0"';
  const first = await dial(site.door);
  first.say(
    header(`${attributes} ${'y'.repeat(3)}="${'y'.repeat(4_000)}" z="${'z'.repeat(4_000)}" w="${'w'.repeat(3_000)}"`),
  );
  await refusedWith(first, 'policy-violation');
  const second = await secureClient(site.door, site.stolen);
  second.say(header());
  await second.hear('</stream:features>');
  second.say(auth('A'.repeat(10_000)));
  await refusedWith(second, 'policy-violation', 'stanza-too-big');
});

test('elements without end, two megabytes each, are cut at the limit', async () => {
  const before = site.delivered().length;
  await site.staysFlat(() =>
    site.keepsAnswering(async () => {
      for (let i = 0; i < 15; i++) {
        const peer = await site.openStream();
        peer.say(`<message from="ann@out.example" to="bob@in.example"><body>${'x'.repeat(2_000_000)}`);
        await leaveAtEnd(peer);
      }
    }),
  );
  await site.stillServes();
  assert.equal(site.delivered().length, before);
});
