// Watches the folder of the policy, and puts a changed one in force; the last good one stays whatever happens (I3, I9).
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Log } from '../log.ts';
import type { PolicyLoaded } from './load-policy.ts';
import type { Policy } from './policy.ts';

export type PolicyWatch = {
  /** Loads now (SIGHUP) and says whether a policy is in force that is equal to the folder's. */
  readonly reload: () => boolean;
  readonly close: () => void;
};

/**
 * Looks every 2 s (`everyMs`) whether a file of `folder`, or one of the files `besides`, was changed, added or removed;
 * when all then rests for one more look, `load` is called, so that half a copy is never in force. `changed` gets each new good revision. On any failure
 * the last good one stays, and every problem is logged, once for each state of the folder.
 */
export function watchPolicy(
  { folder, besides = [] }: { readonly folder: string; readonly besides?: readonly string[] },
  load: () => PolicyLoaded,
  current: Policy,
  told: {
    readonly changed: (policy: Policy) => void;
    /** The folder holds what cannot be put in force; the problems are logged by then. */
    readonly refused?: (problems: readonly string[]) => void;
  },
  log: Log,
  everyMs = 2_000,
): PolicyWatch {
  let { revision, revocation, keyed } = current;
  let { partners } = current;
  let late: ReadonlySet<string> = new Set();
  const lookAt = () => [fingerprint(folder), ...besides.map(stampOf)].join('\n');
  let loaded = lookAt();
  let seen = loaded;

  function reload(): boolean {
    loaded = lookAt();
    seen = loaded;
    const result = load();
    if (!result.ok) {
      for (const problem of result.problems) log.error({ problem }, 'the policy is not good');
      log.error({ revision, problems: result.problems.length }, 'the last good policy stays in force');
      told.refused?.(result.problems);
      return false;
    }
    take(result.policy);
    return true;
  }

  function take(policy: Policy): void {
    partners = policy.partners;
    if (policy.revision !== revision) {
      log.info({ revision: policy.revision, before: revision }, 'a new policy is in force');
    } else if (policy.revocation !== revocation) {
      log.info({ revision }, 'new revocation lists are in force');
    } else if (policy.keyed !== keyed) {
      log.info({ revision }, 'a new key of hash lists is in force');
    } else return;
    keyed = policy.keyed;
    revision = policy.revision;
    revocation = policy.revocation;
    told.changed(policy);
  }

  // A late list refuses fewer than it should, or with `required: true` everybody: somebody must hear of it.
  function tellLateLists(): void {
    const now = Date.now();
    const found = [...partners.values()].filter(({ crl }) => crl?.due !== undefined && crl.due < now);
    for (const { domain, crl } of found) {
      if (!late.has(domain)) log.warn({ partner: domain, required: crl?.required }, 'a revocation list is out of date');
    }
    late = new Set(found.map(({ domain }) => domain));
  }

  const timer = setInterval(() => {
    tellLateLists();
    const now = lookAt();
    const rests = now === seen;
    seen = now;
    if (rests && now !== loaded) reload();
  }, everyMs).unref();

  return { reload, close: () => clearInterval(timer) };
}

// Names, sizes, times and numbers of all files, as one text; a folder that cannot be read has a text of its own.
function fingerprint(folder: string): string {
  const parts: string[] = [];
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
      if (entry.isDirectory()) continue;
      const file = path.join(entry.parentPath, entry.name);
      parts.push(stampOf(file));
    }
  } catch {
    parts.push('unreadable');
  }
  return parts.sort().join('\n');
}

// A file that is not there has a stamp of its own.
function stampOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? file : `${file} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs} ${stat.ino}`;
}
