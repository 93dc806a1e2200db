// What a policy's rules make of texts: the semantics of decisions as properties, and each kind of condition.
import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import fc from 'fast-check';
import { type CompiledRules, compileRules } from './compile-rules.ts';
import { createEngine, ownRules } from './engine.ts';
import { dominates } from './markings/marking.ts';
import {
  type Action,
  actions,
  type Condition,
  type Detector,
  type Evaluation,
  type Rule,
  type Rules,
  type Subject,
} from './rules.ts';

const words = (id: string, ...terms: string[]): Detector => ({
  id,
  source: { kind: 'terms', list: { terms: terms.map((text) => ({ text })) } },
});
const rule = (id: string, when: Condition, more: Partial<Rule> = {}): Rule => ({
  id,
  when,
  action: 'block',
  mode: 'enforce',
  direction: 'both',
  ...more,
});
const found = (detector: string, more: object = {}): Condition => ({ kind: 'found', detector, ...more });

function compiled(rules: Rules): CompiledRules {
  const made = compileRules(rules);
  assert.ok(made.ok, JSON.stringify(made));
  return made.compiled;
}

function judge(rules: Rules, text: string, more: Partial<Subject> = {}): Evaluation {
  const subject: Subject = { direction: 'outward', parts: [{ part: 'body', text }], now: 1_000, ...more };
  return createEngine(compiled(rules)).evaluate(subject);
}

suite('decisions', () => {
  const letters = ['alpha', 'bravo', 'charlie', 'delta'];
  type SomeRule = {
    readonly letter: string;
    readonly action: Action;
    readonly mode: Rule['mode'];
    readonly direction: Rule['direction'];
    readonly isTakenBack: 'no' | 'yes' | 'expired';
  };
  const someRule: fc.Arbitrary<SomeRule> = fc.record({
    letter: fc.constantFrom(...letters),
    action: fc.constantFrom(...actions),
    mode: fc.constantFrom('enforce' as const, 'monitor' as const),
    direction: fc.constantFrom('inward' as const, 'outward' as const, 'both' as const),
    isTakenBack: fc.constantFrom<'no' | 'yes' | 'expired'>('no', 'yes', 'expired'),
  });
  const text = fc.array(fc.constantFrom(...letters, 'yes', 'other'), { maxLength: 8 }).map((all) => all.join(' '));
  const rulesOf = (some: readonly SomeRule[]): Rules => ({
    detectors: [...letters, 'yes'].map((letter) => words(letter, letter)),
    rules: some.map(({ letter, action, mode, direction, isTakenBack }, i) =>
      rule(`r${i}`, found(letter), {
        action,
        mode,
        direction,
        ...(isTakenBack === 'no'
          ? {}
          : { unless: [{ when: found('yes'), until: isTakenBack === 'yes' ? 2_000 : 1_000 }] }),
      }),
    ),
  });
  const fires = ({ letter, direction, isTakenBack }: SomeRule, said: string) =>
    said.includes(letter) && direction !== 'inward' && !(isTakenBack === 'yes' && said.includes('yes'));

  test('all rules are judged, and the most restrictive one in force wins, in whatever order they stand', () => {
    fc.assert(
      fc.property(fc.array(someRule, { maxLength: 8 }), text, (some, said) => {
        const { action, rule: decided, wouldHave, hits } = judge(rulesOf(some), said);
        const firing = some.filter((one) => fires(one, said));
        const enforced = firing.filter(({ mode }) => mode === 'enforce');
        const strictest = enforced.reduce<Action | 'allow'>(
          (most, one) => (most === 'allow' || actions.indexOf(one.action) > actions.indexOf(most) ? one.action : most),
          'allow',
        );
        assert.equal(action, strictest);
        assert.equal(decided === undefined, enforced.length === 0);
        assert.equal(wouldHave.length, firing.length - enforced.length);
        assert.deepEqual(
          new Set(hits.map((hit) => hit.rule)),
          new Set(some.flatMap((one, i) => (fires(one, said) ? [`r${i}`] : []))),
        );
        assert.equal(judge(rulesOf(some.toReversed()), said).action, action, 'the order decides nothing');
      }),
      { numRuns: 60 },
    );
  });

  test('one more rule in force never makes a decision milder, and one in monitor mode never changes it', () => {
    const rank = (action: Action | 'allow') => (action === 'allow' ? -1 : actions.indexOf(action));
    fc.assert(
      fc.property(fc.array(someRule, { maxLength: 6 }), someRule, text, (some, more, said) => {
        const before = judge(rulesOf(some), said).action;
        const after = judge(rulesOf([...some, more]), said).action;
        assert.ok(rank(after) >= rank(before));
        if (more.mode === 'monitor') assert.equal(after, before);
      }),
      { numRuns: 60 },
    );
  });

  test('a fault of the engine blocks, and tells nothing of the text', () => {
    const rules = {
      detectors: [words('d', 'secretword')],
      rules: [rule('r', found('d'), { applies: () => assert.fail('secretword') })],
    };
    const { action, rule: decided, hits } = judge(rules, 'secretword');
    assert.deepEqual([action, decided], ['block', ownRules.fault]);
    assert.deepEqual(hits, [{ rule: ownRules.fault, mode: 'enforce' }]);
  });

  test('what is larger than the engine takes is blocked, not passed unseen', () => {
    const { action, rule: decided } = judge({ detectors: [], rules: [] }, 'a'.repeat(262_145));
    assert.deepEqual([action, decided], ['block', ownRules.size]);
  });

  test('text that turns its direction is blocked unless policy says otherwise', () => {
    const said = 'see \u202eelagnithgin\u202c';
    assert.equal(judge({ detectors: [], rules: [] }, said).rule, ownRules.bidi);
    assert.equal(judge({ detectors: [], rules: [], bidiControls: 'warn' }, said).action, 'warn');
    assert.equal(judge({ detectors: [], rules: [], bidiControls: 'allow' }, said).action, 'allow');
    assert.equal(judge({ detectors: [], rules: [] }, 'שלום\u200f').action, 'allow', 'marks are no controls');
  });
});

