// A site whose policies must be signed by two, started with none; and its operators' commands, as they would write them.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { stringify } from 'yaml';
import { makeOperatorKey } from '../../deploy/commands/policy/keys.ts';
import { runCommand } from '../../deploy/commands/run-command.ts';
import { change } from '../journeys/site-under-test.ts';
import { openDecisions } from '../lab/decisions.ts';
import { writeSite } from '../lab/lab-site.ts';
import { startNeighbours } from '../lab/neighbours.ts';
import { startPair } from '../lab/pair.ts';
import { until } from './whole-site.ts';

/** A word of a list that says `where: inside`; nothing else holds it. */
export const secret = 'Zanzibarquill';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-signed-'));
export const lab = await writeSite(folder);
export const place = (name: string) => join(folder, name);
const keys = ['alice', 'bob'].map((name) => makeOperatorKey(place(`${name}.key`)));
const operators = stringify({
  operators: [
    { name: 'alice', key: keys[0], roles: ['author'] },
    { name: 'bob', key: keys[1], roles: ['approver'] },
  ],
  signatures: { required: 2 },
});
writeFileSync(place('operators.yaml'), operators);
for (const half of ['proxy', 'gateway'] as const) {
  mkdirSync(place(`${half}-watched`));
  change(lab.settings[half], (settings) => {
    settings.set('policy', place(`${half}-watched`));
    settings.set('policySignatures', {
      operatorsFile: place('operators.yaml'),
      required: 2,
      folder: place(`${half}-kept`),
    });
  });
}
const content = join(lab.policyDir, 'content.yaml');
writeFileSync(
  content,
  `${readFileSync(content, 'utf8').trimEnd()}\n  - { id: secret-names, title: t, file: lists/secret-names.txt, where: inside, direction: outward }\n`,
);
writeFileSync(join(lab.policyDir, 'lists/secret-names.txt'), `${secret}\n`);
const neighbours = await startNeighbours(lab);
const pair = await startPair(lab).catch(async (error: unknown) => {
  await neighbours.stop();
  throw error;
});
after(async () => {
  await pair.stop();
  await neighbours.stop();
  rmSync(folder, { recursive: true, force: true });
});
export const site = { folder, lab, pair, neighbours, decisions: openDecisions(lab), stop: pair.stop };

/** Runs a command as an operator does. */
export async function sallyport(...args: readonly string[]) {
  const said: string[] = [];
  const complained: string[] = [];
  const code = await runCommand(args, { say: (line) => said.push(line), complain: (line) => complained.push(line) });
  return { code, said: said.join('\n'), complained: complained.join('\n') };
}
export const sign = async (...who: readonly string[]) => {
  for (const name of who) {
    const { code, complained } = await sallyport(
      'policy',
      'sign',
      lab.policyDir,
      '--key',
      place(`${name}.key`),
      '--as',
      name,
    );
    assert.equal(code, 0, complained);
  }
};
export const activate = (where: string) => sallyport('policy', 'activate', where, '--settings', lab.settings.gateway);
export const revisionOf = async (half: 'proxy' | 'gateway') => {
  const { said } = await sallyport('policy', 'status', '--settings', lab.settings[half], '--json');
  const read: { active?: { revision: string }; trouble: string[] } = JSON.parse(said);
  return read.active?.revision;
};
export const bothHave = async (revision: string | undefined) => {
  assert.ok(revision !== undefined);
  await until('the proxy has it too', async () => (await revisionOf('proxy')) === revision);
};
export const readyz = async (half: 'proxy' | 'gateway') => {
  const answer = await fetch(`http://127.0.0.1:${lab[half].metrics}/readyz`);
  return `${answer.status} ${await answer.text()}`;
};
