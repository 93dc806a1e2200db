// A revision of the policy that a gateway sends: read from its frame as hostile, offered, and answered.
import type { Activation } from '@sallyport/proto/generated/sallyport/boundary/v1/Activation.ts';
import type { SignedPolicy__Output } from '@sallyport/proto/generated/sallyport/boundary/v1/SignedPolicy.ts';
import type { PolicyInForce } from '@sallyport/shared/policy/policy-in-force.ts';
import { filesAtMost } from '@sallyport/shared/policy/revision-manifest.ts';

export type PolicyDesk = Pick<PolicyInForce, 'offer' | 'states'>;

/**
 * Offers what came to the desk, which judges it as it judges a folder; `from` is the URI name of the gateway. Sizes are
 * bounded by the largest frame. The answer says where this proxy stands, whatever became of the offer.
 */
export function takePolicy(desk: PolicyDesk, sent: SignedPolicy__Output, from: string): Activation {
  const { manifest, signatures } = sent;
  const files = new Map(sent.files.slice(0, filesAtMost + 1).map(({ path, content }) => [path, content]));
  const taken =
    files.size < sent.files.length
      ? { active: false, problems: ['the files are too many, or one of them came twice'] }
      : desk.offer({ manifest, signatures, salt: '', files }, from);
  const { published, received, verified, active } = desk.states();
  return {
    active: taken.active,
    published: published?.revision ?? '',
    received: received?.revision ?? '',
    verified: verified?.revision ?? '',
    revision: active?.revision ?? '',
    problems: taken.problems.map((problem) => problem.slice(0, 500)),
  };
}
