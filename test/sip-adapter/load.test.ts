// A thousand conversations at the same time, in both directions, through one SIP adapter.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bob, startRig, text } from './rig.ts';

test('a thousand conversations at the same time are opened, spoken in both ways, and stay fast', async () => {
  const users = Array.from({ length: 1_000 }, (_, i) => `user${i}@in.example`);
  const rig = await startRig({ users: [bob, ...users] });
  const opened = Date.now();
  const firsts = await Promise.all(users.map((to) => rig.deliver(text('first'), { to })));
  assert.ok(firsts.every((outcome) => outcome.state === 'delivered'));
  const openMs = Date.now() - opened;
  const said = Date.now();
  const rounds = Array.from({ length: 5 }, (_, round) =>
    users.map((to) => rig.deliver(text(`round ${round}`), { to })),
  ).flat();
  const answers = users.map((user) => rig.frontEnd.user(user).say('ann@out.example', 'back'));
  assert.ok((await Promise.all(rounds)).every((outcome) => outcome.state === 'delivered'));
  assert.ok((await Promise.all(answers)).every((answer) => answer.status === 200));
  const sayMs = Date.now() - said;
  assert.equal(rig.accepted.length, 1_000);
  assert.deepEqual(rig.frontEnd.violations(), []);
  // Generous, for machines that do much else; it takes a fraction of that where nothing is quadratic.
  assert.ok(openMs < 6_000, `opening took ${openMs} ms`);
  assert.ok(sayMs < 6_000, `6,000 texts took ${sayMs} ms`);
});
