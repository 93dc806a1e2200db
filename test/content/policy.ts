// The policy that the corpus is judged by: a list of terms, another of 10,000, markings, and numbers with their evidence.
import { compileRules } from '@sallyport/shared/content/compile-rules.ts';
import { createEngine, type Engine } from '@sallyport/shared/content/engine.ts';
import type { Condition, Rule, Rules } from '@sallyport/shared/content/rules.ts';
import { random } from './random.ts';
import { terms } from './terms.ts';

const rule = (id: string, when: Condition, more: Partial<Rule> = {}): Rule => ({
  id,
  when,
  action: 'block',
  mode: 'enforce',
  direction: 'both',
  ...more,
});
const found = (detector: string, minScore = 75): Condition => ({ kind: 'found', detector, minScore });

/** So many made-up names of two to four syllables, each once. */
export function names(count: number): readonly string[] {
  const pick = random(17);
  const begin = 'b br c ch cl d dr f fl g gl h j k kr l m n p pr qu r s sh sk st t tr v w z'.split(' ');
  const vowel = 'a e i o u ai ea ie ou'.split(' ');
  const end = 'b ck d ft g l ld lm n nd nt p r rd rk rn s sh st t th x'.split(' ');
  const made = new Set<string>();
  while (made.size < count) {
    const syllables = 2 + pick.below(3);
    let name = '';
    for (let i = 0; i < syllables; i++)
      name += `${pick.of(begin)}${pick.of(vowel)}${i === syllables - 1 ? pick.of(end) : ''}`;
    if (name.length >= 7) made.add(name);
  }
  return [...made];
}

/** `secret` only: the 50 terms. Otherwise with everything else that a policy of a customer has. */
export function rules(manyNames: readonly string[]): Rules {
  return {
    detectors: [
      {
        id: 'projects',
        source: {
          kind: 'terms',
          list: { terms: terms.map((text) => ({ text })), views: ['reversed', 'rot13', 'turned'] },
        },
      },
      { id: 'names', source: { kind: 'terms', list: { terms: manyNames.map((text) => ({ text })) } } },
      {
        id: 'rude',
        source: {
          kind: 'terms',
          list: { terms: ['darn', 'blast it', 'bloody', 'crap', 'arse'].map((text) => ({ text })) },
        },
      },
      { id: 'secret', source: { kind: 'marking', atLeast: 'secret' } },
      { id: 'amber', source: { kind: 'marking', light: 'amber' } },
      { id: 'cards', source: { kind: 'number', validators: ['payment-card', 'iban'] } },
      { id: 'keys', source: { kind: 'number', validators: ['private-key', 'jwt'] } },
      {
        id: 'people',
        source: { kind: 'number', validators: ['nhs-number', 'uk-nino', 'us-ssn'] },
        score: 60,
        evidence: [{ detectors: ['words-of-people'], within: 60, add: 30 }],
      },
      {
        id: 'words-of-people',
        source: {
          kind: 'terms',
          list: {
            terms: ['nhs', 'ssn', 'social security', 'national insurance', 'nino', 'patient'].map((text) => ({ text })),
          },
        },
      },
      { id: 'case', source: { kind: 'pattern', pattern: { expression: '\\bcase file [0-9]{4}/[0-9]{2}\\b' } } },
    ],
    rules: [
      ...['projects', 'names', 'rude', 'secret', 'amber', 'cards', 'keys', 'people', 'case'].map((id) =>
        rule(`no-${id}`, found(id)),
      ),
      rule('watch-projects', found('projects', 40), { action: 'monitor', mode: 'monitor' }),
    ],
  };
}

export function engineOf(policy: Rules): Engine {
  const made = compileRules(policy);
  if (!made.ok) throw new Error(made.problems.map(({ problem }) => problem).join('; '));
  return createEngine(made.compiled);
}
