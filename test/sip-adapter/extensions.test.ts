// What XMPP says beyond text, as a front end receives it (xmpp-boundary §2.1).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJid } from '../../shared/address/jid.ts';
import type { Content } from '../../shared/packet.ts';
import { startRig } from './rig.ts';

const room = parseJid('plans@rooms.out.example');
assert.ok(room);

const said: readonly (readonly [string, Content, string])[] = [
  ['a correction', { kind: 'message', type: 'chat', body: 'ten', replaces: 'm1' }, '[correction] ten'],
  [
    'links',
    { kind: 'message', type: 'chat', body: 'b', links: [{ url: 'https://a.example/', description: 'd' }] },
    'b\nd: https://a.example/',
  ],
  ['reactions', { kind: 'reactions', toId: 'm1', emojis: ['👍', '🎉'] }, '[reacted 👍 🎉 to a message]'],
  ['a retraction', { kind: 'retraction', ofId: 'm1' }, '[took back a message; what was delivered stays]'],
  [
    'an invitation',
    { kind: 'invitation', room, reason: 'come' },
    '[invites you to the group chat plans@rooms.out.example, which cannot be joined from here] come',
  ],
];

for (const [name, content, shown] of said) {
  test(`${name} is shown as text`, async () => {
    const rig = await startRig();
    assert.equal((await rig.deliver(content)).state, 'delivered');
    assert.equal((await rig.bob.nextMessage()).text, shown);
    assert.deepEqual(rig.frontEnd.violations(), []);
  });
}

test('a name that the sender gives himself is shown nowhere', async () => {
  const rig = await startRig();
  await rig.deliver({ kind: 'message', type: 'chat', body: 'b', nick: 'The Chief' });
  assert.equal((await rig.bob.nextMessage()).text, 'b');
  assert.doesNotMatch(JSON.stringify(rig.bob.received()), /Chief/);
});
