// What a check says: pass (perhaps changed) or refuse. Refusals are values; an exception means a bug.
import type { Refusal, RefusalCode } from './refusals.ts';

export type Verdict<S> =
  | { readonly passed: true; readonly subject: S }
  | { readonly passed: false; readonly refusal: Refusal };

/** The subject goes on, as it is or as the check has changed it. */
export function pass<S>(subject: S): Verdict<S> {
  return { passed: true, subject };
}

/**
 * The subject ends here. `rule` names the policy rule that decided; `note` is for the audit alone and is never
 * shown to a peer; `publicText` is what the policy's author lets the sender read.
 */
export function refuse(code: RefusalCode, more: Omit<Refusal, 'code'> = {}): { passed: false; refusal: Refusal } {
  return { passed: false, refusal: { code, ...more } };
}
