// A second request hidden in the body, the head or the framing of the first (RFC 3261 §18.3, §7.3; sip-dialect §2.3).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { request } from '../sip-adapter/raw-peer.ts';
import { sipAttacker } from './sip-attacker.ts';
import { heardBy, startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack();
const smuggled = () => request('MESSAGE', {}, 'smuggled');
const length = (value: string) => ({ 'Content-Length': value });

const ends: readonly (readonly [string, string])[] = [
  ['no Content-Length', request('MESSAGE', length(''), smuggled())],
  ['two that differ', request('MESSAGE', { ...length('0'), l: '900' }, smuggled())],
  ['two that agree', request('MESSAGE', { ...length('5'), l: '5' }, 'hello')],
  ['two numbers in one', request('MESSAGE', length('0, 900'), smuggled())],
  ['a sign', request('MESSAGE', length('+0'), smuggled())],
  ['a negative one', request('MESSAGE', length('-1'), smuggled())],
  ['hexadecimal', request('MESSAGE', length('0x0'), smuggled())],
  ['a number beyond all bounds', request('MESSAGE', length('99999999999999999999'), smuggled())],
  ['an exponent', request('MESSAGE', length('1e1'), smuggled())],
  ['a space in it', request('MESSAGE', length('1 0'), smuggled())],
  ['chunks', request('MESSAGE', { ...length(''), 'Transfer-Encoding': 'chunked' }, `0\r\n\r\n${smuggled()}`)],
];
for (const [what, bytes] of ends) {
  test(`Content-Length with ${what} ends the connection, and nothing behind it is read`, async () => {
    const heard = heardBy(site);
    const peer = await sipAttacker(site);
    peer.write(bytes);
    peer.write(smuggled());
    await peer.closed;
    await wait(50);
    assert.deepEqual(heard(), []);
  });
}

test('a request in the body of another is a text', async () => {
  const heard = heardBy(site);
  const peer = await sipAttacker(site);
  peer.write(request('MESSAGE', {}, smuggled()));
  assert.equal(await peer.status(), 200);
  await wait(100);
  assert.equal(heard().length, 1);
  assert.equal(peer.responses(), 1);
  peer.end();
});

test('heads with bare line ends, NUL, or spaces before a colon are not read as something else', async () => {
  const heard = heardBy(site);
  const fold = { Subject: `x\nContent-Length: 0\n\n${smuggled()}` };
  for (const bytes of [
    request('MESSAGE', fold, 'x'),
    request('MESSAGE', { Subject: 'x\rContent-Length: 0' }, 'x'),
    request('MESSAGE', { Subject: 'x\0Content-Length: 0' }, 'x'),
  ]) {
    const peer = await sipAttacker(site);
    peer.write(bytes);
    const status = await Promise.race([peer.status(), peer.closed.then(() => 0)]);
    assert.ok(status === 400 || status === 0, `${status}`);
    peer.end();
  }
  await wait(50);
  assert.deepEqual(heard(), []);
});

test('a hundred heads without end cost no memory', async () => {
  await site.staysFlat(() =>
    site.keepsAnswering(async () => {
      for (let i = 0; i < 100; i++) {
        const peer = await sipAttacker(site);
        peer.write(`MESSAGE sip:ann@out.example SIP/2.0\r\nX: ${'x'.repeat(200_000)}`);
        await peer.closed;
      }
    }),
  );
  await site.onlyDelivered();
});
