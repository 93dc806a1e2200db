// Conditions, markings and clearances in words that the author of a policy reads without a manual.
import type { Clearance, Marking } from '@sallyport/shared/content/markings/marking.ts';
import type { Condition } from '@sallyport/shared/content/rules.ts';
import type { TracedCondition } from './trace.ts';

/** What the condition asks, in one line. */
export function conditionWords(condition: Condition): string {
  switch (condition.kind) {
    case 'found': {
      const { detector, count = 1, distinct = false, minScore } = condition;
      const often = count === 1 ? '' : `, ${count} ${distinct ? 'different ones' : 'times'}`;
      return `${detector} is found${often}${sure(minScore)}`;
    }
    case 'near':
      return `${condition.first} and ${condition.second} are at most ${condition.within} characters apart${sure(condition.minScore)}`;
    case 'total':
      return `the scores of ${condition.detectors.join(', ')} make ${condition.atLeast} together`;
    case 'above-clearance':
      return `the label, or a marking, is above what the partner may see${sure(condition.minScore)}`;
    case 'above-label':
      return `a marking is above the label${sure(condition.minScore)}`;
    case 'unlabelled':
      return 'there is no label that can be read';
    case 'all':
      return 'all of these';
    case 'any':
      return 'one of these';
    case 'not':
      return 'not this';
    default:
      return condition satisfies never;
  }
}

function sure(minScore: number | undefined): string {
  return minScore === undefined || minScore === 75 ? '' : ` with a score of ${minScore}`;
}

/** The same with what came of it, a line for each block of it. */
export function tracedLines(traced: TracedCondition, indent = ''): readonly string[] {
  const { condition, holds, of } = traced;
  const line = `${indent}${holds ? 'yes' : 'no '}  ${conditionWords(condition)}${counted(traced)}`;
  return [line, ...of.flatMap((one) => tracedLines(one, `${indent}  `))];
}

function counted({ condition, all, enough, best }: TracedCondition): string {
  if (all === undefined) return '';
  const what = condition.kind === 'above-clearance' || condition.kind === 'above-label' ? 'marking' : 'finding';
  if (all === 0) return `: no ${what}`;
  const many = `${all} ${what}${all === 1 ? '' : 's'}, the surest ${best}`;
  return enough === all || condition.kind === 'total'
    ? `: ${many}`
    : `: ${many}, ${enough === 0 ? 'none' : enough} sure enough`;
}

/** `UK SECRET`, `TLP:AMBER`, `US TOP SECRET//SI`. */
export function markingWords({ scheme, level, caveats, releasableTo }: Marking): string {
  const name = scheme === 'tlp' ? `TLP:${level.toUpperCase()}` : levelWords(scheme, level);
  const rest = [...caveats, ...(releasableTo === undefined ? [] : [`only for ${releasableTo.join(', ')}`])];
  return rest.length === 0 ? name : `${name} (${rest.join(', ')})`;
}

/** What a partner may see. */
export function clearanceWords({ levels, light, caveats, nations }: Clearance): string {
  const held = Object.entries(levels).map(([scheme, level]) => levelWords(scheme, level));
  if (light !== undefined) held.push(`TLP:${light.toUpperCase()}`);
  if (held.length === 0) return 'nothing but what is unclassified';
  const more = [...caveats, ...(nations.length === 0 ? [] : [`as ${nations.join(', ')}`])];
  return `up to ${held.join(', ')}${more.length === 0 ? '' : ` (${more.join(', ')})`}`;
}

function levelWords(scheme: string, level: string): string {
  const said = level.replace('-', ' ').toUpperCase();
  if (scheme === 'plain') return `${said} (of no scheme)`;
  return scheme === 'uk' && level === 'restricted' ? 'UK OFFICIAL-SENSITIVE' : `${scheme.toUpperCase()} ${said}`;
}
