// How many streams can be opened in a second, and what each costs: mutual TLS 1.3, the path of the certificate, EXTERNAL.
import { setTimeout as wait } from 'node:timers/promises';
import type { Pair } from '../lab/pair.ts';
import type { CrowdedSite } from './crowded-site.ts';
import { median, table } from './figures.ts';
import { openStream, type Transport } from './partner-stream.ts';
import { cpuMicros } from './peers/cpu-time.ts';

// Below the proxy's own budget of 200 at once and 100 a second, which would be measured otherwise.
const streamsInRound = 180;
const atOnce = 8;
const refillMs = 2_500;

/** Prints one line for each transport. */
export async function measureHandshakes(
  site: CrowdedSite,
  pair: Pair,
  rounds: number,
  say: (line: string) => void,
): Promise<void> {
  const rows = [['', 'streams/s', 'CPU ms of the proxy, each']];
  for (const transport of ['starttls', 'direct'] as const) {
    const figures: { readonly perSecond: number; readonly cpuMs: number }[] = [];
    // The first round warms up.
    for (let round = 0; round <= rounds; round++) {
      await wait(refillMs);
      const figure = await oneRound(site, pair, transport);
      if (round > 0) figures.push(figure);
    }
    const middle = (of: (figure: (typeof figures)[number]) => number) => median(figures.map(of));
    const name = transport === 'starttls' ? 'STARTTLS' : 'direct TLS';
    rows.push([name, middle((f) => f.perSecond).toFixed(0), middle((f) => f.cpuMs).toFixed(2)]);
  }
  say(`\nhandshakes: ${streamsInRound} streams in a round, ${atOnce} at once, ${rounds} rounds, medians`);
  say(table(rows));
}

async function oneRound(site: CrowdedSite, pair: Pair, transport: Transport) {
  const before = cpuMicros(pair.pid('proxy'));
  const since = performance.now();
  let next = 0;
  const client = async (): Promise<void> => {
    while (next < streamsInRound) {
      const partner = site.partners[next++ % site.partners.length];
      if (partner === undefined) return;
      const peer = await openStream(site, partner, transport);
      peer.socket.destroy();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, client));
  const seconds = (performance.now() - since) / 1000;
  const cpuMs = (cpuMicros(pair.pid('proxy')) - before) / 1000 / streamsInRound;
  return { perSecond: streamsInRound / seconds, cpuMs };
}
