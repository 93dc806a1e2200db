// A front end, or whoever broke into one, that asserts identities which are not its to assert (RFC 3325; sip-dialect §3.4).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { contact, offer, request } from '../sip-adapter/raw-peer.ts';
import { sipAttacker } from './sip-attacker.ts';
import { heardBy, startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack();
const from = (who: string) => ({ From: `<sip:${who}>;tag=1` });
const asserts = (who: string) => ({ 'P-Asserted-Identity': who });

const forged: readonly (readonly [string, Readonly<Record<string, string>>, number])[] = [
  ['From of a partner’s user', from('zoe@far.example'), 403],
  ['From of the recipient', from('ann@out.example'), 403],
  ['From of a stranger', from('ceo@stranger.example'), 403],
  ['From of nobody inside', from('nobody@in.example'), 404],
  ['From of the domain itself', { From: '<sip:in.example>;tag=1' }, 484],
  ['an assertion for a stranger', asserts('<sip:ceo@stranger.example>'), 403],
  ['an assertion for a partner’s user', asserts('<sip:zoe@far.example>'), 403],
  ['two assertions', asserts('<sip:bob@in.example>, <sip:carol@in.example>'), 403],
  [
    'an assertion that hides a second one',
    asserts('"x" <sip:bob@in.example>,<sip:carol@in.example>;x="<sip:bob@in.example>"'),
    403,
  ],
  ['a name that looks like an address', { From: '"sip:bob@in.example" <sip:zoe@far.example>;tag=1' }, 403],
  ['an escaped at sign', from('bob%40in.example@far.example'), 403],
  ['a subdomain', from('bob@sub.in.example'), 403],
];

for (const [what, headers, status] of forged) {
  test(`${what} is refused, and the partner hears nothing`, async () => {
    const heard = heardBy(site);
    const peer = await sipAttacker(site);
    peer.write(request('MESSAGE', headers, 'forged'));
    const answered = await peer.status();
    // A user who may not and a user who is not are answered alike (I5): either of the two.
    assert.ok(answered === status || (status === 404 && answered === 403), `${answered}`);
    await wait(50);
    assert.deepEqual(heard(), []);
    peer.end();
  });
}

test('the same in an INVITE', async () => {
  const heard = heardBy(site);
  const peer = await sipAttacker(site);
  for (const who of ['zoe@far.example', 'ceo@stranger.example', 'ann@out.example']) {
    peer.write(request('INVITE', { ...from(who), 'Content-Type': 'application/sdp', Contact: contact }, offer));
    const status = await peer.status();
    assert.ok(status >= 400 && status < 700, `${status}`);
  }
  assert.deepEqual(heard(), []);
  peer.end();
});

test('two thousand forgeries cost no memory and hold nobody up', async () => {
  const heard = heardBy(site);
  const peer = await sipAttacker(site);
  await site.staysFlat(() =>
    site.keepsAnswering(async () => {
      for (let i = 0; i < 40; i++) {
        for (let n = 0; n < 50; n++) peer.write(request('MESSAGE', from('zoe@far.example'), 'forged'));
        await wait(20);
      }
    }),
  );
  peer.end();
  await site.onlyDelivered();
  assert.deepEqual(heard(), []);
});
