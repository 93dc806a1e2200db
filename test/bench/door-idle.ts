// What a stream costs that is open and says nothing: memory of the proxy, and its CPU time while nothing happens.
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { Pair } from '../lab/pair.ts';
import type { Peer } from '../streams/scripted-peer.ts';
import type { CrowdedSite } from './crowded-site.ts';
import { table } from './figures.ts';
import { openStream } from './partner-stream.ts';
import { cpuMicros } from './peers/cpu-time.ts';

const settleMs = 4_000;
const watchMs = 10_000;
// Four streams of each partner are what the proxy takes.
const streamsOfPartner = 4;
const perSecond = 80;

/** Prints the memory with one stream of each partner and with four. */
export async function measureIdleStreams(site: CrowdedSite, pair: Pair, say: (line: string) => void): Promise<void> {
  const peers: Peer[] = [];
  const openAll = async (partners = site.partners) => {
    const since = performance.now();
    for (const [i, partner] of partners.entries()) {
      peers.push(await openStream(site, partner));
      await wait(Math.max(0, since + (i * 1000) / perSecond - performance.now()));
    }
    await wait(settleMs);
  };
  // A few are opened and closed again first: what the proxy needs once is not a stream's.
  await openAll(site.partners.slice(0, 20));
  for (const peer of peers.splice(0)) peer.socket.destroy();
  await wait(settleMs);

  const empty = residentKb(pair.pid('proxy'));
  const rows = [['streams', 'memory MB', 'KB a stream', 'CPU ms in a second']];
  rows.push(['0', (empty / 1024).toFixed(0), '', (await idleCpu(pair)).toFixed(1)]);
  for (let i = 1; i <= streamsOfPartner; i++) {
    await openAll();
    if (i > 1 && i < streamsOfPartner) continue;
    const kb = residentKb(pair.pid('proxy'));
    const each = ((kb - empty) / peers.length).toFixed(0);
    rows.push([`${peers.length}`, (kb / 1024).toFixed(0), each, (await idleCpu(pair)).toFixed(1)]);
  }
  const alive = peers.filter((peer) => !peer.isClosed()).length;
  say(`\nidle streams of ${site.partners.length} partners; ${alive} of ${peers.length} are still open at the end`);
  say(table(rows));
  for (const peer of peers) peer.socket.destroy();
  await wait(settleMs);
}

async function idleCpu(pair: Pair): Promise<number> {
  const before = cpuMicros(pair.pid('proxy'));
  await wait(watchMs);
  return (cpuMicros(pair.pid('proxy')) - before) / watchMs;
}

function residentKb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
}
