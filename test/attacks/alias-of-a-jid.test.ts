// Other spellings of an address, to get past the list of who may talk (RFC 7622; xmpp-boundary J1 to J9, S5).
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { annAndBob, until } from '../pair/whole-site.ts';
import { body, startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack();
const { bob, ann } = annAndBob(site);

// Of out.example, Ann alone may talk, and with Bob alone.
const file = join(site.lab.policyDir, 'partners.yaml');
const only = 'mayTalk:\n      - external: ann@out.example\n        internal: bob@in.example';
writeFileSync(file, readFileSync(file, 'utf8').replace('mayTalk: everyone', only));
const inForce = (half: 'proxy' | 'gateway') => site.pair.log(half).includes('a new policy is in force');
await until('the list is in force', () => inForce('proxy') && inForce('gateway'), 15_000);

/** Each on a stream of its own, since some of them end it. */
async function write(from: string, to: string, text: string): Promise<void> {
  const peer = await site.openStream();
  peer.say(`<message from="${from}" to="${to}" type="chat">${body(text)}</message>`);
  await wait(30);
  peer.socket.destroy();
}

const same: readonly (readonly [string, string])[] = [
  ['ANN@out.example', 'bob@in.example'],
  ['ann@OUT.Example', 'bob@in.example'],
  ['ann@out.example.', 'bob@in.example'],
  ['ann@out.example/amy@out.example/x', 'bob@in.example'],
  ['ann@out.example', 'BOB@IN.EXAMPLE'],
  ['ann@out.example', 'bob@in.example/carol@in.example'],
  ['ａｎｎ@out.example', 'bob@in.example'],
];

test('another spelling of Ann is Ann or is refused; it never is somebody else', async () => {
  for (const [i, [from, to]] of same.entries()) await write(from, to, `same ${i}`);
  await site.stillServes();
  const messages = bob.received().filter((item) => item.kind === 'message');
  assert.ok(messages.some((item) => item.kind === 'message' && item.text === 'same 0'));
  for (const item of messages) assert.equal(item.from, ann.address);
  for (const text of site.delivered()) assert.match(text, /^same \d$/);
});

const others: readonly (readonly [string, string])[] = [
  ['amy@out.example', 'bob@in.example'],
  ['amy@out.example/ann@out.example', 'bob@in.example'],
  ['out.example/ann@out.example', 'bob@in.example'],
  ['out.example', 'bob@in.example'],
  ['\u0430nn@out.example', 'bob@in.example'],
  ['an\u00adn@out.example', 'bob@in.example'],
  ['an\u200bn@out.example', 'bob@in.example'],
  ['an\u2060n@out.example', 'bob@in.example'],
  ['ann\ufeff@out.example', 'bob@in.example'],
  ['ann\u202e@out.example', 'bob@in.example'],
  ['ann\\20@out.example', 'bob@in.example'],
  ['ann\\40out.example@out.example', 'bob@in.example'],
  ['ann %@out.example', 'bob@in.example'],
  ['ann@@out.example', 'bob@in.example'],
  ['@out.example', 'bob@in.example'],
  ['ann@out.example/', 'bob@in.example'],
  ['ann@out.example..', 'bob@in.example'],
  ['ann&#9;@out.example', 'bob@in.example'],
  ['ann%@out.example', 'bob@in.example'],
  ['ann&#x301;@out.example', 'bob@in.example'],
  ['\u1d00nn@out.example', 'bob@in.example'],
  ['a\u0274n@out.example', 'bob@in.example'],
  ['ann@out.example', 'carol@in.example'],
  ['ann@out.example', 'carol@in.example/bob@in.example'],
  ['ann@out.example', 'b\u043eb@in.example'],
  ['ann@out.example', 'bob\\40in.example@in.example'],
  ['ann@out.example', 'bo\u200db@in.example'],
  ['ann@out.example', 'in.example/bob@in.example'],
  ['ann@out.example', 'in.example'],
];

test('nobody else gets in by looking like Ann, and nobody else is reached by looking like Bob', async () => {
  const before = site.delivered().length;
  for (const [i, [from, to]] of others.entries()) await write(from, to, `other ${i}: ${from} to ${to}`);
  await site.stillServes();
  assert.deepEqual(site.delivered().slice(before), []);
});

test('a thousand names a second fill no memory, and those who may talk are not held up', async () => {
  const before = site.delivered().length;
  const peer = await site.openStream();
  await site.staysFlat(() =>
    site.keepsAnswering(async () => {
      for (let i = 0; i < 30; i++) {
        const from = (n: number) => `u${i}-${n}${'x'.repeat(900)}@out.example/${'r'.repeat(900)}${n}`;
        for (let n = 0; n < 100; n++) {
          peer.say(`<message from="${from(n)}" to="bob@in.example">${body('nobody')}</message>`);
        }
        await wait(20);
      }
    }),
  );
  peer.socket.destroy();
  await site.stillServes();
  assert.equal(site.delivered().length, before);
});