suite('conditions', () => {
  const detectors = [words('names', 'nightingale', 'ironclad'), words('dates', 'tomorrow', 'today')];

  test('a count asks for so many findings, and distinct counts each term once', () => {
    const rules = (more: object) => ({ detectors, rules: [rule('r', found('names', more))] });
    assert.equal(judge(rules({ count: 2 }), 'nightingale nightingale').action, 'block');
    assert.equal(judge(rules({ count: 2, distinct: true }), 'nightingale NIGHTINGALE').action, 'allow');
    assert.equal(judge(rules({ count: 2, distinct: true }), 'nightingale ironclad').action, 'block');
  });

  test('near asks for both in one text, within so many characters', () => {
    const rules = { detectors, rules: [rule('r', { kind: 'near', first: 'names', second: 'dates', within: 10 })] };
    assert.equal(judge(rules, 'nightingale is today').action, 'block');
    assert.equal(judge(rules, 'today: nightingale').action, 'block');
    assert.equal(judge(rules, 'nightingale is a bird, and today is Monday').action, 'allow');
    const parts = [{ part: 'body', text: 'nightingale' } as const, { part: 'nick', text: 'today' } as const];
    assert.equal(judge(rules, '', { parts }).action, 'allow');
  });

  test('a flood of one detector hides nothing: near counts what was cut off, and an exception does not', () => {
    const flood = `${'nightingale '.repeat(300)}${' x'.repeat(50)} today`;
    const near: Condition = { kind: 'near', first: 'names', second: 'dates', within: 20 };
    assert.equal(judge({ detectors, rules: [rule('r', near)] }, flood).action, 'block');
    const excused = rule('r', found('names'), { unless: [{ when: near, until: 2_000 }] });
    assert.equal(judge({ detectors, rules: [excused] }, flood).action, 'block');
  });

  test('evidence near by makes a finding sure', () => {
    const card: Detector = {
      id: 'code',
      source: { kind: 'pattern', pattern: { expression: '[0-9]{6}' } },
      score: 60,
      evidence: [{ detectors: ['words'], within: 20, add: 30 }],
    };
    const rules = { detectors: [card, words('words', 'account')], rules: [rule('r', found('code'))] };
    assert.equal(judge(rules, 'my number is 123456').action, 'allow');
    assert.equal(judge(rules, 'account 123456').action, 'block');
    assert.equal(judge(rules, `account ${'x'.repeat(30)} 123456`).action, 'allow');
  });

  test('all, any and not join conditions; several bodies are one packet', () => {
    const both: Condition = { kind: 'all', of: [found('names'), { kind: 'not', of: found('dates') }] };
    assert.equal(judge({ detectors, rules: [rule('r', both)] }, 'nightingale').action, 'block');
    assert.equal(judge({ detectors, rules: [rule('r', both)] }, 'nightingale today').action, 'allow');
    const parts = [{ part: 'body', text: 'nightingale' } as const, { part: 'body', text: 'heute, today' } as const];
    const all: Condition = { kind: 'all', of: [found('names'), found('dates')] };
    assert.equal(judge({ detectors, rules: [rule('r', all)] }, '', { parts }).action, 'block');
    assert.equal(judge({ detectors, rules: [rule('r', all, { parts: ['subject'] })] }, '', { parts }).action, 'allow');
  });

  test('scores add up to a total', () => {
    const rules = { detectors, rules: [rule('r', { kind: 'total', detectors: ['names', 'dates'], atLeast: 250 })] };
    assert.equal(judge(rules, 'nightingale today nightingale').action, 'allow');
    assert.equal(judge(rules, 'nightingale today tomorrow').action, 'block');
  });

  test('a marking or a label above the clearance fires, and what nobody can read is above all', () => {
    const rules = { detectors: [], rules: [rule('r', { kind: 'above-clearance' })] };
    const clearance = { levels: { uk: 'restricted' as const }, caveats: [], nations: ['GBR'] };
    assert.equal(judge(rules, 'UK OFFICIAL-SENSITIVE\nhello', { clearance }).action, 'allow');
    assert.equal(judge(rules, 'UK SECRET\nhello', { clearance }).action, 'block');
    assert.equal(judge(rules, 'UK OFFICIAL-SENSITIVE\nhello').action, 'block', 'no clearance');
    assert.equal(judge(rules, 'hello', { clearance, label: 'unknown' }).action, 'block');
    const label = { scheme: 'uk', level: 'secret', caveats: [] } as const;
    assert.equal(judge(rules, 'hello', { clearance, label }).action, 'block');
    assert.ok(!dominates(clearance, label));
  });

  test('a marking above the label fires, also where there is none', () => {
    const rules = { detectors: [], rules: [rule('r', { kind: 'above-label' })] };
    const label = { scheme: 'uk', level: 'secret', caveats: [] } as const;
    assert.equal(judge(rules, 'SECRET\nhello', { label }).action, 'allow');
    assert.equal(judge(rules, 'TOP SECRET\nhello', { label }).action, 'block');
    assert.equal(judge(rules, 'SECRET\nhello').action, 'block');
    assert.equal(judge({ detectors: [], rules: [rule('r', { kind: 'unlabelled' })] }, 'hello').action, 'block');
  });
});

