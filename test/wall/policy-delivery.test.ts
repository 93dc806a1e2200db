// A signed policy through the wall: given once to each life of a proxy and after each change, and whatever becomes of
// it there, the link lives and packets flow.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SignedRevision } from '../../shared/policy/signed-revision.ts';
import type { OutsideOptions } from './two-ends.ts';
import { filesOfBothEnds, gatewayUri, openInside, openOutside, until } from './two-ends.ts';

const { outsideFiles, insideFiles } = filesOfBothEnds();
const revision = (name: string, bytes = 100): SignedRevision => ({
  manifest: name,
  signatures: 's',
  salt: '',
  files: new Map([['content.yaml', Buffer.alloc(bytes, 'x')]]),
});

async function wall(offer: NonNullable<OutsideOptions['offer']>, first: SignedRevision) {
  let present = first;
  let outside = await openOutside({ files: outsideFiles, offer });
  const { port } = outside;
  const inside = await openInside({ files: insideFiles, port, policyForDmz: () => present });
  const up = () => until('the link', () => inside.status().every(({ state }) => state === 'up'), 10_000);
  await up();
  return {
    detail: () => inside.status()[0]?.detail ?? '',
    up,
    change(next: SignedRevision) {
      present = next;
      inside.policyChanged();
    },
    async restart(boot: string) {
      await outside.close();
      outside = await openOutside({ files: outsideFiles, port, boot, offer });
    },
    async [Symbol.asyncDispose]() {
      await inside.stop();
      await outside.close();
    },
  };
}

test('it is given once to each life of the proxy, and after each change', async () => {
  const offered: { readonly name: string; readonly from: string; readonly bytes: number }[] = [];
  const names = () => offered.map(({ name }) => name);
  await using it = await wall(
    ({ manifest, files }, from) => {
      offered.push({ name: manifest, from, bytes: files.get('content.yaml')?.length ?? 0 });
      return { active: true, problems: [] };
    },
    revision('first', 3_000_000),
  );
  await until('the first', () => offered.length === 1);
  assert.deepEqual(offered[0], { name: 'first', from: gatewayUri, bytes: 3_000_000 });
  it.change(revision('first', 3_000_000));
  it.change(revision('second'));
  await until('the second', () => offered.length > 1);
  await it.restart('p2');
  await until('the second again', () => offered.length > 2, 10_000);
  assert.deepEqual(names(), ['first', 'second', 'second']);
});

test('a refusal is told with how far it came, and a fault of the proxy ends the call alone', async () => {
  await using it = await wall(({ manifest }) => {
    if (manifest === 'fault') throw new Error('a fault with a secret in it');
    return { active: false, problems: ['it is old\u001b[31m'] };
  }, revision('old'));
  await until('the refusal', () => it.detail().includes('did not take the policy'));
  assert.match(it.detail(), /it is old\?\[31m; there: published none, received none, verified none/);
  it.change(revision('fault'));
  await until('the fault', () => it.detail().includes('could not be delivered'));
  assert.match(it.detail(), /a fault of our own/);
  assert.doesNotMatch(it.detail(), /secret/);
  await it.up();
});

test('what does not fit into a frame is not sent, and the operator is told how it goes', async () => {
  let offers = 0;
  await using it = await wall(
    () => {
      offers += 1;
      return { active: true, problems: [] };
    },
    revision('large', 7_500_000),
  );
  await until('the words', () => it.detail().includes('carry it there as a folder'));
  assert.equal(offers, 0);
});
