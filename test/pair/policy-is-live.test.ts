// Invariants I3 and I9: a changed policy is in force without a restart, and a bad one changes nothing.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runCommand } from '../../deploy/commands/run-command.ts';
import { annAndBob, startWholeSite, until, type WholeSite } from './whole-site.ts';

let site: WholeSite;
before(async () => {
  site = await startWholeSite();
});
after(() => site.stop());

const inForce = (half: 'proxy' | 'gateway') => site.pair.log(half).split('a new policy is in force').length - 1;

test('a word that is added is refused a moment later, on both sides', async () => {
  const { ann, bob } = annAndBob(site);
  const file = join(site.lab.policyDir, 'lists', 'dirty-words.txt');
  writeFileSync(file, `${readFileSync(file, 'utf8')}moonraker\n`);
  await until('both halves have it', () => inForce('proxy') === 1 && inForce('gateway') === 1, 15_000);
  await ann.send(bob.address, 'the Moonraker files');
  assert.equal((await ann.nextError({ within: 5_000 })).error?.condition, 'policy-violation');
  assert.equal((await bob.say(ann.address, 'the MOONRAKER files')).status, 606);
});

test('an unsigned policy is said once in the log of each half, and in the status', async () => {
  for (const half of ['proxy', 'gateway'] as const) {
    assert.equal(site.pair.log(half).split('the policy is not signed').length, 2);
    const said: string[] = [];
    const terminal = { say: (line: string) => said.push(line), complain: (line: string) => said.push(line) };
    assert.equal(await runCommand(['status', '--settings', site.lab.settings[half]], terminal), 0);
    assert.match(said.join('\n'), /^The policy is not signed: /m);
  }
});

test('a policy that cannot be read changes nothing, and the log says what is wrong and where', async () => {
  const { ann, bob } = annAndBob(site);
  const file = join(site.lab.policyDir, 'partners.yaml');
  const good = readFileSync(file, 'utf8');
  writeFileSync(file, good.replace('mayTalk: everyone', 'mayTalkk: everyone'));
  await until(
    'both halves complain',
    () =>
      /partners\.yaml:\d+.*mayTalk/.test(site.pair.log('proxy')) &&
      /the last good policy stays/.test(site.pair.log('gateway')),
    15_000,
  );
  await ann.send(bob.address, 'still here');
  await bob.nextMessage({ within: 5_000, from: ann.address });
  writeFileSync(file, good);
});

test('a partner that is taken out is off within seconds, and is refused when it knocks again', async () => {
  const { ann, bob, server, partner } = annAndBob(site);
  await ann.send(bob.address, 'the last one');
  await bob.nextMessage({ within: 5_000, from: ann.address });
  const stream = await server.openStream({ to: site.lab.internalDomains[0] ?? '' });
  assert.ok(stream.negotiated.done);
  const ended = stream.streamError(20_000);
  const file = join(site.lab.policyDir, 'partners.yaml');
  const lines = readFileSync(file, 'utf8').split(/(?=^ {2}- )/m);
  writeFileSync(file, lines.filter((entry) => !entry.includes(`domain: ${partner.domain}`)).join(''));
  assert.equal(await ended, 'policy-violation');
  const again = await server.openStream({ to: site.lab.internalDomains[0] ?? '' });
  assert.ok(!again.negotiated.done && again.negotiated.condition === 'policy-violation');
  again.destroy();
  assert.equal((await bob.say(ann.address, 'to nobody')).status, 404);
});
