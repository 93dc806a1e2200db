// Who says something to whom, as far as a request that came in is believed (sip-dialect §3.1, §3.4; RFC 3325).
import { toAsciiDomain } from '@sallyport/shared/address/domain-name.ts';
import { bareJid, type Jid } from '@sallyport/shared/address/jid.ts';
import { sipToJid } from '@sallyport/shared/address/sip-uri.ts';
import { refuse, type Verdict } from '@sallyport/shared/verdict.ts';
import type { PeerGroup } from './connections/peer-group.ts';
import type { Site } from './site.ts';
import { detached, listed, type SipRequest } from './wire/message.ts';
import { readNameAddress, uriHost, uriScheme } from './wire/name-address.ts';

export type People = { readonly internal: Jid; readonly external: Jid };

/**
 * The internal user from P-Asserted-Identity where it is there, else From; the external one from the Request-URI, or
 * To where that names ourselves. Refusals: `jid-malformed`; `not-permitted` for a user whom this peer does not serve;
 * `domain-not-ours` for a recipient inside (it would come straight back).
 */
export function readPeople(request: SipRequest, group: PeerGroup, site: Site): Verdict<People> {
  const asserted = listed(request, 'p-asserted-identity')
    .map((value) => readNameAddress(value)?.uri ?? '')
    .filter((uri) => uriScheme(uri) === 'sip');
  // Two different assertions: nobody can tell which one is meant.
  if (asserted.length > 1) return refuse('not-permitted', { note: 'P-Asserted-Identity names two SIP users' });
  const internal = jidOf(asserted[0] ?? readNameAddress(request.from)?.uri);
  const toUs = uriHost(request.uri) === site.fqdn;
  const external = jidOf(toUs ? readNameAddress(request.to)?.uri : request.uri);
  if (internal === undefined || external === undefined) return refuse('jid-malformed');
  if (!group.settings.domains.includes(internal.domain)) {
    return refuse('not-permitted', { note: `the peer does not serve ${internal.domain}` });
  }
  if (site.domains.has(external.domain) || toAsciiDomain(external.domain) === site.fqdn)
    return refuse('domain-not-ours');
  return { passed: true, subject: { internal, external } };
}

function jidOf(uri: string | undefined): Jid | undefined {
  const jid = uri === undefined ? undefined : sipToJid(detached(uri));
  return jid === undefined ? undefined : bareJid(jid);
}
