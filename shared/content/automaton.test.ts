// The automaton against a search that is plainly right, with lists of every shape.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { buildAutomaton, scan } from './automaton.ts';

const units = (text: string) => Uint16Array.from(text, (_, i) => text.charCodeAt(i));

function fast(strings: readonly string[], text: string): string[] {
  const found: string[] = [];
  const automaton = buildAutomaton(strings);
  scan(
    automaton,
    Uint16Array.from({ length: text.length }, (_, i) => text.charCodeAt(i)),
    text.length,
    (string, end) => found.push(`${end}:${string}`),
  );
  return found.sort();
}

function slow(strings: readonly string[], text: string): string[] {
  const found: string[] = [];
  for (const [i, string] of strings.entries()) {
    for (let end = 1; end <= text.length; end++) {
      if (string !== '' && text.slice(0, end).endsWith(string)) found.push(`${end}:${i}`);
    }
  }
  return found.sort();
}

test('it finds every string at every place, also those inside, at the end of and equal to others', () => {
  const some = (maxLength: number) =>
    fc.array(fc.constantFrom('a', 'b', 'c', ' ', 'é', '密', '\u{1f600}'), { maxLength }).map((all) => all.join(''));
  fc.assert(
    fc.property(fc.array(some(5), { maxLength: 14 }), some(30), (strings, text) => {
      assert.deepEqual(fast(strings, text), slow(strings, text));
    }),
    { numRuns: 400 },
  );
});

test('each of many thousand strings is found, and none that differs in its last letter', () => {
  const strings = Array.from(
    { length: 20_000 },
    (_, i) => `w${(i * 7_919).toString(36)}${String.fromCodePoint(0x4e00 + (i % 3_000))}z`,
  );
  const automaton = buildAutomaton(strings);
  for (const [i, string] of strings.entries()) {
    if (i % 50 !== 0) continue;
    const found: number[] = [];
    scan(automaton, units(`--${string}--`), string.length + 4, (which) => found.push(which));
    assert.ok(found.includes(i), string);
    scan(automaton, units(`${string.slice(0, -1)}y`), string.length, () => assert.fail(string));
  }
});

test('no strings and empty strings are never found', () => {
  assert.deepEqual(fast([], 'text'), []);
  assert.deepEqual(fast(['', ''], 'text'), []);
});
