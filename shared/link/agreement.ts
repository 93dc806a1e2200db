// Whether both ends of a link judge by one revision of the policy; where they do not for long, somebody must hear of it.
import type { Instant } from '../clock.ts';
import type { Log } from '../log.ts';
import { gauge } from '../metrics.ts';

/** A changed policy comes into force on both sides within some seconds; what lasts longer was not meant. */
const patienceMs = 30_000;

/** What is known of the other end; `since` when it began to differ. */
export type Agreement = {
  /** To be called with each heartbeat. Empty: nothing is known of the other end. */
  readonly look: (ours: string, theirs: string, now: Instant) => void;
  /** The link is gone. */
  readonly end: () => void;
};

const differing = new Set<Agreement>();
gauge('policy_differs', 'Links whose other end judges by another revision of the policy', [], (own) =>
  own.set(differing.size),
);

export function createAgreement(log: Log): Agreement {
  let since: Instant | undefined;
  let isTold = false;
  const agreement: Agreement = {
    look(ours, theirs, now) {
      if (theirs === '' || theirs === ours) {
        if (isTold) log.info({ revision: ours }, 'both ends of the link have one revision of the policy again');
        agreement.end();
        return;
      }
      differing.add(agreement);
      since ??= now;
      if (isTold || now - since < patienceMs) return;
      isTold = true;
      log.warn({ ours, theirs }, 'the other end of the link judges by another revision of the policy');
    },
    end() {
      since = undefined;
      isTold = false;
      differing.delete(agreement);
    },
  };
  return agreement;
}

/** For the status: the revision of the other end, and whether it is ours. */
export function revisionWords(theirs: string, ours: string): string {
  return `policy ${theirs.slice(0, 12)}${theirs === ours ? '' : ', which is NOT OURS'}`;
}
