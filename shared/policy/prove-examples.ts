// Whether the rules of a policy do with a message what an example says (architecture §8: a revision runs its own examples).
import { ownRules } from '../content/engine.ts';
import { nearest } from '../nearest.ts';
import type { ExampleEntry } from './example-schema.ts';
import { type Played, play } from './play-example.ts';
import type { Policy } from './policy.ts';

/** An example, and where it stands. */
export type Example = ExampleEntry & {
  readonly file: string;
  readonly line: number;
  /** Its file says `where: both`: the proxy holds it, and plays it as well. */
  readonly atProxy: boolean;
};

export type Proof = {
  readonly example: Example;
  readonly played: Played;
  /** Why it is not as the example says, without a word of what is said in it; undefined: it is. */
  readonly trouble?: string;
};

/** After the end of every exception: what an example without a day shows is true on all days. */
export const withoutExceptions = Date.UTC(9_999, 11, 31);

/** Plays an example as the side that holds this policy judges. An example without `on` meets no exception. */
export function proveExample(example: Example, policy: Policy): Proof {
  const played = play(example, policy, withoutExceptions);
  const trouble = unknownRule(example, policy) ?? troubleOf(example, played, policy);
  return { example, played, ...(trouble === undefined ? {} : { trouble }) };
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

function unknownRule(example: Example, { content }: Policy): string | undefined {
  const own: readonly string[] = Object.values(ownRules);
  const unknown = rulesNamed(example).find((rule) => !content.rules.has(rule) && !own.includes(rule));
  if (unknown === undefined) return undefined;
  const meant = nearest(unknown, [...content.rules.keys()]);
  return `there is no rule ${unknown}; write ${meant ?? 'the id of a rule of content.yaml'} instead`;
}

function troubleOf(example: Example, played: Played, policy: Policy): string | undefined {
  const { expect, passes } = example;
  if (expect !== undefined) {
    const { rule, action, becomes } = expect;
    const says = policy.content.rules.get(rule)?.action;
    if (says !== undefined && says !== action)
      return `the rule ${rule} says ${says}, not ${action}; correct one of them`;
    const own = played.fired.find((one) => one.rule === rule);
    if (own === undefined) return `the rule ${rule} did not fire; what happened: ${doneBy(played)}`;
    if (own.mode === 'monitor') return undefined;
    if (played.action !== action) {
      const why = played.rule === rule ? 'what was found cannot be taken out alone' : 'it is the more restrictive one';
      return `expected ${action}, but it is ${doneBy(played)} (${why})`;
    }
    return becomes === undefined || played.redacted === becomes ? undefined : 'what is left is not what becomes says';
  }
  const fired = rulesNamed({ passes }).find((rule) => played.fired.some((one) => one.rule === rule));
  if (fired !== undefined)
    return `the rule ${fired} fired, and the example says that it does not${hintOf(example, fired, policy)}`;
  const isStopped = played.action !== 'allow' && played.action !== 'monitor' && played.action !== 'warn';
  return isStopped ? `expected to pass, but it is ${doneBy(played)}${hintOf(example, played.rule, policy)}` : undefined;
}

function hintOf({ on }: Example, rule: string | undefined, { content }: Policy): string {
  const hasException = content.rules.get(rule ?? '')?.ends.some(({ what }) => what === 'exception') === true;
  return on === undefined && hasException ? '; write on: with a day on which its exception holds' : '';
}
