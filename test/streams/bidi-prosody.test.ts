// One stream for both directions with a real Prosody, whoever dials, with stream management and without (XEP-0288; B1, B3).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePort } from '../daemon.ts';
import { startProsody } from '../interop/prosody.ts';
import { startXmppClient } from '../interop/xmpp-client.ts';
import { firstMissing } from '../peers/peers.ts';
import { both, whole } from './bidi-ends.ts';
import { authority, policyOf, shipment, theirs, until } from './setting.ts';

const missing = firstMissing(['prosody']);
const skip = missing !== undefined && process.env.REQUIRE_PEERS !== '1' && `${missing} is not installed`;
const password = 'secret';
const numbers = Array.from({ length: 20 }, (_, i) => i);

for (const dials of ['we', 'Prosody'] as const) {
  for (const streamManagement of [true, false]) {
    const name = `${dials} dial${dials === 'we' ? '' : 's'}, ${streamManagement ? 'with' : 'without'} stream management`;
    test(`with Prosody one connection carries both directions: ${name}`, { skip, timeout: 60_000 }, async (t) => {
      const s2sPort = await freePort();
      const { listener, streams, received } = await whole(t, {
        policy: () => policyOf(both(s2sPort)),
        times: { lived: 60_000 },
      });
      const prosody = await startProsody({
        domain: 'out.example',
        users: [{ name: 'ann', password }],
        certs: { cert: theirs.certPem, key: theirs.keyPem, ca: authority.certPem },
        hosts: new Map([['in.example', { host: '127.0.0.1', port: listener.port }]]),
        s2sPort,
        streamManagement,
        bidi: true,
      });
      t.after(() => prosody.stop());
      const ca = authority.certPem;
      const ann = await startXmppClient({ domain: 'out.example', name: 'ann', password, port: prosody.c2sPort, ca });
      t.after(() => ann.stop());

      async function outwards(): Promise<void> {
        const all = numbers.map((i) => shipment(`out ${i}`));
        for (const each of all) streams.ship(each.shipment);
        for (const i of numbers) assert.equal((await ann.nextMessage({ within: 10_000 })).body, `out ${i}`);
        if (!streamManagement) return;
        for (const each of all) assert.equal(await each.settled, undefined);
      }
      async function inwards(): Promise<void> {
        for (const i of numbers) await ann.send('bob@in.example', `in ${i}`);
        const bodies = () =>
          received.flatMap(({ element }) => element.children.flatMap((c) => (c.name === 'body' ? [c.text] : [])));
        await until(() => bodies().length === numbers.length, 'all have come');
        assert.deepEqual(
          bodies(),
          numbers.map((i) => `in ${i}`),
        );
      }
      if (dials === 'we') {
        await outwards();
        await inwards();
      } else {
        await inwards();
        await outwards();
      }
      const [stream, ...others] = [...listener.streams(), ...streams.streams()];
      assert.equal(others.length, 0, 'one stream');
      assert.equal(stream?.direction, dials === 'we' ? 'outbound' : 'inbound');
      assert.deepEqual([stream?.bidi, stream?.managed], [true, streamManagement]);
    });
  }
}
