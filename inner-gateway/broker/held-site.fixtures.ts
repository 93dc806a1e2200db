// A gateway with a quarantine, whose files outlive it: for the tests of what is held.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openLog } from '@sallyport/shared/log.ts';
import { openQuarantine, type QuarantineOptions } from '../quarantine/open-quarantine.ts';
import type { Quarantine } from '../quarantine/quarantine.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import type { BrokerWorld } from './broker.ts';
import { between } from './test-networks.ts';

const silent = openLog('test', 'test', 'error');
silent.level = 'silent';

/** A gateway whose files outlive it. */
export async function heldSite(t: TestContext, bounds: Partial<QuarantineOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-held-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const key of ['store', 'quarantine'])
    writeFileSync(join(folder, `${key}.key`), randomBytes(32), { mode: 0o400 });
  return heldSiteIn(folder, t, bounds);
}

/** The same over the files of a folder, which may be those of another process that is dead. */
export function heldSiteIn(folder: string, t: Pick<TestContext, 'after'>, bounds: Partial<QuarantineOptions> = {}) {
  let passed = 0;
  const clock = { now: () => Date.now() + passed };
  let starts = 0;
  async function start(
    wrap: (quarantine: Quarantine, store: Store) => { quarantine: Quarantine; store: Store } = both,
    more: Partial<BrokerWorld> = {},
  ) {
    const opened = {
      store: await openSqliteStore({ file: join(folder, 'store'), keyFile: join(folder, 'store.key'), log: silent }),
      quarantine: await openQuarantine({
        ...{ file: join(folder, 'held'), keyFile: join(folder, 'quarantine.key'), log: silent, clock },
        ...{ atMostItems: 40, atMostMegabytes: 1, atMostPerSender: 5, expireDays: 7 },
        ...bounds,
      }),
    };
    const { quarantine, store } = wrap(opened.quarantine, opened.store);
    const networks = between(store, { quarantine, clock, bootId: `boot-${++starts}`, ...more });
    await networks.broker.start();
    const { held } = networks.broker;
    if (held === undefined) throw new Error('the broker has no quarantine');
    let isOpen = true;
    async function stop() {
      if (!isOpen) return;
      isOpen = false;
      await networks.broker.stop();
      await opened.store.close();
      await opened.quarantine.close();
    }
    t.after(stop);
    return { ...networks, ...opened, held, stop };
  }
  return {
    folder,
    start,
    pass: (ms: number) => {
      passed += ms;
    },
  };
}
const both = (quarantine: Quarantine, store: Store) => ({ quarantine, store });
