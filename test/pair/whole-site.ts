// A whole site in a temporary folder, for tests that need both processes and their neighbours.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Decisions, openDecisions } from '../lab/decisions.ts';
import { type Lab, type SiteOptions, writeSite } from '../lab/lab-site.ts';
import { type Neighbours, startNeighbours } from '../lab/neighbours.ts';
import { type Pair, startPair } from '../lab/pair.ts';

export type WholeSite = {
  readonly folder: string;
  readonly lab: Lab;
  readonly pair: Pair;
  readonly neighbours: Neighbours;
  readonly decisions: Decisions;
  readonly stop: () => Promise<void>;
};

/** `prepare` may change the files of the site before anything runs. */
export async function startWholeSite(
  options: SiteOptions = {},
  prepare: (lab: Lab) => void | Promise<void> = () => {},
): Promise<WholeSite> {
  const folder = mkdtempSync(join(tmpdir(), 'site-'));
  const lab = await writeSite(folder, options);
  await prepare(lab);
  const neighbours = await startNeighbours(lab);
  // A half that does not start must not leave the neighbours behind, or the test would never end.
  const pair = await startPair(lab).catch(async (error: unknown) => {
    await neighbours.stop();
    throw error;
  });
  await pair.ready();
  return {
    folder,
    lab,
    pair,
    neighbours,
    decisions: openDecisions(lab),
    async stop() {
      await pair.stop();
      await neighbours.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Ann, at the first partner, and Bob, the first internal user. */
export function annAndBob({ lab, neighbours }: WholeSite) {
  const [partner] = lab.partners;
  if (partner === undefined) throw new Error('the lab has no partner');
  const server = neighbours.partners.get(partner.domain);
  if (server === undefined) throw new Error('the partner does not run');
  return {
    ann: server.user(partner.users[0] ?? ''),
    bob: neighbours.frontEnd().user(lab.internalUsers[0] ?? ''),
    server,
    partner,
  };
}

export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  withinMs = 10_000,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
