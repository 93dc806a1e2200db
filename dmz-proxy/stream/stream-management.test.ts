// The counts of stream management: cumulative, in order, modulo 2^32 (XEP-0198 §4; B5).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHandledCount, printAnswer, readHandled, wholeCount } from './stream-management.ts';

const answer = (attributes: Record<string, string>) =>
  readHandled({ ns: 'urn:xmpp:sm:3', name: 'a', attributes, children: [], text: '' });

test('the count is the longest run of handled stanzas from the first on', () => {
  let moves = 0;
  const count = createHandledCount(() => {
    moves += 1;
  });
  const stanzas = Array.from({ length: 5 }, () => count.arrived());
  stanzas[4]?.();
  stanzas[1]?.();
  assert.deepEqual([count.handled(), count.arrivals(), moves], [0, 5, 0]);
  stanzas[0]?.();
  stanzas[1]?.();
  assert.equal(count.handled(), 2);
  stanzas[3]?.();
  stanzas[2]?.();
  stanzas[2]?.();
  assert.deepEqual([count.handled(), moves], [5, 2]);
});

test('a count goes over 2^32 on the wire and back', () => {
  const whole = 2 ** 32 + 5;
  assert.equal(printAnswer(whole), '<a xmlns="urn:xmpp:sm:3" h="5"/>');
  assert.equal(wholeCount(5, 2 ** 32 - 10, whole), whole);
  assert.equal(wholeCount(2 ** 32 - 1, 2 ** 32 - 10, whole), 2 ** 32 - 1);
  assert.equal(wholeCount(6, 2 ** 32 - 10, whole), undefined, 'one more than was sent');
  assert.equal(wholeCount(4, whole, whole), undefined, 'less than it said before');
  assert.equal(wholeCount(5, whole, whole), whole);
});

test('an h is a whole number of 32 bits, and nothing else', () => {
  assert.equal(answer({ h: '0' }), 0);
  assert.equal(answer({ h: '4294967295' }), 4_294_967_295);
  for (const h of ['4294967296', '-1', '+1', ' 1', '1.0', '1e3', '0x1', '', '٣', '99999999999999999999']) {
    assert.equal(answer({ h }), undefined, h);
  }
  assert.equal(answer({}), undefined);
});
