// Gives a proxy its copy of the policy in force: once after each change and each start of either end. What the proxy
// answers is read as hostile, and nothing is decided by it (invariant I4).
import { type Boundary, largestFrame } from '@sallyport/proto/boundary.ts';
import type { Activation__Output } from '@sallyport/proto/generated/sallyport/boundary/v1/Activation.ts';
import { shownText } from '@sallyport/shared/finding.ts';
import type { Log } from '@sallyport/shared/log.ts';
import type { SignedRevision } from '@sallyport/shared/policy/signed-revision.ts';

type Client = InstanceType<typeof Boundary>;

export type PolicyDelivery = {
  /** A link is up; `boot` is that of the proxy's process. */
  readonly linkIsUp: (client: Client, boot: string) => void;
  readonly policyChanged: () => void;
  /** What the proxy last said of it, in words; empty: nothing was sent, or it was taken. */
  readonly trouble: () => string;
};

const withinMs = 30_000;
// The frame carries names and lengths besides the bytes.
const bytesAtMost = largestFrame - 1_048_576;

/** `copy` is what may be sent: the signed revision in force, cut for the DMZ; undefined: nothing is delivered. */
export function createPolicyDelivery(proxy: string, copy: () => SignedRevision | undefined, log: Log): PolicyDelivery {
  let link: { readonly client: Client; readonly boot: string } | undefined;
  let sent = '';
  let trouble = '';

  function deliver(): void {
    const signed = copy();
    if (link === undefined || signed === undefined) return;
    const now = `${link.boot}\n${signed.manifest}\n${signed.signatures}`;
    if (now === sent) return;
    const files = [...signed.files].map(([path, content]) => ({ path, content }));
    const bytes = files.reduce((sum, { content }) => sum + content.length, signed.manifest.length);
    if (bytes > bytesAtMost) {
      sent = now;
      tell(`its copy of the policy has more than ${bytesAtMost} bytes: carry it there as a folder`);
      return;
    }
    sent = now;
    const { manifest, signatures } = signed;
    link.client.ActivatePolicy(
      { manifest, signatures, files },
      { deadline: Date.now() + withinMs },
      (error, answer) => {
        if (sent !== now) return;
        if (error !== null || answer === undefined) {
          // The link broke, or the proxy is of an older release: the next link tries again.
          sent = '';
          tell(shownText(`the policy could not be delivered: ${error?.details ?? 'no answer'}`, 300));
        } else read(answer);
      },
    );
  }

  function read(answer: Activation__Output): void {
    if (answer.active) {
      trouble = '';
      log.info({ proxy, revision: shownText(answer.revision, 64) }, 'the proxy has taken the policy');
      return;
    }
    // Asked again on the next link: somebody may have given it to the proxy by its folder.
    sent = '';
    const { published, received, verified } = answer;
    const there = Object.entries({ published, received, verified })
      .map(([state, revision]) => `${state} ${shownText(revision, 12) || 'none'}`)
      .join(', ');
    const why = shownText(answer.problems[0] ?? 'it does not say why', 200);
    tell(`the proxy did not take the policy: ${why}; there: ${there}`);
  }

  function tell(words: string): void {
    trouble = words;
    log.error({ proxy, why: words }, 'the policy of the proxy is another one');
  }

  return {
    linkIsUp(client, boot) {
      link = { client, boot };
      deliver();
    },
    policyChanged: deliver,
    trouble: () => trouble,
  };
}
