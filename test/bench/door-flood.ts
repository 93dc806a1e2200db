// One partner floods while nineteen chat: what the nineteen feel, against the same nineteen alone.
import { setTimeout as wait } from 'node:timers/promises';
import { startXmppPartner } from '../fakes/xmpp-partner/xmpp-partner.ts';
import type { Neighbours } from '../lab/neighbours.ts';
import type { Pair } from '../lab/pair.ts';
import type { Peer } from '../streams/scripted-peer.ts';
import type { BenchPartner, CrowdedSite } from './crowded-site.ts';
import { median, table } from './figures.ts';
import { openStream } from './partner-stream.ts';
import { cpuMicros } from './peers/cpu-time.ts';

const chatting = 19;
/** Each of them writes so often; the usual rate of a person is two a second. */
const everyMs = 600;
const floodStreams = 4;

type Figure = { readonly p50: number; readonly p99: number; readonly cpu: number; readonly flooded: number };

/** Prints p50 and p99 of the nineteen, alone and beside the flood, in rounds that alternate. */
export async function measureFlood(
  site: CrowdedSite,
  neighbours: Neighbours,
  pair: Pair,
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number },
  say: (line: string) => void,
): Promise<void> {
  const [flooder, ...others] = site.partners;
  if (flooder === undefined) return;
  const chats = await Promise.all(others.slice(0, chatting).map((partner) => openChat(site, neighbours, partner)));
  // Somebody takes the refusals of the flood.
  const server = await startXmppPartner({
    ...{ domain: flooder.domain, users: [flooder.outside], port: flooder.port },
    ...{ cert: flooder.certPem, key: flooder.keyPem, ca: site.caPem },
    proxy: { host: site.lab.proxy.host, port: site.lab.proxy.s2s },
  });
  const streams: Peer[] = [];
  for (let i = 0; i < floodStreams; i++) streams.push(await openStream(site, flooder));
  const alone: Figure[] = [];
  const beside: Figure[] = [];
  await chatFor(chats, 2, pair);
  for (let round = 0; round < rounds; round++) {
    alone.push(await chatFor(chats, seconds, pair));
    const flood = startFlood(streams, flooder);
    beside.push({ ...(await chatFor(chats, seconds, pair)), flooded: flood.stop() / seconds });
    await wait(2_000);
  }
  const row = (name: string, figures: readonly Figure[]) => {
    const middle = (of: (figure: Figure) => number, digits = 0) => median(figures.map(of)).toFixed(digits);
    return [name, middle((f) => f.p50, 1), middle((f) => f.p99, 1), middle((f) => f.cpu), middle((f) => f.flooded)];
  };
  say(`\n${chatting} partners chat, one message each ${everyMs} ms; ${rounds} rounds of ${seconds} s, medians`);
  say(
    table([
      ['', 'p50 ms', 'p99 ms', 'CPU of the proxy, %', 'messages/s written by the flood'],
      row('alone', alone),
      row('one floods', beside),
    ]),
  );
  for (const each of [...streams, ...chats.map(({ peer }) => peer)]) each.socket.destroy();
  await server.stop();
}

type Chat = { readonly peer: Peer; readonly partner: BenchPartner; readonly sent: Map<string, number>; took: number[] };

async function openChat(site: CrowdedSite, neighbours: Neighbours, partner: BenchPartner): Promise<Chat> {
  const chat: Chat = { peer: await openStream(site, partner), partner, sent: new Map(), took: [] };
  neighbours
    .frontEnd()
    .user(partner.inside)
    .listen((item) => {
      if (item.kind !== 'message') return;
      const at = chat.sent.get(item.text);
      if (at !== undefined) chat.took.push(performance.now() - at);
      chat.sent.delete(item.text);
    });
  return chat;
}

let said = 0;

async function chatFor(chats: readonly Chat[], seconds: number, pair: Pair): Promise<Figure> {
  for (const chat of chats) chat.took = [];
  const cpu = cpuMicros(pair.pid('proxy'));
  const since = performance.now();
  const talk = async (chat: Chat, offset: number): Promise<void> => {
    await wait(offset);
    while (performance.now() - since < seconds * 1000) {
      const text = `message ${++said}`;
      chat.sent.set(text, performance.now());
      chat.peer.say(message(chat.partner.outside, chat.partner.inside, text));
      await wait(everyMs);
    }
  };
  await Promise.all(chats.map((chat, i) => talk(chat, (i * everyMs) / chats.length)));
  const used = (cpuMicros(pair.pid('proxy')) - cpu) / (performance.now() - since) / 10;
  const end = Date.now() + 10_000;
  while (chats.some(({ sent }) => sent.size > 0) && Date.now() < end) await wait(20);
  const lost = chats.reduce((sum, { sent }) => sum + sent.size, 0);
  if (lost > 0) throw new Error(`${lost} messages did not arrive within 10 s`);
  const took = chats.flatMap((chat) => chat.took).toSorted((a, b) => a - b);
  const at = (share: number) => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), cpu: used, flooded: 0 };
}

/** As fast as the system takes it, under as many names as messages. */
function startFlood(streams: readonly Peer[], { domain, inside }: BenchPartner) {
  let count = 0;
  let over = false;
  for (const { socket } of streams) {
    const pour = (): void => {
      while (!over && !socket.writableNeedDrain && !socket.destroyed) {
        const many = Array.from({ length: 20 }, () => message(`bot${++count}@${domain}`, inside, `flood ${count}`));
        socket.write(many.join(''));
      }
      if (!over) socket.once('drain', pour);
    };
    pour();
  }
  return {
    stop() {
      over = true;
      return count;
    },
  };
}

function message(from: string, to: string, text: string): string {
  return `<message from="${from}/x" to="${to}" type="chat" id="m"><body>${text}</body></message>`;
}
