// Taking out: all of it, in every dress, until nothing more is found; and what cannot be taken out is refused.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { compileRules } from './compile-rules.ts';
import { createEngine } from './engine.ts';
import { redact } from './redact.ts';
import type { Rules, Subject } from './rules.ts';

const rules = (...terms: readonly string[]): Rules => ({
  detectors: [{ id: 'names', source: { kind: 'terms', list: { terms: terms.map((text) => ({ text })) } } }],
  rules: [
    { id: 'R1', when: { kind: 'found', detector: 'names' }, action: 'redact', mode: 'enforce', direction: 'both' },
  ],
});

function redacted(policy: Rules, subject: Subject): readonly string[] | undefined {
  const made = compileRules(policy);
  assert.ok(made.ok);
  const engine = createEngine(made.compiled);
  const done = redact(engine, subject, engine.evaluate(subject), new Set(['R1']));
  return done.ok ? done.parts.map(({ text }) => text) : undefined;
}

const of = (...texts: readonly string[]): Subject => ({
  direction: 'inward',
  parts: texts.map((text) => ({ part: 'body', text })),
  now: 0,
});

test('each hit is replaced by a constant, in every part, with all of its dress', () => {
  assert.deepEqual(
    redacted(rules('nightingale'), of('the nightingale!', 'n.i.g.h.t.i.n.g.a.l.e and nіghtingаle\u0336')),
    ['the [REDACTED:R1]!', '[REDACTED:R1] and [REDACTED:R1]'],
  );
  assert.deepEqual(redacted(rules('nightingale'), of('see bmlnaHRpbmdhbGU= ok')), ['see [REDACTED:R1] ok']);
  assert.deepEqual(redacted(rules('top secret', 'secret plan'), of('top secret plan')), ['[REDACTED:R1]']);
  assert.deepEqual(redacted(rules('nightingale'), of('harmless')), ['harmless']);
});

test('what began in another text, and what the marker itself says, is refused', () => {
  assert.equal(redacted(rules('nightingale'), { ...of('ingale'), before: ['night'] }), undefined);
  assert.equal(redacted(rules('nightingale'), of('night', 'ingale')), undefined);
  assert.equal(redacted(rules('redacted', 'nightingale'), of('nightingale')), undefined);
  assert.equal(redacted(rules('nightingale'), of('nightingale '.repeat(500))), undefined, 'more than is told');
});

test('what is let through after redaction is clean when it is looked at again', () => {
  const made = compileRules(rules('nightingale', 'iron', 'gale force'));
  assert.ok(made.ok);
  const engine = createEngine(made.compiled);
  const piece = fc.constantFrom(
    'nightingale',
    'iron',
    'gale',
    'force',
    'night',
    'n1ght',
    '.',
    ' ',
    '\n',
    'ir0n',
    'on',
    'Z2FsZSBmb3JjZQ==',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const subject = of(pieces.join(''));
      const done = redact(engine, subject, engine.evaluate(subject), new Set(['R1']));
      if (done.ok) assert.equal(engine.evaluate({ ...subject, parts: done.parts }).action, 'allow');
    }),
    { numRuns: 300 },
  );
});
