// `npm run bench`: what a message costs in each half of the pair, and beside it what Prosody and ejabberd take to forward one.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startNeighbours } from '../lab/neighbours.ts';
import { type Pair, startPair } from '../lab/pair.ts';
import { firstMissing } from '../peers/peers.ts';
import { writeBusySite } from './busy-site.ts';
import { median, table } from './figures.ts';
import { type Direction, type Load, prepareLoad } from './load.ts';
import { cpuMicros } from './peers/cpu-time.ts';
import { type Forwarder, type Forwarding, startForwarding } from './peers/forwarding.ts';

const help = `npm run bench -- [options]   CPU time, rate and latency of one message through both halves

  --rounds N         rounds that count (5)
  --messages M       messages a round and direction (10000)
  --conversations C  each has one message under way (500, at most 800)
  --quick            2 rounds of 3000 messages
  --alone            without Prosody and ejabberd
  --profile DIR      writes a V8 CPU profile of each half to DIR; the figures are then too high
  --help             this text
`;

// The engine goes on to optimise through the first 50,000 messages or so.
const warmUpRounds = 3;
const loadCore = 0;
const testedCore = 1;

type Round = {
  readonly proxy: number;
  readonly gateway: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
};
type Hop = { readonly a: number; readonly b: number; readonly p50: number; readonly p99: number };
type Figures = { readonly inward: Round; readonly outward: Round; readonly hops: ReadonlyMap<Forwarder, Hop> };

const programs: Readonly<Record<Forwarder, string>> = { Prosody: 'prosody', ejabberd: 'ejabberdctl' };
/** Both halves of the pair, by one such server, at most. */
const targets: Readonly<Record<Forwarder, number>> = { Prosody: 1.25, ejabberd: 3 };

const say = (line: string) => process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  const options = readArguments();
  if (options === undefined) {
    say(help);
    return;
  }
  const { rounds, messages, conversations, profile } = options;
  const canPin = firstMissing(['taskset']) === undefined && cpus().length > 1;
  if (!canPin) say('There is no taskset, or only one core: nothing is bound to a core, and the ratios are rough.');
  // What this process starts without a core of its own stays with it: the load must not take the time of what is measured.
  if (canPin) execFileSync('taskset', ['-a', '-c', '-p', `${loadCore}`, `${process.pid}`]);
  const beside = options.alone ? [] : (['Prosody', 'ejabberd'] as const).filter(isThere);

  await using stack = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const site = await writeBusySite(folder, conversations);
  const neighbours = await startNeighbours(site.lab);
  stack.defer(neighbours.stop);
  const pair = await startPair(site.lab, [
    ...(canPin ? ['taskset', '-c', `${testedCore}`] : []),
    ...(profile === undefined ? [] : profiling(profile)),
  ]);
  stack.defer(pair.stop);
  const forwardings = new Map<Forwarder, Forwarding>();
  for (const forwarder of beside) {
    const started = await startForwarding(forwarder, {
      window: conversations,
      ...(canPin ? { core: testedCore } : {}),
    });
    stack.defer(started.stop);
    forwardings.set(forwarder, started);
  }
  await pair.ready();
  const load = prepareLoad(neighbours, site.conversations);

  say(`${conversations} conversations, ${messages} messages a round and direction, ${rounds} rounds after the warm-up`);
  for (let round = 0; round < warmUpRounds; round++) {
    await load.send('inward', messages);
    await load.send('outward', messages);
    for (const forwarding of forwardings.values()) await forwarding.round(messages);
  }
  const figures: Figures[] = [];
  for (let round = 1; round <= rounds; round++) {
    const each = {
      inward: await measure(pair, load, 'inward', messages),
      outward: await measure(pair, load, 'outward', messages),
      hops: await measureHops(forwardings, messages),
    };
    figures.push(each);
    say(lineOf(round, each));
  }
  report(figures);
}

async function measure(pair: Pair, load: Load, direction: Direction, messages: number): Promise<Round> {
  const spent = () => [cpuMicros(pair.pid('proxy')), cpuMicros(pair.pid('gateway'))] as const;
  const before = spent();
  const { seconds, p50, p99 } = await load.send(direction, messages);
  const after = spent();
  return {
    proxy: (after[0] - before[0]) / messages,
    gateway: (after[1] - before[1]) / messages,
    perSecond: messages / seconds,
    p50,
    p99,
  };
}

async function measureHops(
  forwardings: ReadonlyMap<Forwarder, Forwarding>,
  messages: number,
): Promise<ReadonlyMap<Forwarder, Hop>> {
  const hops = new Map<Forwarder, Hop>();
  for (const [forwarder, forwarding] of forwardings) {
    const { cpuMicrosA: a, cpuMicrosB: b, p50, p99 } = await forwarding.round(messages);
    hops.set(forwarder, { a, b, p50, p99 });
  }
  return hops;
}

