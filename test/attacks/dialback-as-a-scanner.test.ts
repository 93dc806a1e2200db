// Somebody without any certificate has us dial: as a port scanner, as a reflector, or until two servers dial each other for
// ever (xmpp-boundary D4, D13, N8, N9, L7).
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { forged, result, startWeakSite, verify } from './weak-partner.ts';

const site = await startWeakSite({ delayMs: 100 });

test('no name makes us dial or ask DNS: not a stranger, not an address, not one of our own', async (t) => {
  let touched = 0;
  const canary = createServer(() => {
    touched += 1;
  });
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
  t.after(() => canary.close());
  const address = canary.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const names = [
    ...['localhost', '127.0.0.1', '[::1]', '169.254.169.254', 'stranger.example', 'sub.weak.example', 'example'],
    ...['in.example', 'hq.example', 'out.example', 'far.example'],
  ];
  for (const name of [...names, `127.0.0.1:${port}`, `localhost:${port}`]) {
    const eve = await site.knock();
    eve.say(result('k', name));
    assert.match(await eve.hear('>'), /type="error"|stream:error/, name);
    eve.socket.destroy();
  }
  assert.deepEqual([touched, site.dialled().times], [0, 0]);
});

test('two hundred false keys: their server is dialled one at a time, and no more than there were keys', async () => {
  const before = site.dialled().times;
  const said = { invalid: 0, constrained: 0 };
  await site.staysFlat(() =>
    site.keepsAnswering(async () => {
      for (let round = 0; round < 10; round++) {
        const eves = await Promise.all(Array.from({ length: 20 }, () => site.knock()));
        await Promise.all(
          eves.map(async (eve) => {
            eve.say(result('false') + forged);
            const words = await eve.hear('</stream:stream>');
            eve.socket.destroy();
            if (words.includes('type="invalid"')) said.invalid += 1;
            if (words.includes('resource-constraint')) said.constrained += 1;
          }),
        );
      }
    }),
  );
  const { times, atOnce } = site.dialled();
  assert.equal(said.invalid + said.constrained, 200);
  assert.equal(times - before, said.invalid, 'one connection for each key that was asked about');
  assert.ok(said.invalid <= 40 && said.invalid >= 10, `of one address four wait at most: ${said.invalid}`);
  assert.equal(atOnce, 1);
  await site.onlyDelivered();
});

test('a question about a key never makes us ask back', async () => {
  const before = site.dialled().times;
  const eve = await site.knock();
  eve.say(verify('k', eve.id) + verify('k', 'y') + verify('k', 'z', 'out.example'));
  await eve.hear('id="z"');
  eve.socket.destroy();
  assert.equal(site.dialled().times, before);
});
