// How the end of a packet goes over the wall: what its sender may read, in which language, and nothing else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Settled__Output } from '@sallyport/proto/generated/sallyport/boundary/v1/Settled.ts';
import { settlementFromWire, settlementToWire } from './frame.ts';

const refusal = { code: 'content-refused', rule: 'RULE', note: 'NOTE', publicText: 'nein', incident: '12ab' } as const;
const read = (changed: Partial<Settled__Output>): Settled__Output => ({
  ...{ seq: 1, state: 'REFUSED', code: 'content-refused', publicText: '', incident: '', lang: '' },
  ...changed,
});

test('a refusal says what its sender may read and in which language, never the rule', () => {
  const wire = settlementToWire(1, { state: 'refused', refusal: { ...refusal, lang: 'de' } });
  assert.deepEqual(wire, {
    ...{ seq: 1, state: 'REFUSED', code: 'content-refused' },
    publicText: 'nein',
    incident: '12ab',
    lang: 'de',
  });
});

test('a text without a language, or with one that is none, is in that of all others, never in that of who reads it', () => {
  for (const lang of ['', '"><x/>', 'x'.repeat(36)]) {
    const settlement = settlementFromWire(read({ publicText: 'nein', lang }));
    assert.ok(settlement?.state === 'refused' && settlement.refusal.lang === '');
  }
  const bare = settlementFromWire(read({ lang: 'de' }));
  assert.ok(bare?.state === 'refused' && bare.refusal.lang === undefined);
  const known = settlementFromWire(read({ publicText: 'nein', lang: 'de' }));
  assert.ok(known?.state === 'refused' && known.refusal.lang === 'de');
});
