// Watches the folder of the policy, and puts a changed one in force; the last good one stays whatever happens (I3, I9).
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Log } from '../log.ts';
import { loadPolicy, type Side } from './load-policy.ts';
import type { Policy } from './policy.ts';

export type PolicyWatch = {
  /** Loads now (SIGHUP) and says whether a policy is in force that is equal to the folder's. */
  readonly reload: () => boolean;
  readonly close: () => void;
};

/**
 * Looks every 2 s (`everyMs`) whether a file was changed, added or removed; when the folder then rests for one more
 * look, it is loaded, so that half a copy is never in force. `onChange` gets each new good revision. On any failure
 * the last good one stays, and every problem is logged, once for each state of the folder.
 */
export function watchPolicy(
  folder: string,
  side: Side,
  current: Policy,
  onChange: (policy: Policy) => void,
  log: Log,
  everyMs = 2_000,
): PolicyWatch {
  let { revision, revocation } = current;
  let { partners } = current;
  let late: ReadonlySet<string> = new Set();
  let loaded = fingerprint(folder);
  let seen = loaded;

  function reload(): boolean {
    loaded = fingerprint(folder);
    seen = loaded;
    const result = loadPolicy(folder, side);
    if (!result.ok) {
      for (const problem of result.problems) log.error({ problem }, 'the policy is not good');
      log.error({ revision, problems: result.problems.length }, 'the last good policy stays in force');
      return false;
    }
    partners = result.policy.partners;
    if (result.policy.revision !== revision) {
      log.info({ revision: result.policy.revision, before: revision }, 'a new policy is in force');
      revision = result.policy.revision;
      revocation = result.policy.revocation;
      onChange(result.policy);
    } else if (result.policy.revocation !== revocation) {
      log.info({ revision }, 'new revocation lists are in force');
      revocation = result.policy.revocation;
      onChange(result.policy);
    }
    return true;
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
    const now = fingerprint(folder);
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
      const { size, mtimeMs, ctimeMs, ino } = statSync(file);
      parts.push(`${file} ${size} ${mtimeMs} ${ctimeMs} ${ino}`);
    }
  } catch {
    parts.push('unreadable');
  }
  return parts.sort().join('\n');
}
