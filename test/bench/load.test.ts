// The load is what it says: every message goes through both halves and arrives, each way.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { startNeighbours } from '../lab/neighbours.ts';
import { startPair } from '../lab/pair.ts';
import { writeBusySite } from './busy-site.ts';
import { prepareLoad } from './load.ts';

test('every message of a round is accepted once and arrives, in as many conversations as were asked for', async () => {
  await using stack = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-load-'));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const site = await writeBusySite(folder, 8);
  const neighbours = await startNeighbours(site.lab);
  stack.defer(neighbours.stop);
  const pair = await startPair(site.lab);
  stack.defer(pair.stop);
  await pair.ready();
  const load = prepareLoad(neighbours, site.conversations);
  const inward = await load.send('inward', 120);
  const outward = await load.send('outward', 120);
  for (const { seconds, p50, p99 } of [inward, outward]) {
    assert.ok(seconds > 0 && p50 > 0 && p50 <= p99 && p99 <= seconds * 1000, `${seconds} s, ${p50} ms, ${p99} ms`);
  }
  await pair.stop();
  const accepted = readFileSync(site.lab.audit.gateway, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"event":"accepted"'));
  assert.equal(accepted.length, 240);
  assert.equal(new Set(accepted.map((line) => /"from":"([^"]+)"/.exec(line)?.[1])).size, 16);
  assert.deepEqual(neighbours.frontEnd().violations(), []);
});
