// `npm run fuzz -- --minutes N`: draws inputs for every target in turn, as long as one likes; what it finds is shrunk
// and becomes a file of the corpus.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { inputs, play, type Target } from './target.ts';
import { targets } from './targets.ts';

const help = `npm run fuzz -- [options]   draws hostile inputs for every reader of hostile bytes

  --minutes N     how long (1)
  --seed N        the run that this number stands for; without it another one each time
  --target NAME   only this: ${targets.map(({ name }) => name).join(', ')}
  --replay FILE   plays one input, as the folder that it lies in says, and shows the error whole
  --help          this text
`;

const runsAtOnce = 200;
const say = (line: string) => process.stdout.write(`${line}\n`);

function main(): number {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '1' },
      seed: { type: 'string' },
      target: { type: 'string' },
      replay: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) {
    say(help);
    return 0;
  }
  if (values.replay !== undefined) return replay(resolve(values.replay));
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new Error(`--minutes ${values.minutes}: write a number of minutes, such as --minutes 10`);
  const first = values.seed === undefined ? Date.now() % 1_000_000_000 : Number(values.seed);
  if (!Number.isSafeInteger(first)) throw new Error(`--seed ${values.seed}: write a whole number`);
  const chosen = values.target === undefined ? targets : [named(values.target)];
  return run(chosen, minutes, first);
}

function run(chosen: readonly Target[], minutes: number, first: number): number {
  const end = Date.now() + minutes * 60_000;
  const failed = new Set<Target>();
  let [inputsPlayed, round, shown] = [0, 0, Date.now()];
  say(`seed ${first}, ${minutes} min, ${chosen.length} targets`);
  for (; Date.now() < end && failed.size < chosen.length; round++) {
    for (const target of chosen) {
      if (failed.has(target) || Date.now() >= end) continue;
      const seed = (first + round) | 0;
      const drawn = fc.property(inputs(target), (input) => play(target, input));
      const result = fc.check(drawn, { seed, numRuns: runsAtOnce });
      inputsPlayed += result.numRuns;
      if (!result.failed) continue;
      failed.add(target);
      tell(target, seed, result.counterexample?.[0] ?? Buffer.alloc(0), result.errorInstance);
    }
    if (Date.now() - shown < 10_000) continue;
    shown = Date.now();
    say(`${inputsPlayed} inputs, ${Math.ceil((end - shown) / 1_000)} s to go, ${memory()} MB, seed ${first + round}`);
  }
  say(`${inputsPlayed} inputs in ${round} rounds, ${memory()} MB; ${failed.size} of ${chosen.length} targets failed`);
  return failed.size === 0 ? 0 : 1;
}

function tell(target: Target, seed: number, input: Buffer, error: unknown): void {
  const folder = join(import.meta.dirname, 'corpus', target.name);
  const file = join(folder, `found-${createHash('sha256').update(input).digest('hex').slice(0, 8)}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, input);
  const shown = relative(process.cwd(), file);
  say(`\n✗ ${target.name} (seed ${seed}): ${error instanceof Error ? error.message : String(error)}`);
  say(`  its smallest form, ${input.length} bytes: ${JSON.stringify(input.toString('latin1').slice(0, 200))}`);
  say(`  kept as ${shown}; again with: npm run fuzz -- --replay ${shown}\n`);
}

function replay(file: string): number {
  const target = named(file.split('/').at(-2) ?? '');
  try {
    play(target, readFileSync(file));
    say(`${target.name} keeps its claim.`);
    return 0;
  } catch (error) {
    say(`✗ ${target.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return 1;
  }
}

function named(name: string): Target {
  const target = targets.find((each) => each.name === name);
  if (target === undefined)
    throw new Error(`${name} is no target; write one of ${targets.map((each) => each.name).join(', ')}`);
  return target;
}

function memory(): string {
  return (process.memoryUsage().rss / 1_048_576).toFixed(0);
}

try {
  process.exit(main());
} catch (error) {
  process.stderr.write(`fuzz: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(2);
}
