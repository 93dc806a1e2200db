// A gateway killed with SIGKILL at each step of holding, releasing, refusing and expiring: nothing is lost in silence,
// nothing is delivered twice unmarked, nothing that was refused or has expired is ever delivered (I1).
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { heldSite } from './held-site.fixtures.ts';
import { annToBob, bodyOf, said, until } from './test-networks.ts';

type Arrived = { readonly body: string; readonly again: boolean };

/** The steps in their order; each is a place to die before it and behind it. */
const stepsOf = {
  hold: ['hold', 'audit', 'recorded', 'settle', 'deliver'],
  release: ['audit', 'keep', 'end', 'deliver', 'settle'],
  refuse: ['audit', 'keep', 'end', 'deliver', 'settle'],
  expire: ['audit', 'keep', 'end', 'deliver', 'settle'],
} as const;

const pointsOf = (steps: readonly string[]) => steps.flatMap((step) => [`before ${step}`, `after ${step}`]);

async function killedAt(folder: string, deed: string, point: string): Promise<void> {
  const program = new URL('./hold-until-killed.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [program, folder, deed, point], { stdio: ['ignore', 'inherit', 'inherit'] });
  const [, signal] = await once(child, 'exit');
  assert.equal(signal, 'SIGKILL', `${deed} never came to ${point}`);
}

function linesIn<T>(folder: string, name: string): T[] {
  const file = join(folder, name);
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

for (const deed of ['hold', 'release', 'refuse', 'expire'] as const) {
  suite(`killed while it would ${deed}`, { concurrency: 2 }, () => {
    for (const point of pointsOf(stepsOf[deed])) {
      test(point, async (t) => {
        const here = await heldSite(t);
        const packet = annToBob('my plans', 'p-1');
        if (deed !== 'hold') {
          const first = await here.start();
          await first.inward(packet);
          await first.stop();
        }
        await killedAt(here.folder, deed, point);
        const before = linesIn<Arrived>(here.folder, 'arrived');
        if (deed === 'expire') here.pass(8 * 86_400_000);
        const { held, inward, xmpp, sip, audit, broker } = await here.start(undefined, { bootId: 'boot-after' });
        // Its sender has not heard that it is kept, so that the link offers it again.
        if (deed === 'hold') assert.equal(said(await inward(packet)), 'passed');
        const still = await held.list();
        const events = () =>
          [...linesIn<{ event: string }>(here.folder, 'audit'), ...audit.entries].map(({ event }) => event);
        if (deed === 'hold') {
          assert.equal(still.length, 1, 'it is held, once');
          assert.ok(events().includes('held'), 'and that is written down');
          assert.ok((await held.release(still[0]?.id ?? '', 'by a')).done);
        } else if (still.length > 0) {
          assert.deepEqual(before, [], 'what is still held has told nobody anything');
          if (deed === 'expire') await held.sweep();
          else assert.ok((await held[deed](still[0]?.id ?? '', 'by a')).done);
        }
        const arrived = () => {
          const now = [...sip.arrivals, ...xmpp.arrivals].map(({ packet: one, again }) => ({
            body: bodyOf(one),
            again,
          }));
          return [...before, ...now];
        };
        const wanted = deed === 'hold' || deed === 'release' ? 'my plans' : 'bounce';
        await until(() => arrived().some(({ body }) => body === wanted) && broker.unsettled() === 0);
        await new Promise((resolve) => setTimeout(resolve, 30));
        // What was under way when the process died may have been delivered: it says so when it comes again (§4.1).
        for (const body of [wanted, 'no plans']) {
          const [, ...more] = arrived().filter((one) => one.body === body);
          assert.ok(
            more.every(({ again }) => again),
            `${body}: what comes again says so`,
          );
        }
        if (before.length === 0) {
          const times = arrived().filter(({ body }) => body === wanted).length;
          assert.equal(times, 1, 'what nobody had got arrives once');
        }
        const other = wanted === 'bounce' ? 'my plans' : 'bounce';
        assert.ok(!arrived().some(({ body }) => body === other), `never a ${other}`);
        assert.deepEqual(await held.list(), []);
        const event = {
          hold: 'held-released',
          release: 'held-released',
          refuse: 'held-refused',
          expire: 'held-expired',
        };
        assert.ok(events().includes(event[deed]), events().join());
        assert.ok(!readFileSync(join(here.folder, 'held')).includes('my plans'));
      });
    }
  });
}
