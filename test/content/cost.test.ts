// The cost of judging does not run away: generous bounds, that a busy machine keeps, and the same for hostile text.
import assert from 'node:assert/strict';
import test from 'node:test';
import { costs } from './cost.ts';

// Ten times of what is aimed at: a machine that runs other tests beside this one is slow, an engine that backtracks slower.
const bounds: Readonly<Record<number, number>> = { 80: 50, 2000: 1_000 };

test('a chat message costs microseconds with 10,000 terms', () => {
  for (const { text, length, us } of costs('terms', 500, 5)) {
    if (text.startsWith('chat')) assert.ok(us <= (bounds[length] ?? 0), `${text}, ${length}: ${us.toFixed(1)} µs`);
  }
});

test('no text costs much more than its length, whatever it is made of', () => {
  for (const { text, length, us } of costs('everything', 300, 3)) {
    assert.ok(us <= 8 * (bounds[length] ?? 0), `${text}, ${length}: ${us.toFixed(1)} µs`);
  }
});

test('sixteen times the text costs about sixteen times as much, also where it is made to cost', async () => {
  const { engineOf } = await import('./policy.ts');
  const { measure, policies, texts } = await import('./cost.ts');
  const engine = engineOf(policies.everything ?? assert.fail());
  for (const [name, text] of Object.entries(texts)) {
    const piece = `${text.slice(0, 2_000)} `;
    measure(engine, piece, 20, 1);
    const once = measure(engine, piece, 20, 3);
    const often = measure(engine, piece.repeat(16), 3, 3);
    assert.ok(
      often <= 16 * 10 * Math.max(once, 50),
      `${name}: ${once.toFixed(0)} µs once, ${often.toFixed(0)} µs for sixteen`,
    );
  }
});
