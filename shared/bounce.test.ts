// Who is told of a refusal, and who is not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJid } from './address/jid.ts';
import { bounceOf, withIncident } from './bounce.ts';
import type { Content, Packet } from './packet.ts';

function packet(content: Content): Packet {
  const from = parseJid('ann@out.example/desk');
  const to = parseJid('bob@in.example');
  assert.ok(from && to);
  return { id: 'p', from, to, at: 1, delayed: false, stanzaId: 'm1', lang: '', content };
}
const refusal = { code: 'content-refused', publicText: 'no', incident: 'i', note: 'secret' } as const;
const message = { kind: 'message', type: 'chat', body: 'x' } as const;

test('the bounce goes back to the one who wrote, about the id that he knows, without the note', () => {
  const bounce = bounceOf(packet(message), refusal, 'b', 2);
  assert.equal(bounce?.from.bare, 'bob@in.example');
  assert.equal(bounce?.to.resource, 'desk');
  assert.deepEqual(bounce?.content, {
    kind: 'bounce',
    ofId: 'm1',
    ofKind: 'message',
    code: 'content-refused',
    publicText: 'no',
    incident: 'i',
  });
});

test('an error is never answered by an error, a headline by nothing, and a dropped code tells nobody', () => {
  const bounce = bounceOf(packet(message), refusal, 'b', 2);
  assert.ok(bounce);
  assert.equal(bounceOf(bounce, refusal, 'c', 3), undefined);
  assert.equal(bounceOf(packet({ ...message, type: 'headline' }), refusal, 'c', 3), undefined);
  assert.equal(bounceOf(packet(message), { code: 'origin-disbelieved' }, 'c', 3), undefined);
  assert.equal(bounceOf(packet({ kind: 'chat-state', state: 'active' }), refusal, 'c', 3), undefined);
});

test('of the steps of a subscription the request alone is answered', () => {
  const told = (['subscribe', 'subscribed', 'unsubscribe', 'unsubscribed'] as const).filter(
    (step) => bounceOf(packet({ kind: 'subscription', step }), refusal, 'b', 2) !== undefined,
  );
  assert.deepEqual(told, ['subscribe']);
});

test('a refusal gets one incident number and keeps it', () => {
  const numbered = withIncident({ code: 'far-away' });
  assert.match(numbered.incident ?? '', /^[0-9a-f]{10}$/);
  assert.equal(withIncident(numbered), numbered);
});