function isThere(forwarder: Forwarder): boolean {
  const there = firstMissing([programs[forwarder]]) === undefined;
  if (!there) say(`${forwarder} is not installed: it is left out.`);
  return there;
}

const both = ({ proxy, gateway }: Round) => proxy + gateway;
const bothWays = ({ inward, outward }: Figures) => (both(inward) + both(outward)) / 2;
const oneHop = ({ a, b }: Hop) => (a + b) / 2;

function lineOf(round: number, each: Figures): string {
  const pair = ({ proxy, gateway }: Round) => `${proxy.toFixed(0)} + ${gateway.toFixed(0)}`;
  const { inward, outward, hops } = each;
  const beside = [...hops].map(
    ([forwarder, hop]) =>
      `, ${forwarder} ${hop.a.toFixed(0)} and ${hop.b.toFixed(0)}, ratio ${(bothWays(each) / oneHop(hop)).toFixed(2)}`,
  );
  return `round ${round}: inward ${pair(inward)} µs, outward ${pair(outward)} µs${beside.join('')}`;
}

function report(figures: readonly Figures[]): void {
  const middle = (of: (each: Figures) => number, digits = 0) => median(figures.map(of)).toFixed(digits);
  const row = (name: string, of: (each: Figures) => Round) => [
    name,
    middle((each) => of(each).proxy),
    middle((each) => of(each).gateway),
    middle((each) => both(of(each))),
    middle((each) => of(each).perSecond),
    middle((each) => of(each).p50),
    middle((each) => of(each).p99),
  ];
  say('');
  say('CPU time per message, microseconds (medians of the rounds):');
  const head = ['', 'proxy', 'gateway', 'both', 'messages/s', 'p50 ms', 'p99 ms'];
  say(table([head, row('XMPP to SIP', (each) => each.inward), row('SIP to XMPP', (each) => each.outward)]));
  say('The rate is that of the closed loop, load included; the latency is what the window makes of it.');
  for (const forwarder of figures[0]?.hops.keys() ?? []) reportHop(forwarder, figures);
}

function reportHop(forwarder: Forwarder, figures: readonly Figures[]): void {
  const compared = figures.flatMap((each) => {
    const hop = each.hops.get(forwarder);
    return hop === undefined ? [] : [{ each, hop }];
  });
  const beside = (of: (hop: Hop) => number) => median(compared.map(({ hop }) => of(hop)));
  const ratio = (of: (each: Figures) => number) => median(compared.map(({ each, hop }) => of(each) / oneHop(hop)));
  say('');
  say(`${forwarder} forwards the same message, component to A to TLS to B to component:`);
  say(
    table([
      ['', 'A', 'B', 'mean of A and B', 'p50 ms', 'p99 ms'],
      [
        'one hop',
        ...[({ a }: Hop) => a, ({ b }: Hop) => b, oneHop].map((of) => beside(of).toFixed(0)),
        beside(({ p50 }) => p50).toFixed(0),
        beside(({ p99 }) => p99).toFixed(0),
      ],
    ]),
  );
  const mean = ratio(bothWays);
  say(
    `Both halves of the pair, by one ${forwarder} (the mean of A and B): inward ${ratio(({ inward }) => both(inward)).toFixed(2)}, outward ${ratio(({ outward }) => both(outward)).toFixed(2)}, mean of both ways ${mean.toFixed(2)}.`,
  );
  const target = targets[forwarder];
  say(`The target is at most ${target}: ${mean <= target ? 'met' : 'not met'}.`);
}

function profiling(folder: string): string[] {
  const into = resolve(folder);
  mkdirSync(into, { recursive: true });
  return ['env', `NODE_OPTIONS=--cpu-prof --cpu-prof-dir=${into}`];
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string' },
      messages: { type: 'string' },
      conversations: { type: 'string' },
      quick: { type: 'boolean', default: false },
      alone: { type: 'boolean', default: false },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  return {
    rounds: count('rounds', values.rounds, values.quick ? 2 : 5),
    messages: count('messages', values.messages, values.quick ? 3_000 : 10_000),
    // Of each of the two partners 1,000 packets may be without an end; those that have arrived still are for a moment.
    conversations: count('conversations', values.conversations, 500, 800),
    alone: values.alone,
    profile: values.profile,
  };
}

function count(name: string, written: string | undefined, otherwise: number, most = 1_000_000): number {
  const number = written === undefined ? otherwise : Number(written);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  throw new Error(`--${name} ${written}: write a number from 1 to ${most}`);
}

try {
  await main();
  process.exit(0);
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(2);
}
