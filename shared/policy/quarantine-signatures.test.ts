// The second operator's signature: whose, for what, and when it is asked for at all.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { type Operators, printPublicKey, readOperators } from './operators.ts';
import { judgeDeed, signDeed } from './quarantine-signatures.ts';

const keys = {
  a: generateKeyPairSync('ed25519'),
  b: generateKeyPairSync('ed25519'),
  c: generateKeyPairSync('ed25519'),
};
const roles = ['quarantine-show', 'quarantine-release'] as const;
const operators: Operators = {
  operators: [
    { name: 'a', key: printPublicKey(keys.a.publicKey), roles: ['author', ...roles] },
    { name: 'b', key: printPublicKey(keys.b.publicKey), roles: [...roles] },
    { name: 'c', key: printPublicKey(keys.c.publicKey), roles: ['quarantine-show'] },
  ],
  signatures: { required: 1 },
  quarantine: { secondOperator: true },
};
const id = '0123456789abcdef';

test('without operators, or where nobody asks for it, no signature is needed and none is believed', () => {
  const made = signDeed('release', id, 'b', keys.a.privateKey);
  const relaxed = { ...operators, quarantine: { secondOperator: false } };
  assert.deepEqual(judgeDeed('release', id, 'anybody', [], undefined), { allowed: true });
  assert.deepEqual(judgeDeed('release', id, 'anybody', [made], relaxed), { allowed: true });
});

test('the signature of another operator with the role, over this deed and this id, is good', () => {
  const good = signDeed('release', id, 'b', keys.b.privateKey);
  assert.deepEqual(judgeDeed('release', id, 'a', [good], operators), { allowed: true, second: 'b' });
  const wrong = signDeed('release', id, 'a', keys.a.privateKey);
  assert.deepEqual(judgeDeed('release', id, 'a', [wrong, good], operators), { allowed: true, second: 'b' });
});

test('anything else is not: his own, another key, deed or id, a missing role, nobody', () => {
  const may = (as: string, ...signatures: readonly ReturnType<typeof signDeed>[]) =>
    judgeDeed('release', id, as, signatures, operators).allowed;
  assert.equal(may('a'), false);
  assert.equal(may('a', signDeed('release', id, 'a', keys.a.privateKey)), false);
  assert.equal(may('a', signDeed('release', id, 'b', keys.a.privateKey)), false, 'his key under another name');
  assert.equal(may('a', signDeed('show', id, 'b', keys.b.privateKey)), false);
  assert.equal(may('a', signDeed('release', 'fedcba9876543210', 'b', keys.b.privateKey)), false);
  assert.equal(may('a', signDeed('release', id, 'c', keys.c.privateKey)), false, 'c may show, not release');
  assert.equal(may('a', signDeed('release', id, 'd', keys.b.privateKey)), false);
  assert.equal(may('d', signDeed('release', id, 'b', keys.b.privateKey)), false);
  assert.equal(judgeDeed('show', id, 'a', [signDeed('show', id, 'c', keys.c.privateKey)], operators).allowed, true);
});

test('refusing lets nothing out: the role is needed, a second one is not', () => {
  assert.equal(judgeDeed('refuse', id, 'a', [], operators).allowed, true);
  assert.equal(judgeDeed('refuse', id, 'c', [], operators).allowed, false);
});

test('operators.yaml that asks for two where there is one is refused in words', () => {
  const one = `operators:\n  - name: a\n    key: ${printPublicKey(keys.a.publicKey)}\n    roles: [author, quarantine-show]\nquarantine: { secondOperator: true }\n`;
  const read = readOperators('operators.yaml', one);
  assert.ok(!read.ok && read.problems.some((line) => /two operators must have the role quarantine-release/.test(line)));
});
