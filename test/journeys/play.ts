// `npm run journeys -- [NAME …] [--show]`: plays the journeys, or those named; --show prints each function's verdict.
import { parseArgs } from 'node:util';
import { nearest } from '@sallyport/shared/nearest.ts';
import { journeyNames, journeyOf, playJourney } from './play-journey.ts';
import { type Site, startSite } from './site-under-test.ts';

const say = (line: string) => process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { show: { type: 'boolean', default: false }, help: { type: 'boolean' } },
    allowPositionals: true,
  });
  const names = journeyNames();
  if (values.help === true) {
    say('npm run journeys -- [NAME …] [--show]   plays them all, or those named; --show: what each function decided');
    return 0;
  }
  const unknown = positionals.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const meant = nearest(unknown, names);
    say(`There is no journey ${unknown}${meant === undefined ? '' : `; do you mean ${meant}`}. There are:`);
    for (const name of names) say(`  ${name}`);
    return 2;
  }
  const journeys = (positionals.length === 0 ? names : positionals).map(journeyOf);
  let site: Site | undefined;
  const shared = async () => {
    site ??= await startSite({ trace: values.show });
    return site;
  };
  let failed = 0;
  try {
    for (const journey of journeys) {
      if (values.show) say(`\n${journey.name}\n  ${journey.about}\n`);
      const begun = Date.now();
      try {
        await playJourney(journey, shared, values.show ? (line) => say(`  ${line}`) : undefined);
        say(`✓ ${journey.name}  (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
      } catch (error) {
        failed++;
        say(`✗ ${journey.name}\n  ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  } finally {
    await site?.stop();
  }
  say(`${journeys.length - failed} of ${journeys.length} journeys went as they must.`);
  return failed === 0 ? 0 : 1;
}

try {
  process.exit(await main());
} catch (error) {
  process.stderr.write(`journeys: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(2);
}