test('a term that begins in one text and ends in a later one is found, whether before, in a subject or in another body', () => {
  const rules = { detectors: [words('names', 'nightingale', 'top secret')], rules: [rule('r', found('names'))] };
  assert.equal(judge(rules, 'ingale', { before: ['hello', 'night'] }).action, 'block');
  assert.equal(judge(rules, 'secret', { before: ['it is top'] }).action, 'block');
  assert.equal(judge(rules, 'hello', { before: ['night', 'ingale'] }).action, 'allow', 'what ended before is not new');
  const parts = [{ part: 'subject', text: 'night' } as const, { part: 'body', text: 'ingale' } as const];
  const [hit] = judge(rules, '', { parts }).hits;
  assert.deepEqual([hit?.part, hit?.start, hit?.end, hit?.spread], [1, 0, 6, true]);
});

test('what cannot be compiled is refused with every problem, and never quotes a term', () => {
  const made = compileRules({
    detectors: [
      words('twice', 'a'),
      words('twice', 'b'),
      words('empty', '---'),
      { id: 'wild', source: { kind: 'pattern', pattern: { expression: '(a+)+(?=b)' } } },
      { id: 'nothing', source: { kind: 'pattern', pattern: { expression: 'a*' } } },
      { id: 'huge', source: { kind: 'pattern', pattern: { expression: '[a-z]{900}' } } },
    ],
    rules: [rule('r', found('missing')), rule('r', { kind: 'all', of: [] })],
  });
  assert.ok(!made.ok);
  const told = made.problems.map(({ in: where, problem }) => `${where}: ${problem}`).join('\n');
  for (const expected of [
    /^twice: a detector of this name/m,
    /no letter and no digit/,
    /^wild: .*RE2/m,
    /^nothing: matches the empty/m,
    /^huge: too large/m,
    /^r: there is no detector missing/m,
    /^r: a rule of this name/m,
    /^r: all has nothing/m,
  ]) {
    assert.match(told, expected);
  }
  assert.doesNotMatch(told, /---/);
});

