// `npm run bench:door`: what the outer door costs: handshakes, idle streams, and one partner that floods while others chat.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startNeighbours } from '../lab/neighbours.ts';
import { type Pair, startPair } from '../lab/pair.ts';
import { firstMissing } from '../peers/peers.ts';
import { writeCrowdedSite } from './crowded-site.ts';
import { measureFlood } from './door-flood.ts';
import { measureHandshakes } from './door-handshakes.ts';
import { measureIdleStreams } from './door-idle.ts';

const help = `npm run bench:door -- [options]   what the outer door costs

  --what W     handshakes, idle, flood, or all of them (all)
  --rounds N   rounds of handshakes and of flood (5)
  --quick      2 short rounds
  --help       this text
`;

const kinds = ['handshakes', 'idle', 'flood'];
const partnerCount = 200;
const loadCore = 0;
const testedCore = 1;
const say = (line: string) => process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      what: { type: 'string', default: 'all' },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    say(help);
    return;
  }
  const { what, quick } = values;
  if (what !== 'all' && !kinds.includes(what)) throw new Error(`--what ${what}: write handshakes, idle, flood or all`);
  const rounds = values.rounds === undefined ? (quick ? 2 : 5) : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100)
    throw new Error('--rounds: write a number from 1 to 100');

  const canPin = firstMissing(['taskset']) === undefined && cpus().length > 1;
  if (canPin) execFileSync('taskset', ['-a', '-c', '-p', `${loadCore}`, `${process.pid}`]);
  else say('There is no taskset, or only one core: nothing is bound to a core.');
  await using stack = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-door-'));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const site = await writeCrowdedSite(folder, partnerCount);
  const neighbours = await startNeighbours(site.lab);
  stack.defer(neighbours.stop);
  const pair: Pair = await startPair(site.lab, canPin ? ['taskset', '-c', `${testedCore}`] : []);
  stack.defer(pair.stop);
  await pair.ready();
  say(`load of the machine before: ${readFileSync('/proc/loadavg', 'utf8').split(' ').slice(0, 3).join(' ')}`);

  const asked = (kind: string) => what === 'all' || what === kind;
  if (asked('idle')) await measureIdleStreams(site, pair, say);
  if (asked('handshakes')) await measureHandshakes(site, pair, rounds, say);
  if (asked('flood')) await measureFlood(site, neighbours, pair, { rounds, seconds: quick ? 4 : 10 }, say);
}

try {
  await main();
  process.exit(0);
} catch (error) {
  process.stderr.write(`bench:door: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(2);
}
