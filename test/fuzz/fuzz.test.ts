// The corpus is played, and each target for a moment with the seed of the tests; `npm run fuzz` goes on for longer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { corpusOf, inputs, play } from './target.ts';
import { targets } from './targets.ts';

for (const target of targets) {
  test(`${target.name}: every input of the corpus keeps the claim`, () => {
    const corpus = corpusOf(target);
    assert.ok(corpus.length > 0);
    for (const { file, input } of corpus) assert.doesNotThrow(() => play(target, input), file);
  });

  test(`${target.name}: so do inputs that are drawn`, () => {
    const drawn = fc.property(inputs(target), (input) => play(target, input));
    fc.assert(drawn, { numRuns: 400, interruptAfterTimeLimit: 1_500 });
  });
}
