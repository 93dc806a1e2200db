// What becomes of packets from inside when their stream is lost behind the write (B7): what people said is said once more,
// marked; state of the moment is not, since a newer one may be on its way.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Audit } from '@sallyport/shared/audit.ts';
import type { Settlement } from '@sallyport/shared/link/frame.ts';
import type { Content } from '@sallyport/shared/packet.ts';
import { packet, policy, situation } from './situation.fixtures.ts';
import type { Shipment } from './stream/shipment.ts';
import { createToPartner } from './to-partner.ts';

const audit: Audit = {
  record: () => {},
  recordDurably: async () => {},
  works: () => true,
  head: () => ({ file: '', sequence: 0, hash: '' }),
  witness: async () => {},
  close: async () => {},
};

/** Ships it to a stream that is lost behind each write; returns what was written, and the end. */
async function lost(content: Content): Promise<{ written: string[]; end: Settlement | undefined }> {
  const { now, limits, domains } = situation();
  const written: string[] = [];
  let end: Settlement | undefined;
  const receive = createToPartner({
    ...{ policy: () => policy, domains, bodyCharacters: limits.bodyCharacters, audit, clock: { now: () => now } },
    ship(shipment: Shipment) {
      written.push(shipment.xml);
      shipment.written();
      shipment.settled({ code: 'partner-unreachable', note: 'lost-after-write' });
    },
    onReleased: () => {},
    onRefused: () => {},
  });
  receive(packet({ content }), false, {
    taken: () => {},
    settled(settlement) {
      end = settlement;
    },
  });
  await new Promise((resolve) => setImmediate(resolve));
  return { written, end };
}

test('a message is written once more, marked as late, and then refused', async () => {
  const { written, end } = await lost({ kind: 'message', type: 'chat', body: 'hello' });
  assert.equal(written.length, 2);
  assert.doesNotMatch(written[0] ?? '', /urn:xmpp:delay/);
  assert.match(written[1] ?? '', /urn:xmpp:delay/);
  assert.equal(end?.state, 'refused');
});

test('a step of a subscription is written once more', async () => {
  const { written } = await lost({ kind: 'subscription', step: 'unsubscribed' });
  assert.equal(written.length, 2);
});

test('presence and typing are not', async () => {
  for (const content of [
    { kind: 'presence', availability: 'away', statuses: [], priority: 0 },
    { kind: 'chat-state', state: 'composing' },
    { kind: 'receipt', what: 'received', ofId: 'm1' },
  ] as const) {
    const { written, end } = await lost(content);
    assert.deepEqual([written.length, end?.state], [1, 'refused'], content.kind);
  }
});
