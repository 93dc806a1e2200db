// `sallyport policy activate` as a process answers it: the signed policy of a folder is judged, and put in force or not.
import type { PolicyInForce } from './policy-in-force.ts';
import { readRevisionFolder } from './revision-folder.ts';

export type ActivationAnswer = {
  readonly active: boolean;
  readonly revision: string;
  readonly problems: readonly string[];
};

/** Offers what lies in the folder; says what is in force now, and why what was offered is not. */
export function activateFolder(policies: Pick<PolicyInForce, 'offer' | 'current'>, folder: string): ActivationAnswer {
  const { signed, problems } = readRevisionFolder(folder);
  const offered =
    signed === undefined || problems.length > 0
      ? { active: false, problems: problems.slice(0, 20) }
      : policies.offer(signed, folder);
  return { ...offered, revision: policies.current().revision };
}
