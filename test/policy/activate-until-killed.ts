// A process that puts two revisions in force, one after the other, until somebody kills it: node THIS KEPT ROOT FOLDER-A FOLDER-B.
import { readFileSync } from 'node:fs';
import { openKeptRevisions } from '../../shared/policy/kept-revisions.ts';
import { readOperators } from '../../shared/policy/operators.ts';
import { readManifest } from '../../shared/policy/revision-manifest.ts';
import { read } from './operators.ts';

const [kept = '', root = '', ...folders] = process.argv.slice(2);
const store = openKeptRevisions(kept, 2);
const operators = readOperators(root, readFileSync(root, 'utf8'));
if (!operators.ok) throw new Error(operators.problems.join('\n'));
const revisions = folders.map((folder) => {
  const signed = read(folder);
  const manifest = readManifest(signed.manifest);
  if (manifest === undefined) throw new Error(`${folder}: no manifest`);
  return { signed, manifest };
});
// As a process does, which leaves alone what is in force already.
const inForce = store.list().find(({ active }) => active)?.time;
if (revisions[0]?.manifest.time === inForce) revisions.reverse();
process.stdout.write('ready\n');
for (;;) {
  for (const { signed, manifest } of revisions) {
    store.activate({ signed, judgedBy: operators.operators, root: 'r' }, manifest);
  }
}
