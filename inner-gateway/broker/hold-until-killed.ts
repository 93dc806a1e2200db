// A program for held-killed.test.ts: it holds, releases, refuses or lets expire one packet, and is killed at a named step.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Audit, AuditEntry, PolicyEntry } from '@sallyport/shared/audit.ts';
import { heldSiteIn } from './held-site.fixtures.ts';
import { annToBob, bodyOf, delivered, memoryAudit } from './test-networks.ts';

const [folder = '', deed = '', point = ''] = process.argv.slice(2);
const [when, step] = point.split(' ');
let isArmed = false;

function passing(at: 'before' | 'after', what: string): void {
  if (isArmed && at === when && what === step) process.kill(process.pid, 'SIGKILL');
}

// The step, with a place to die before it and one behind it.
function steps<A extends readonly unknown[], R>(what: string, work: (...given: A) => Promise<R>) {
  return async (...given: A): Promise<R> => {
    passing('before', what);
    const done = await work(...given);
    passing('after', what);
    return done;
  };
}

const wrote = (file: string, line: object) => appendFileSync(join(folder, file), `${JSON.stringify(line)}\n`);
const audit: Audit = {
  ...memoryAudit(),
  record: (entry: AuditEntry | PolicyEntry) => wrote('audit', entry),
  recordDurably: steps('audit', async (entry: AuditEntry) => wrote('audit', entry)),
};
const here = heldSiteIn(folder, { after: () => undefined });
if (deed === 'expire') here.pass(8 * 86_400_000);
const site = await here.start(
  (quarantine, store) => ({
    store: { ...store, keep: steps('keep', store.keep), settle: steps('settle', store.settle) },
    quarantine: {
      ...quarantine,
      hold: steps('hold', quarantine.hold),
      recorded: steps('recorded', quarantine.recorded),
      end: steps('end', quarantine.end),
      // At the start nothing expires, so that the step is met by the deed.
      expired: async () => (isArmed ? quarantine.expired() : []),
    },
  }),
  { audit, bootId: 'boot-of-the-killed' },
);
for (const network of [site.xmpp, site.sip]) {
  network.behave = ({ packet, again }) => {
    passing('before', 'deliver');
    wrote('arrived', { body: bodyOf(packet), again });
    passing('after', 'deliver');
    return delivered;
  };
}
const [item] = await site.held.list();
isArmed = true;
if (deed === 'hold') await site.inward(annToBob('my plans', 'p-1'));
else if (deed === 'release') await site.held.release(item?.id ?? '', 'by a');
else if (deed === 'refuse') await site.held.refuse(item?.id ?? '', 'by a');
else await site.held.sweep();
// What is left of it goes on by itself; a step that is never met is a mistake in the test.
setTimeout(() => process.exit(3), 5_000);
