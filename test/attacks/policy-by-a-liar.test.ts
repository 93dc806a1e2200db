// The DMZ is taken over, and lies about the policy: it says that it has taken what it was sent, and anything else (I4).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { activate, lab, revisionOf, sallyport, secret, sign, site } from '../pair/signed-site.ts';
import { annAndBob, until } from '../pair/whole-site.ts';
import { startHostileProxy } from './hostile-proxy.ts';

await sign('alice', 'bob');
assert.equal((await activate(lab.policyDir)).code, 0);
await site.pair.ready();
const revision = await revisionOf('gateway');
const hostile = await startHostileProxy(site);

test('what it is sent lacks the words that stay inside, and what would let it try them', async () => {
  await hostile.liveLink();
  await until('the gateway delivers the policy', () => hostile.policies.length > 0, 20_000);
  const [sent] = hostile.policies;
  const all = JSON.stringify(sent?.files.map(({ path, content }) => [path, content.toString('latin1')]));
  assert.ok(sent !== undefined && all.includes('nightingale'), 'the words that it may hold');
  assert.ok(!all.toLowerCase().includes(secret.toLowerCase()));
  assert.ok(!sent.files.some(({ path }) => path === 'lists/secret-names.txt' || path === 'revision.salt'));
});

test('whatever it says of its policy is shown within bounds, changes nothing inside, and lets nothing out', async () => {
  const link = await hostile.liveLink({ policyRevision: revision ?? '' });
  for (const lie of [revision ?? '', 'f'.repeat(1_000_000), '\u001b[31m\n', '__proto__']) {
    link.call.write({ heartbeat: { clockMs: Date.now(), policyRevision: lie } });
  }
  const { ann, bob } = annAndBob(site);
  assert.equal((await bob.say(ann.address, `about ${secret}`)).status, 606);
  assert.equal(await revisionOf('gateway'), revision);
  const { said } = await sallyport('policy', 'status', '--settings', lab.settings.gateway);
  assert.ok(said.length < 20_000, `${said.length} characters`);
  assert.doesNotMatch(said, /[\u0000-\u0009\u000b-\u001f]/);
  assert.ok(!link.isOver());
});
