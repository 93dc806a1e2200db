// The words for a message that failed after it was taken: SIP has no error that comes late, so the contact says it
// (sip-dialect §9, last line). No host names, no rule, nothing that tells one user from another (I5).
import type { Bounce } from '@sallyport/shared/packet.ts';
import { type RefusalCode, refusalRow } from '@sallyport/shared/refusals.ts';

/** The text that the writer reads. The public text of the policy's author, where there is one, takes the place of ours. */
export function lateFailureText(bounce: Bounce): string {
  const why = bounce.publicText === '' ? wordsFor(bounce.code) : bounce.publicText;
  const incident = bounce.incident === '' ? '' : ` (incident ${bounce.incident})`;
  return `Your message was not delivered: ${why}${incident}`;
}

function wordsFor(code: RefusalCode): string {
  switch (refusalRow(code).xmpp.condition) {
    case 'policy-violation':
      return 'it is not allowed by policy.';
    case 'recipient-unavailable':
    case 'service-unavailable':
    case 'gone':
      return 'this contact cannot be reached.';
    case 'remote-server-timeout':
    case 'remote-server-not-found':
    case 'resource-constraint':
    case 'internal-server-error':
      return 'this contact cannot be reached at the moment. Please try again later.';
    default:
      return 'the other side could not take it.';
  }
}
