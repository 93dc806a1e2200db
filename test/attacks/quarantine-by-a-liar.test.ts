// The DMZ is taken over, and lies about what is held: it holds what it likes, floods, and claims releases (I4).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Offered } from '../../proto/generated/sallyport/boundary/v1/Offered.ts';
import { askControl } from '../../shared/control-socket.ts';
import { addHoldingRules, heldInside } from '../lab/holding-rules.ts';
import { annAndBob, startWholeSite, until } from '../pair/whole-site.ts';
import { startHostileProxy } from './hostile-proxy.ts';

const bounds = { atMostItems: 40, atMostPerSender: 5 };
const site = await startWholeSite({ quarantine: bounds }, addHoldingRules);
after(() => site.stop());
const hostile = await startHostileProxy(site);
const { ann, bob } = annAndBob(site);

type HeldLine = { readonly id: string; readonly from: string; readonly direction: string; readonly rule: string };
async function held(): Promise<readonly HeldLine[]> {
  const answer = await askControl(join(site.folder, 'gateway.sock'), { ask: 'quarantine', do: 'list' });
  assert.ok(typeof answer === 'object' && answer !== null && 'held' in answer && Array.isArray(answer.held));
  return answer.held;
}

let sent = 0;
function offered(more: Partial<Offered>, from = ann.address, to = bob.address, body = 'harmless'): Offered {
  sent += 1;
  const packet = { from, to, atMs: Date.now(), stanzaId: `s${sent}`, message: { body, type: 'CHAT' } } as const;
  return { seq: 0, id: `liar-${sent}`, packet, ...more };
}
const mark = { held: { rule: 'made-up', incident: 'made-up' } };

/** Offers all of it on a link of its own, and waits until the gateway has answered to each. */
async function offer(...all: readonly Offered[]) {
  const link = await hostile.liveLink();
  const answers = () => {
    const settled = link.frames.flatMap((frame) => frame.settled);
    const numbers = [...settled, ...link.frames.flatMap((frame) => frame.taken)].map(({ seq }) => seq);
    return { settled, count: new Set(numbers).size };
  };
  for (let i = 0; i < all.length; i += 500) {
    link.call.write({ offered: all.slice(i, i + 500).map((each, at) => ({ ...each, seq: i + at + 1 })) });
    await until('they are answered', () => answers().count >= Math.min(all.length, i + 500), 20_000);
  }
  return answers().settled;
}

test('what it marks is held, and nobody is told; whom it may not speak for is refused as ever', async () => {
  await offer(
    offered(mark),
    offered(mark, 'carol@in.example'),
    offered(mark, ann.address, 'nobody@in.example'),
    offered(mark, 'eve@stranger.example'),
  );
  assert.deepEqual(
    (await held()).map(({ from, rule }) => [from, rule]),
    [[ann.address, 'made-up']],
  );
  await assert.rejects(bob.nextMessage({ within: 200 }));
});

test('a release that it claims is disbelieved: what a rule inside holds is neither delivered nor taken', async () => {
  const before = (await held()).length;
  const [first] = await held();
  const claims: readonly Offered[] = [
    offered({ released: first?.id ?? '' }, ann.address, bob.address, `a ${heldInside}`),
    offered({ released: 'x', ...mark }, ann.address, bob.address, `a ${heldInside}`),
    offered({ released: '\u001b[31m' }),
  ];
  const settled = await offer(...claims);
  assert.deepEqual(
    settled.map(({ code }) => code),
    ['origin-disbelieved', 'origin-disbelieved', 'origin-disbelieved'],
  );
  assert.equal((await held()).length, before);
  await assert.rejects(bob.nextMessage({ within: 200 }));
  assert.match(readFileSync(site.lab.audit.gateway, 'utf8'), /"note":"the field released is not one that this end may/);
});

test('a mark that is none is disbelieved, and steers no terminal', async () => {
  const settled = await offer(
    offered({ held: { rule: '\u001b[31mred', incident: 'x' } }),
    offered({ held: { rule: 'x'.repeat(10_000), incident: 'x' } }),
    offered({ held: { rule: '', incident: '' } }),
  );
  assert.deepEqual(new Set(settled.map(({ code }) => code)), new Set(['origin-disbelieved']));
});

test('a flood of them fills its own half and no more: what leaves is held as ever, and the gateway serves', async () => {
  const flood = Array.from({ length: 4_000 }, (_, i) =>
    offered(mark, `u${i}@${i % 2 === 0 ? 'out' : 'far'}.example`, bob.address),
  );
  const settled = await offer(...flood);
  assert.ok(settled.some(({ code }) => code === 'content-held'));
  const inward = (await held()).filter(({ direction }) => direction === 'inward').length;
  assert.equal(inward, bounds.atMostItems / 2);
  assert.equal((await bob.say(ann.address, `a ${heldInside}`)).status, 200);
  assert.equal((await held()).filter(({ direction }) => direction === 'outward').length, 1);
  const answer = await fetch(`http://127.0.0.1:${site.lab.gateway.metrics}/livez`);
  assert.ok(answer.ok);
  await assert.rejects(bob.nextMessage({ within: 200 }));
});
