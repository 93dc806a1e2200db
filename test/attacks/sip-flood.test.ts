// One front end that floods: requests of all kinds faster than they can be judged, on one connection (I10).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { contact, offer, request } from '../sip-adapter/raw-peer.ts';
import { type SipAttacker, sipAttacker } from './sip-attacker.ts';
import { heardBy, startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack();

async function flood(peer: SipAttacker, times: number, one: () => string): Promise<void> {
  for (let i = 0; i < times; i++) {
    peer.write(Array.from({ length: 50 }, one).join(''));
    if (peer.isFull()) await Promise.race([peer.drained(), peer.closed]);
    await wait(20);
  }
}

const kinds = {
  'texts from nobody': () => request('MESSAGE', { From: '<sip:nobody@in.example>;tag=1' }, 'flood'),
  'texts to nobody': () => request('MESSAGE', {}, 'flood', 'sip:ann@stranger.example'),
  'conversations that are never acknowledged': () =>
    request(
      'INVITE',
      { 'Content-Type': 'application/sdp', Contact: contact, From: '<sip:dave@in.example>;tag=1' },
      offer,
    ),
  'options, refers and cancels': () => request('OPTIONS') + request('REFER') + request('CANCEL'),
  'in-dialog requests without a dialog': () => request('BYE', { To: '<sip:ann@out.example>;tag=x' }),
};

for (const [what, one] of Object.entries(kinds)) {
  test(`${what}, by the thousand`, async () => {
    const heard = heardBy(site, 'far.example');
    const peer = await sipAttacker(site);
    await site.staysFlat(() => site.keepsAnswering(() => flood(peer, 20, one)));
    assert.ok(peer.responses() > 500, `${peer.responses()} responses`);
    peer.end();
    assert.ok(heard().every((line) => line.includes('well-behaved') || !line.includes('flood')));
    await site.onlyDelivered();
  });
}

test('whoever does not read the answers is not read any more', async () => {
  const peer = await sipAttacker(site);
  await site.staysFlat(() => site.keepsAnswering(() => flood(peer, 20, () => '\r\n\r\n'.repeat(200))));
  peer.end();
  await site.onlyDelivered();
});
