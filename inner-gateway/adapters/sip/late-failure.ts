// The words for a message that failed after it was taken: SIP has no error that comes late, so the contact says it
// (sip-dialect §9, last line). No host names, no rule, nothing that tells one user from another (I5).
import type { Bounce } from '@sallyport/shared/packet.ts';
import { filled } from '@sallyport/shared/policy/texts.ts';
import { type RefusalCode, refusalRow } from '@sallyport/shared/refusals.ts';
import type { TextName } from '@sallyport/shared/user-texts.ts';

/** The text that the writer reads. The public text of the policy's author, where there is one, takes the place of ours. */
export function lateFailureText(bounce: Bounce, text: (name: TextName) => string): string {
  const why = bounce.publicText === '' ? text(reasonFor(bounce.code)) : bounce.publicText;
  const said = filled(text('notDelivered'), { why });
  const { incident } = bounce;
  return incident === '' ? said : filled(text('withIncident'), { text: said, incident });
}

function reasonFor(code: RefusalCode): TextName {
  switch (refusalRow(code).xmpp.condition) {
    case 'policy-violation':
      return 'becausePolicy';
    case 'recipient-unavailable':
    case 'service-unavailable':
    case 'gone':
      return 'becauseAway';
    case 'remote-server-timeout':
    case 'remote-server-not-found':
    case 'resource-constraint':
    case 'internal-server-error':
      return 'becauseLater';
    default:
      return 'becauseOther';
  }
}
