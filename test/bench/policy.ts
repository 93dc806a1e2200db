// `npm run bench:policy`: what the content rules of the shipped policy add to a message, beside no rules at all.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startNeighbours } from '../lab/neighbours.ts';
import { startPair } from '../lab/pair.ts';
import { firstMissing } from '../peers/peers.ts';
import { type ContentOfPolicy, writeBusySite } from './busy-site.ts';
import { median, table } from './figures.ts';
import { prepareLoad } from './load.ts';
import { cpuMicros } from './peers/cpu-time.ts';

const help = `npm run bench:policy -- [options]   CPU time of a message without content rules and with the shipped ones

  --rounds N    rounds that count, of both in turn (9)
  --messages M  messages a round and direction (6000)
  --help        this text
`;

const conversations = 400;
const warmUpRounds = 3;
const most = 1.15;
const say = (line: string) => process.stdout.write(`${line}\n`);

type Round = { readonly proxy: number; readonly gateway: number };

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { rounds: { type: 'string' }, messages: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help === true) {
    say(help);
    return;
  }
  const rounds = Number(values.rounds ?? 9);
  const messages = Number(values.messages ?? 6_000);
  const canPin = firstMissing(['taskset']) === undefined && cpus().length > 1;
  if (canPin) execFileSync('taskset', ['-a', '-c', '-p', '0', `${process.pid}`]);
  await using stack = new AsyncDisposableStack();
  const without = await openSite(stack, 'nothing', canPin);
  const shipped = await openSite(stack, 'shipped', canPin);
  for (let round = 0; round < warmUpRounds; round++) {
    await without(messages);
    await shipped(messages);
  }
  const pairs: { readonly without: Round; readonly shipped: Round }[] = [];
  for (let round = 1; round <= rounds; round++) {
    // Who comes first would always meet the quieter machine.
    const first = round % 2 === 0 ? undefined : await without(messages);
    const second = await shipped(messages);
    pairs.push({ without: first ?? (await without(messages)), shipped: second });
  }
  const middle = (of: (each: (typeof pairs)[number]) => number) => median(pairs.map(of));
  const row = (name: string, of: (round: Round) => number) => [
    name,
    middle((each) => of(each.without)).toFixed(1),
    middle((each) => of(each.shipped)).toFixed(1),
    middle((each) => of(each.shipped) / of(each.without)).toFixed(2),
  ];
  const head = ['', 'no rules', 'shipped', 'ratio'];
  say(table([head, row('dmz-proxy', ({ proxy }) => proxy), row('inner-gateway', ({ gateway }) => gateway)]));
  say(
    'Microseconds of CPU time per message, both directions, medians; the ratio is the median of those of each round.',
  );
  const ratio = middle((each) => each.shipped.proxy / each.without.proxy);
  say(`In the proxy the shipped rules may cost at most ${most} times as much: ${ratio <= most ? 'met' : 'not met'}.`);
}

/** Starts a site and gives the function that measures one round of it. */
async function openSite(stack: AsyncDisposableStack, content: ContentOfPolicy, canPin: boolean) {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const site = await writeBusySite(folder, conversations, content);
  const neighbours = await startNeighbours(site.lab);
  stack.defer(neighbours.stop);
  const pair = await startPair(site.lab, canPin ? ['taskset', '-c', '1'] : []);
  stack.defer(pair.stop);
  await pair.ready();
  const load = prepareLoad(neighbours, site.conversations);
  return async (messages: number): Promise<Round> => {
    const spent = () => [cpuMicros(pair.pid('proxy')), cpuMicros(pair.pid('gateway'))] as const;
    const before = spent();
    await load.send('inward', messages);
    await load.send('outward', messages);
    const after = spent();
    const count = 2 * messages;
    return { proxy: (after[0] - before[0]) / count, gateway: (after[1] - before[1]) / count };
  };
}

await main();
