// `npm run lab`: a whole site on this machine, with neighbours that speak the real protocols, and a story to watch.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { howToJoin } from './how-to-join.ts';
import { writeLab, writeSite } from './lab-site.ts';
import { startNeighbours } from './neighbours.ts';
import { startPair } from './pair.ts';
import { tell } from './story.ts';

const help = `npm run lab -- [options]   a whole site on this machine, to look at and to play with

  --once          end after the story; exit 0 only if every step went as it must
  --bare          start the two processes without neighbours, and tell no story
  --dir D         keep everything in D (it is made anew), and write D/lab.json for other programs
  --for SECONDS   end by itself after so long
  --trace         the processes log the verdict of every stage
  --help          this text
`;

const say = (line: string) => process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const { values } = readArguments();
  if (values.help === true) {
    say(help);
    return 0;
  }
  const seconds = values.for === undefined ? undefined : Number(values.for);
  if (seconds !== undefined && !(seconds > 0))
    throw new Error(`--for ${values.for}: write a number of seconds, such as --for 60`);
  const own = values.dir === undefined;
  const folder = own ? mkdtempSync(join(tmpdir(), 'sallyport-lab-')) : resolve(values.dir ?? '');
  if (!own) mkdirSync(folder, { recursive: true });

  const ended = endOfLab(seconds);
  say(`Making certificates, settings and policy in ${folder} …`);
  const lab = await writeSite(folder, { logLevel: values.trace === true ? 'trace' : 'info' });
  const neighbours = values.bare === true ? undefined : await startNeighbours(lab);
  const pair = await startPair(lab);
  let good = true;
  try {
    await pair.ready();
    writeLab(folder, lab);
    say(
      `dmz-proxy (process ${lab.proxy.pid}) and inner-gateway (process ${lab.gateway.pid}) are up, and the link between them is.`,
    );
    if (neighbours !== undefined) good = await Promise.race([tell(lab, neighbours, say), ended.then(() => true)]);
    if (values.once !== true) {
      for (const line of howToJoin(lab, folder, values.bare === true)) say(line);
      await ended;
    }
  } finally {
    say('Ending both processes …');
    await pair.stop();
    await neighbours?.stop();
    if (own) rmSync(folder, { recursive: true, force: true });
  }
  return good ? 0 : 1;
}

function endOfLab(seconds: number | undefined): Promise<void> {
  return new Promise((end) => {
    process.on('SIGTERM', () => end());
    process.on('SIGINT', () => end());
    if (seconds !== undefined) setTimeout(end, seconds * 1000);
  });
}

function readArguments() {
  return parseArgs({
    options: {
      once: { type: 'boolean' },
      bare: { type: 'boolean' },
      dir: { type: 'string' },
      for: { type: 'string' },
      trace: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
}

try {
  process.exit(await main());
} catch (error) {
  process.stderr.write(`lab: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(2);
}
