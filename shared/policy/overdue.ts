// What has run out in the policy in force: told when it is loaded, counted at each scrape, shown in the status.
import type { Log } from '../log.ts';
import { gauge } from '../metrics.ts';
import type { Overdue, Policy } from './policy.ts';

/** A line of the status: `PII-03 only watches since 2027-02-01`. */
export function overdueLines({ content }: Policy, now: number): readonly string[] {
  return content.overdue(now).map(({ rule, what, since }) => {
    const day = new Date(since).toISOString().slice(0, 10);
    return what === 'monitor'
      ? `the rule ${rule} should not only watch any more since ${day}; enforce it, or move its day`
      : `an exception of the rule ${rule} holds no more since ${day}; remove it, or move its day`;
  });
}

/** Tells the log what has run out; to be called for each policy that comes into force. */
export function tellOverdue(policy: Policy, now: number, log: Log): void {
  for (const problem of overdueLines(policy, now)) log.warn({ problem }, 'something in the policy has run out');
}

let told: (() => readonly Overdue[]) | undefined;

gauge('policy_overdue', 'Rules that only watch for too long, and exceptions that hold no more', ['what'], (own) => {
  const found = told?.() ?? [];
  for (const what of ['monitor', 'exception'] as const) {
    own.set({ what }, found.filter((one) => one.what === what).length);
  }
});

/** From now on the metrics tell of this policy; the last caller counts. */
export function countOverdue(policy: () => Policy, now: () => number): void {
  told = () => policy().content.overdue(now());
}
