// Which partners are off: taken out of the policy, or with a certificate that no longer holds, stream or no stream (I9, T14).
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { issueAuthority, issueCertificate, issueCrl } from '../../deploy/certificates/issue.ts';
import { createPartnerStandings } from '../../dmz-proxy/partner-standings.ts';
import type { StreamFacts } from '../../dmz-proxy/stream/facts.ts';
import { openLog } from '../../shared/log.ts';
import type { Policy } from '../../shared/policy/policy.ts';
import { partner, policyOf } from './setting.ts';

const log = openLog('test', 'test', 'error');
log.level = 'silent';
const authority = issueAuthority({ name: 'CA of the partner' });
const theirs = issueCertificate(authority, { dns: ['out.example'] });
const chain = [new X509Certificate(theirs.certPem).raw];

function standings(policy: Policy) {
  const world = { policy, now: 1_000_000_000_000, streams: [] as StreamFacts[] };
  const made = createPartnerStandings({
    policy: () => world.policy,
    streams: () => world.streams,
    clock: { now: () => world.now },
    log,
  });
  const change = async (next: Policy) => {
    const before = world.policy;
    world.policy = next;
    made.policyChanged(before);
    await new Promise((resolve) => setTimeout(resolve, 100));
  };
  return { ...made, world, change };
}

const entry = () => partner('out.example', 1, [authority.certPem]);
const streamSince = (since: number) => ({ remoteDomain: 'out.example', since }) as StreamFacts;

test('a partner without a stream is looked at again when lists change, by what it showed last', async () => {
  const at = standings(policyOf(entry()));
  at.world.now = Date.now();
  at.proved('out.example', chain);
  const listing = async (revoked: string[]): Promise<Policy> =>
    policyOf({ ...entry(), crl: { lists: [await issueCrl(authority, revoked)], required: true } });
  await at.change(await listing([]));
  assert.equal(at.of('out.example', []), 'good');
  await at.change(await listing([theirs.certPem]));
  assert.equal(at.of('out.example', []), 'unproved');
  await at.change(await listing([]));
  assert.equal(at.of('out.example', []), 'good');
});

test('one that is taken out is told as long as it is out, for an hour', async () => {
  const at = standings(policyOf(entry()));
  await at.change(policyOf());
  assert.deepEqual([at.removed(), at.of('out.example', [])], [['out.example'], 'removed']);
  await at.change(policyOf(entry()));
  assert.deepEqual([at.removed(), at.of('out.example', [])], [[], 'good']);
  await at.change(policyOf());
  at.world.now += 3_600_001;
  assert.deepEqual(at.removed(), []);
});

test('a stream that was proved afterwards says that it is back, an older one only when it has lived on', () => {
  const at = standings(policyOf(entry()));
  at.unproved('out.example');
  assert.equal(at.of('out.example', [streamSince(at.world.now - 1)]), 'unproved');
  assert.equal(at.of('out.example', [streamSince(at.world.now + 1)]), 'good');
  at.unproved('out.example');
  at.world.now += 121_000;
  assert.equal(at.of('out.example', []), 'unproved');
  assert.equal(at.of('out.example', [streamSince(0)]), 'good');
});
