// A policy that comes over the link: bounded, offered as it is, and answered with where this proxy stands.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { SignedRevision } from '@sallyport/shared/policy/signed-revision.ts';
import { type PolicyDesk, takePolicy } from './take-policy.ts';

function deskThatSays(problems: readonly string[]) {
  const offered: SignedRevision[] = [];
  const desk: PolicyDesk = {
    offer(signed) {
      offered.push(signed);
      return { active: problems.length === 0, problems };
    },
    states: () => ({ signed: true, trouble: problems, active: { revision: 'in-force', time: 1 } }),
  };
  return { desk, offered };
}
const file = (path: string) => ({ path, content: Buffer.from(path) });

test('what was sent is offered without a salt, whatever its names are', () => {
  const { desk, offered } = deskThatSays([]);
  const answer = takePolicy(desk, { manifest: 'm', signatures: 's', files: [file('../x'), file('content.yaml')] }, 'g');
  assert.deepEqual([...(offered[0]?.files.keys() ?? [])], ['../x', 'content.yaml']);
  assert.equal(offered[0]?.salt, '');
  assert.deepEqual([answer.active, answer.revision, answer.published], [true, 'in-force', '']);
});

test('a file that comes twice, and more files than a policy has, are refused before anybody looks', () => {
  const { desk, offered } = deskThatSays([]);
  const many = Array.from({ length: 5_000 }, (_, i) => file(`lists/${i}.txt`));
  for (const files of [[file('content.yaml'), file('content.yaml')], many]) {
    const answer = takePolicy(desk, { manifest: '', signatures: '', files }, 'g');
    assert.deepEqual([answer.active, answer.problems?.length], [false, 1]);
  }
  assert.equal(offered.length, 0);
});

test('what was wrong is told, so many characters at most', () => {
  const { desk } = deskThatSays(['x'.repeat(10_000)]);
  assert.equal(takePolicy(desk, { manifest: '', signatures: '', files: [] }, 'g').problems?.[0]?.length, 500);
});