test('a list of a million terms is refused at once', () => {
  const terms = Array.from({ length: 1_000_000 }, (_, i) => ({ text: `term ${i}` }));
  const start = performance.now();
  const made = compileRules({ detectors: [{ id: 'd', source: { kind: 'terms', list: { terms } } }], rules: [] });
  assert.ok(!made.ok && /1000000 terms; write at most 200000/.test(made.problems[0]?.problem ?? ''));
  assert.ok(performance.now() - start < 500);
});

suite('a packet in which nothing is found', () => {
  const official = { scheme: 'uk', level: 'official', caveats: [] } as const;
  const secret = { scheme: 'uk', level: 'secret', caveats: [] } as const;
  const labels = { none: undefined, unknown: 'unknown', official, secret } as const;
  const clearance = { levels: { uk: 'official' }, caveats: [], nations: [] } as const;
  const above: Condition = { kind: 'above-clearance' };
  const unlabelled: Condition = { kind: 'unlabelled' };
  const not = (of: Condition): Condition => ({ kind: 'not', of });
  const all = (...of: Condition[]): Condition => ({ kind: 'all', of });
  const any = (...of: Condition[]): Condition => ({ kind: 'any', of });
  for (const [title, when, held] of [
    ['a label above the clearance', above, ['unknown', 'secret']],
    ['no label', unlabelled, ['none', 'unknown']],
    ['a label', not(unlabelled), ['official', 'secret']],
    ['a text above its label, which there is none', { kind: 'above-label' }, []],
    ['no text above its label', not({ kind: 'above-label' }), ['none', 'unknown', 'official', 'secret']],
    ['a word that is not there', found('words'), []],
    ['no such word, and no label', all(not(found('words')), unlabelled), ['none', 'unknown']],
    ['such a word, or a label above', any(found('words'), above), ['unknown', 'secret']],
    ['a label, and not one above', all(not(unlabelled), not(above)), ['official']],
  ] as const) {
    test(`what it is judged by still counts: ${title}`, () => {
      const rules = { detectors: [words('words', 'alpha')], rules: [rule('R', when)] };
      const fired = Object.entries(labels)
        .filter(([, label]) => {
          const more = { clearance, ...(label === undefined ? {} : { label }) };
          return judge(rules, 'nothing of it', more).action === 'block';
        })
        .map(([name]) => name);
      assert.deepEqual(fired, held);
    });
  }
});
