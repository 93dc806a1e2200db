// Plays one journey on a site, from its first line to its last, and leaves the site as it was found.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { language } from './language.ts';
import { type Journey, readJourney } from './read-journey.ts';
import { playStep, startRun, tidy } from './run.ts';
import { type Watcher, watch } from './show.ts';
import { type Site, startSite } from './site-under-test.ts';

const folder = import.meta.dirname;

/** The names of all journeys. */
export function journeyNames(): readonly string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.journey'))
    .map((file) => file.replace(/\.journey$/, ''))
    .sort();
}

/** Reads the journey of that name; throws when a line of it is none of the language. */
export function journeyOf(name: string): Journey {
  return readJourney(join(folder, `${name}.journey`), language);
}

/**
 * Plays a journey on that site, or on one of its own where it asks for it. Throws at the first line that does not go as
 * it must, and when the front end has complained. `show` gets the text of the show, line by line.
 */
export async function playJourney(
  journey: Journey,
  shared: () => Promise<Site>,
  show?: (line: string) => void,
): Promise<void> {
  if (!journey.ownPair) return playOn(await shared(), journey, show);
  const { connectSeconds } = journey;
  const own = await startSite({
    trace: show !== undefined,
    ...(connectSeconds === undefined ? {} : { connectSeconds }),
  });
  try {
    await playOn(own, journey, show);
  } finally {
    await own.stop();
  }
}

/** Plays a journey on exactly that site, whatever harm it does there. */
export async function playOn(site: Site, journey: Journey, show?: (line: string) => void): Promise<void> {
  const run = startRun(site);
  const complaints = site.violations().length;
  const watcher: Watcher | undefined = show === undefined ? undefined : watch(site, show);
  try {
    for (const step of journey.steps) {
      await playStep(run, step, `${journey.name}.journey`);
      await watcher?.played(step);
    }
  } finally {
    if (!journey.ownPair) await tidy(run);
  }
  const fresh = site.violations().slice(complaints);
  if (fresh.length > 0) throw new Error(`the front end complains: ${fresh.join('; ')}`);
}
