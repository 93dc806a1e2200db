// The keys of dialback against the published answers, and against what is near them (XEP-0185).
import assert from 'node:assert/strict';
import test from 'node:test';
import { createDialbackKeys } from './keys.ts';

test('keys are those of XEP-0185 and XEP-0220 (D2)', () => {
  for (const [secret, receiving, originating, id, key] of [
    [
      's3cr3tf0rd14lb4ck',
      'xmpp.example.com',
      'example.org',
      'D60000229F',
      '37c69b1cf07a3f67c04a5ef5902fa5114f2c76fe4a2686482ba5b89323075643',
    ],
    [
      'd14lb4ck43v3r',
      'capulet.example',
      'montague.example',
      '417GAF25',
      '225cc5aa6a071133249d25fef42ae516fc7a86c523aa1c6980a7f73e784c972d',
    ],
    [
      's3cr3tf0rd14lb4ck',
      'montague.example',
      'capulet.example',
      'D60000229F',
      'b4835385f37fe2895af6c196b59097b16862406db80559900d96bf6fa7d23df3',
    ],
  ] as const) {
    const keys = createDialbackKeys(secret);
    assert.equal(keys.keyFor(receiving, originating, id), key);
    assert.ok(keys.matches(key, receiving, originating, id));
  }
});

test('a key is for one pair, one stream and one secret, and for nothing near it (D3)', () => {
  const keys = createDialbackKeys('ours');
  const key = keys.keyFor('out.example', 'in.example', 's1');
  assert.ok(keys.matches(key, 'out.example', 'in.example', 's1'));
  assert.ok(
    createDialbackKeys('ours').matches(key, 'out.example', 'in.example', 's1'),
    'another node, the same secret',
  );
  assert.ok(!createDialbackKeys('theirs').matches(key, 'out.example', 'in.example', 's1'));
  assert.ok(!keys.matches(key, 'in.example', 'out.example', 's1'));
  assert.ok(!keys.matches(key, 'out.example', 'in.example', 's2'));
  assert.ok(!keys.matches(key, 'far.example', 'in.example', 's1'));
  for (const wrong of ['', key.slice(1), `${key}0`, key.toUpperCase(), 'é'.repeat(32), `${key.slice(0, 63)}g`]) {
    assert.ok(!keys.matches(wrong, 'out.example', 'in.example', 's1'), wrong);
  }
});
