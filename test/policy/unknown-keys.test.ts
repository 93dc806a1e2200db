// What a policy file says and the program does not know is refused (I2), by the program and by editors alike.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadPolicy } from '../../shared/policy/load-policy.ts';
import { readPolicyFiles } from '../../shared/policy/policy-files.ts';
import { readExamples } from '../../shared/policy/read-examples.ts';
import { openOffice, shipped } from './operators.ts';

const files = ['partners', 'content', 'limits', 'labels', 'texts', 'operators', 'examples/words'];

test('an unknown key in any file of the policy is refused, with its line and its name', () => {
  for (const name of files) {
    const office = openOffice(1);
    const file = join(office.policy, `${name}.yaml`);
    if (!existsSync(file)) office.put(`${name}.yaml`, office.operatorsYaml(['alice', 'bob']));
    const before = readFileSync(file, 'utf8').trimEnd();
    writeFileSync(file, `${before}\nunheardOf: 1\n`);
    const loaded = loadPolicy(office.policy, 'inside');
    const { problems } = readExamples(office.policy, readPolicyFiles(office.policy), 'inside');
    const told = [...(loaded.ok ? [] : loaded.problems), ...problems];
    assert.equal(told.length, 1, `${name}: ${told.join()}`);
    const line = before.split('\n').length + 1;
    assert.ok(told[0]?.startsWith(`${file}:${line}: unheardOf: is not a known key`), told[0]);
  }
});

test('the schemas for editors know no other keys either, at any depth', () => {
  const names = readdirSync(shipped).filter((name) => name.endsWith('.schema.json'));
  assert.equal(names.length, 7);
  for (const name of names) {
    const open: string[] = [];
    const walk = (node: unknown, way: string): void => {
      if (typeof node !== 'object' || node === null) return;
      if (
        'properties' in node &&
        'type' in node &&
        !('additionalProperties' in node && node.additionalProperties === false)
      )
        open.push(way);
      for (const [key, inner] of Object.entries(node)) walk(inner, `${way}/${key}`);
    };
    walk(JSON.parse(readFileSync(join(shipped, name), 'utf8')), name);
    assert.deepEqual(open, []);
  }
});
