// Content rules that hold, for tests of the quarantine: one word that both sides know, one that stays inside.
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Lab } from './lab-site.ts';

export const heldWord = 'kingfisher';
/** The proxy does not know it. */
export const heldInside = 'goldcrest';

/** Adds the rules to the policy of the lab. */
export function addHoldingRules({ policyDir }: Pick<Lab, 'policyDir'>): void {
  const rule = (id: string, where: 'both' | 'inside', word: string) => {
    writeFileSync(join(policyDir, 'lists', `${id}.txt`), `${word}\n`);
    return {
      detector: { id: `${id}-words`, terms: `lists/${id}.txt`, where },
      rule: {
        ...{ id, title: id, why: 'a test', owner: 'lab', severity: 'high', scope: { direction: 'both' } },
        ...{ when: `${id}-words`, action: 'quarantine' },
      },
    };
  };
  const both = [rule('held-birds', 'both', heldWord), rule('held-inside', 'inside', heldInside)];
  const more = stringify({ detectors: both.map((each) => each.detector), rules: both.map((each) => each.rule) });
  appendFileSync(join(policyDir, 'content.yaml'), more);
}
