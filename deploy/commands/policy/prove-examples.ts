// Whether the rules of a policy do with its examples what these say, on both sides of the wall.
import type { ExampleEntry } from './example-schema.ts';
import { safe } from './on-terminal.ts';
import { type Played, play } from './play-example.ts';
import type { Example, ReadPolicy } from './read-policy.ts';

export type Proof = {
  readonly example: Example;
  readonly inside: Played;
  readonly dmz: Played;
  /** Why it is not as the example says; undefined: it is. */
  readonly trouble?: string;
};

/** Plays every example on both sides; `today` is for exceptions, which end. */
export function proveExamples(policy: ReadPolicy, today: number): readonly Proof[] {
  return policy.examples.map((example) => {
    const inside = play(example, policy.inside, today);
    const dmz = play(example, policy.dmz, today);
    const trouble = troubleOf(example, inside, policy);
    return { example, inside, dmz, ...(trouble === undefined ? {} : { trouble }) };
  });
}

/** The rules that an example names. */
export function rulesNamed({ expect, passes }: Pick<ExampleEntry, 'expect' | 'passes'>): readonly string[] {
  if (expect !== undefined) return [expect.rule];
  return passes === undefined ? [] : typeof passes === 'string' ? [passes] : passes;
}

/** What a door did, in a word or two: `block by payment-cards-out`. */
export function doneBy({ action, rule }: Pick<Played, 'action' | 'rule'>): string {
  if (action === 'allow' || action === 'monitor') return 'passes';
  return rule === undefined ? action : `${action} by ${rule}`;
}

function troubleOf(example: Example, inside: Played, policy: ReadPolicy): string | undefined {
  const { expect, passes } = example;
  if (expect !== undefined) {
    const { rule, action, becomes } = expect;
    const says = policy.inside.content.rules.get(rule)?.action;
    if (says !== undefined && says !== action)
      return `the rule ${rule} says ${says}, not ${action}; correct one of them`;
    const own = inside.fired.find((one) => one.rule === rule);
    if (own === undefined) return `the rule ${rule} did not fire; what happened: ${doneBy(inside)}`;
    if (own.mode === 'monitor') return undefined;
    if (inside.action !== action) {
      const why = inside.rule === rule ? 'what was found cannot be taken out alone' : 'it is the more restrictive one';
      return `expected ${action}, but it is ${doneBy(inside)} (${why})`;
    }
    if (becomes !== undefined && inside.redacted !== becomes)
      return `what is left is "${safe(inside.redacted ?? '')}", not "${safe(becomes)}"`;
    return undefined;
  }
  const fired = rulesNamed({ passes }).find((rule) => inside.fired.some((one) => one.rule === rule));
  if (fired !== undefined) return `the rule ${fired} fired, and the example says that it does not`;
  const isStopped = inside.action !== 'allow' && inside.action !== 'monitor' && inside.action !== 'warn';
  return isStopped ? `expected to pass, but it is ${doneBy(inside)}` : undefined;
}
