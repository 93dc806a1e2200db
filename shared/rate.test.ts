// What a pace promises: a burst at once, its rate afterwards, and nothing else.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { charged, excessMs, type Pace, paceOf } from './rate.ts';

const start = 1_795_000_000_000;

/** A limit that refuses what is beyond it. */
function meter(pace: Pace) {
  let due = 0;
  return {
    take(amount: number, now: number): boolean {
      const next = charged(due, start + now, amount, pace);
      if (excessMs(next, start + now, pace) > 0) return false;
      due = next;
      return true;
    },
    debt(amount: number, now: number): number {
      due = charged(due, start + now, amount, pace);
      return excessMs(due, start + now, pace);
    },
  };
}

test('a burst passes at once, and no more', () => {
  const each = meter(paceOf(10, 3));
  assert.deepEqual(
    [1, 2, 3, 4].map(() => each.take(1, 0)),
    [true, true, true, false],
  );
});

test('then so many a second, and after silence never more than the burst', () => {
  const each = meter(paceOf(10, 3));
  each.take(3, 0);
  assert.equal(each.take(1, 99), false);
  assert.equal(each.take(1, 100), true);
  assert.equal(each.take(4, 60_000), true, 'more than a burst passes as a burst');
  assert.equal(each.take(1, 60_050), false);
  assert.equal(each.take(1, 60_100), true);
});

test('whoever takes beyond it is told how long to wait, and after that wait is within', () => {
  const each = meter(paceOf(7, 5));
  assert.equal(each.debt(5, 0), 0);
  const wait = each.debt(2, 0);
  assert.equal(Math.round(wait), 286);
  assert.equal(Math.round(each.debt(0, 0)), 286);
  assert.equal(each.debt(0, wait), 0);
});

test('a debt has an end, so that a clock that goes back by a year stops nobody for a year', () => {
  const each = meter(paceOf(10, 1));
  each.take(1, 31_536_000_000);
  assert.equal(each.take(1, 0), false);
  assert.ok(each.debt(1, 0) <= 200);
  assert.equal(each.take(1, 301), true);
});

test('over any time no more passes than the burst and the rate allow, whoever asks how often', () => {
  const asks = fc.array(
    fc.record({ wait: fc.integer({ min: 0, max: 3_000 }), amount: fc.integer({ min: 1, max: 5 }) }),
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 5, max: 20 }), asks, (perSecond, burst, all) => {
      const each = meter(paceOf(perSecond, burst));
      let now = 0;
      let passed = 0;
      for (const { wait, amount } of all) {
        now += wait;
        if (each.take(amount, now)) passed += amount;
      }
      assert.ok(passed <= burst + (now / 1000) * perSecond + 0.01, `${passed} in ${now} ms`);
    }),
  );
});
