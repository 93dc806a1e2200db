// The door's bench measures what it says: every stream of it is a whole one, and the flood is within the rates of operation.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startNeighbours } from '../lab/neighbours.ts';
import { startPair } from '../lab/pair.ts';
import { until } from '../pair/whole-site.ts';
import { writeCrowdedSite } from './crowded-site.ts';
import { openStream } from './partner-stream.ts';

test('each partner of the crowded site gets in by both ways and reaches its own user inside', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'door-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const site = await writeCrowdedSite(folder, 3);
  const neighbours = await startNeighbours(site.lab);
  t.after(() => neighbours.stop());
  const pair = await startPair(site.lab);
  t.after(() => pair.stop());
  await pair.ready();
  for (const partner of site.partners) {
    for (const transport of ['starttls', 'direct'] as const) {
      const peer = await openStream(site, partner, transport);
      peer.say(`<message from="${partner.outside}/x" to="${partner.inside}"><body>${transport}</body></message>`);
      const { text } = await neighbours.frontEnd().user(partner.inside).nextMessage({ within: 10_000 });
      assert.equal(text, transport);
      peer.socket.destroy();
    }
  }
  const peer = await openStream(site, site.partners[0]!);
  for (let i = 0; i < 100; i++) {
    peer.say(`<message from="bot@p0.example/x" to="${site.partners[0]!.inside}" id="m"><body>${i}</body></message>`);
  }
  await until('the limit of a person is met', async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${site.lab.proxy.metrics}/metrics`)).text();
    return Number(/^sallyport_rate_exceeded\{limit="sender"\} (\d+)/m.exec(metrics)?.[1] ?? 0) >= 39;
  });
  peer.socket.destroy();
});
