// The cost of judging does not run away: generous bounds, that a busy machine keeps, and the same for hostile text.
import assert from 'node:assert/strict';
import test from 'node:test';
import { validatorNames } from '@sallyport/shared/content/validators.ts';
import { costs } from './cost.ts';
import { messageCost } from './message-cost.ts';

// Ten times of what is aimed at: a machine that runs other tests beside this one is slow, an engine that backtracks slower.
const bounds: Readonly<Record<number, number>> = { 80: 50, 2000: 1_000 };

test('a chat message costs microseconds with 10,000 terms', () => {
  for (const { text, length, us } of costs('terms', 500, 5)) {
    if (text.startsWith('chat')) assert.ok(us <= (bounds[length] ?? 0), `${text}, ${length}: ${us.toFixed(1)} µs`);
  }
});

test('a message in a conversation that goes on costs hardly more than one alone', (t) => {
  for (const text of ['chat in ASCII', 'chat in many languages', 'terms without their last letter, with spaces']) {
    const { alone, running } = messageCost(text, 80, 3);
    t.diagnostic(`${text}: ${alone.toFixed(1)} µs alone, ${running.toFixed(1)} µs going on`);
    assert.ok(running <= 50 && running <= 2 * alone + 10, `${text}: ${alone.toFixed(1)} and ${running.toFixed(1)} µs`);
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

test('the longest text of any small piece, again and again, costs less than a second', async () => {
  const { engineOf, names, rules } = await import('./policy.ts');
  const { measure } = await import('./cost.ts');
  const policy = rules(names(10_000));
  const every = { id: 'every-number', source: { kind: 'number', validators: validatorNames } } as const;
  const engine = engineOf({ ...policy, detectors: [...policy.detectors, every] });
  for (const piece of pieces) {
    const text = piece.repeat(Math.ceil(65_536 / piece.length)).slice(0, 65_536);
    const us = measure(engine, text, 1, 2);
    assert.ok(us < 1_000_000, `${JSON.stringify(piece)}: ${(us / 1_000).toFixed(0)} ms`);
  }
});

// What the beginnings of expressions, numbers, codes and markings are made of.
const pieces = [
  ...[
    '\n',
    ' \n',
    '*\n',
    ' ',
    '_',
    '*',
    '/',
    '//',
    '=',
    '&',
    '%',
    '\\u',
    '\\x',
    '&#',
    '=4',
    '%4',
    '-',
    '-----BEGIN ',
    '-----BEGIN A ',
  ],
  ...[
    '4',
    '4 ',
    '4-',
    '4111 1111 1111 1111 ',
    'a1',
    'aa11 ',
    ':',
    '1:',
    'a:',
    '1.',
    '+1',
    '+1 2',
    '6e ',
    '6e:',
    '0x6',
    'Aa1',
    'A/',
  ],
  ...[
    'eyJ',
    'eyJaaaaaa.',
    '(S)',
    'SECRET',
    'SECRET ',
    'SECRET//',
    'secret\n',
    'REL TO ',
    'UK/',
    'UK/US/',
    'EYES ONLY ',
    'TLP:',
    'OFFICIAL-',
  ],
  ...[
    'n',
    'n.',
    'nnn n',
    'd',
    'md',
    'n\u200b',
    '\u200b',
    '\u0301',
    'n\u0301',
    'ｎ',
    '\u{1f1f3}',
    'ﷺ',
    'é\n',
    '\ud83c',
    'case file 1',
    'patient 943 476 5919 ',
  ],
];
