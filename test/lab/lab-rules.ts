// The content rules of the lab: one forbidden word, card numbers, markings, and a rule that only watches.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';

export const dirtyWord = 'nightingale';
const publicText = 'This text may not pass between our organisations.';

const about = {
  title: 'Of the lab',
  why: 'to be seen',
  owner: 'lab',
  severity: 'high',
  scope: { direction: 'both' },
  text: { en: 'Not so.', de: 'Nicht so.' },
};

/** Writes content.yaml (its lists stand last, so that a test can add one), labels.yaml and the list. */
export function writeContentRules(policyDir: string): void {
  const write = (name: string, value: unknown) =>
    writeFileSync(join(policyDir, name), stringify(value, { aliasDuplicateObjects: false }));
  write('content.yaml', {
    detectors: [
      { id: 'cards', number: ['payment-card'] },
      { id: 'stripes', pattern: 'zebra-[0-9]+' },
    ],
    rules: [
      { id: 'LAB-CARDS', when: 'cards', action: 'redact', ...about },
      { id: 'LAB-ABOVE', when: { marking: 'above-clearance' }, action: 'block', ...about },
      {
        ...{ id: 'LAB-LABEL', action: 'block', ...about },
        when: { all: [{ marking: 'above-label' }, { not: { marking: 'unlabelled' } }] },
      },
      { id: 'LAB-STRIPES', when: 'stripes', action: 'block', mode: 'monitor', until: '2099-12-31', ...about },
    ],
    lists: [
      {
        id: 'lab-words',
        title: 'Words of the lab',
        file: 'lists/dirty-words.txt',
        where: 'both',
        direction: 'both',
        text: publicText,
      },
    ],
  });
  const levels = { official: 1, restricted: 2, secret: 4, 'top-secret': 5 };
  write('labels.yaml', {
    ess: [{ policy: '1.3.6.1.4.1.32473.1', scheme: 'uk', levels }],
    everyone: { clearance: { uk: 'official' } },
    partners: [{ domain: 'far.example', clearance: { uk: 'restricted' }, unlabelled: { outward: 'UK OFFICIAL' } }],
  });
  writeFileSync(join(policyDir, 'lists', 'dirty-words.txt'), `# One word or phrase a line.\n${dirtyWord}\n`);
}
