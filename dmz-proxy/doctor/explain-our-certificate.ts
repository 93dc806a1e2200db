// Is it our own certificate that partners refuse? Dates, names and use, as partners see them (RFC 6120 §13.7.1).
import { matchDomain } from '@sallyport/shared/certificates/check-peer.ts';
import { readCertificate } from '@sallyport/shared/certificates/read-certificate.ts';
import type { Instant } from '@sallyport/shared/clock.ts';
import type { Finding } from '@sallyport/shared/finding.ts';
import { dayOf, lackOfClientAuth, soonMs, spanOf } from './certificate-words.ts';
import { found } from './findings.ts';

/** `leaf` is DER. */
export function* explainOurCertificate(leaf: Uint8Array, domain: string, now: Instant): Generator<Finding> {
  const read = readCertificate(leaf);
  if (read === undefined) return;
  const { notBefore, notAfter } = read.peer;
  const named = matchDomain(read.peer, domain) !== undefined;
  if (now > notAfter) yield found('ours-expired', `our own certificate expired on ${dayOf(notAfter)}`);
  else if (now < notBefore)
    yield found('ours-not-yet-valid', `our own certificate is valid in ${spanOf(notBefore - now)}`);
  else if (notAfter - now < soonMs) {
    yield found('ours-expires-soon', `our own certificate expires on ${dayOf(notAfter)}, in ${spanOf(notAfter - now)}`);
  } else if (named) yield found('ours-good', `our own certificate names ${domain}, until ${dayOf(notAfter)}`);
  if (!named) yield found('ours-wrong-name', `our own certificate does not name ${domain}`);
  if (lackOfClientAuth(read) !== undefined) {
    yield found('ours-no-client-auth', 'our own certificate has serverAuth without clientAuth');
  }
}
