// Content rules that hold, for tests of the quarantine: one word that both sides know, one that stays inside.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
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
  const file = join(policyDir, 'content.yaml');
  const document = parseDocument(readFileSync(file, 'utf8'));
  const add = (key: string, entries: readonly object[]) => {
    if (document.has(key)) for (const entry of entries) document.addIn([key], document.createNode(entry));
    else document.set(key, document.createNode(entries));
  };
  add(
    'detectors',
    both.map((each) => each.detector),
  );
  add(
    'rules',
    both.map((each) => each.rule),
  );
  writeFileSync(file, document.toString());
}
