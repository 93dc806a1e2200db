// Our refusals as final responses, and final responses as our refusals (errors.md; ms-diagnostics: sip-dialect §9).
import { type Refusal, type RefusalCode, refusalFromSip, refusalRow } from '@sallyport/shared/refusals.ts';
import type { PeerSettings } from './connections/peer-group.ts';
import { header, type SipResponse } from './wire/message.ts';
import { type Field, quotable, reasonOf } from './wire/printer.ts';

/** The methods that we take (sip-dialect §4). */
export const allow = 'INVITE, ACK, BYE, CANCEL, MESSAGE, INFO, OPTIONS, UPDATE';

export type Answer = { readonly status: number; readonly fields: readonly Field[] };

/**
 * The final response for a refusal. The number of ms-diagnostics is 24000 + status, never one for each code: whoever
 * is refused must not learn more than the status says (I5). Host names stay inside (errors.md).
 */
export function answerOf(refusal: Refusal, method: string, peer: PeerSettings, fqdn: string): Answer {
  const row = refusalRow(refusal.code).sip;
  const federated = peer.dialect === 'federation' ? row.federated : undefined;
  const status = federated ?? (method === 'INVITE' ? row.invite : undefined) ?? row.status;
  const words = [refusal.publicText ?? reasonOf(status)];
  if (refusal.incident !== undefined) words.push(`incident ${refusal.incident}`);
  const fields = [...diagnostics(status, words.join(', '), peer, fqdn)];
  if (status === 606) fields.push(['Warning', `309 ${fqdn} "blocked by policy"`]);
  if (status === 503) fields.push(['Retry-After', '30']);
  return { status, fields };
}

/** The diagnostics that go with an error of ours: in full to a pool, only the public form to a federation peer. */
export function diagnostics(status: number, reason: string, peer: PeerSettings, fqdn: string): Field[] {
  const text = `${24_000 + status};reason="${quotable(reason)}"`;
  return peer.dialect === 'federation'
    ? [['ms-diagnostics-public', text]]
    : [['ms-diagnostics', `${text};source="${fqdn}"`]];
}

/** What a final response to a request of ours means. */
export function refusalOf(response: SipResponse): RefusalCode {
  return refusalFromSip(response.status, leadingNumber(response, 'ms-diagnostics'), leadingNumber(response, 'warning'));
}

/** The seconds of Retry-After; undefined where it is not there or no number. */
export function retryAfter(response: SipResponse): number | undefined {
  const value = /^\d{1,6}/.exec(header(response, 'retry-after') ?? '')?.[0];
  return value === undefined ? undefined : Number(value);
}

function leadingNumber(response: SipResponse, name: string): number | undefined {
  const value = header(response, name) ?? (name === 'ms-diagnostics' ? header(response, `${name}-public`) : undefined);
  const number = /^\d{1,6}/.exec(value ?? '')?.[0];
  return number === undefined ? undefined : Number(number);
}
