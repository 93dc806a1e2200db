// The header of a peer that dialled us, judged (RFC 6120 §4.7; xmpp-boundary H5 to H8, H12).
import type { Partner, Policy } from '@sallyport/shared/policy/policy.ts';
import type { ProxySettings } from '../settings.ts';
import type { Channel } from './channel.ts';
import { type Ending, ended, type Step, streamError, went } from './ending.ts';
import { newStreamId, readDomain, readHeader } from './header.ts';

/** The addresses as far as they could be read, and what goes on our header. */
export type Greeting = {
  readonly id: string;
  readonly localDomain: string;
  readonly remoteDomain: string | undefined;
  readonly partner: Partner | undefined;
  readonly lang: string;
};

/**
 * Waits for a header and judges it: namespaces, version, `to` one of our domains, `from` a partner. A domain that is
 * no partner ends here, before TLS or any other work. `fromRequired`: after TLS a server must say who it is (H7).
 * `greeting` is there for the words that end a refused stream; its `localDomain` falls back to our first domain.
 */
export async function acceptHeader(
  channel: Channel,
  { domains: ourDomains, retiredDomains }: Pick<ProxySettings, 'domains' | 'retiredDomains'>,
  policy: Policy,
  fromRequired: boolean,
): Promise<{ readonly greeting: Greeting; readonly step: Step<Greeting> }> {
  const blank: Greeting = {
    id: newStreamId(),
    localDomain: ourDomains[0] ?? '',
    remoteDomain: undefined,
    partner: undefined,
    lang: '',
  };
  const refused = (ending: Ending, greeting = blank) => ({ greeting, step: ended(ending) });
  const event = await channel.next();
  if (event.kind === 'ends') return refused(event.ending);
  if (event.kind !== 'open') return refused(streamError('invalid-xml', 'something else than a header'));
  const read = readHeader(event.root, event.contentNs);
  if (!read.ok) return refused(read.ending);

  const { to, from, lang } = read.value;
  const remote = from === undefined ? undefined : readDomain(from);
  const sender = typeof remote === 'object' ? { ...blank, remoteDomain: remote.domain } : blank;
  if (to === undefined) return refused(streamError('improper-addressing', 'no to'), sender);
  const local = readDomain(to);
  if (local === 'whole-address') return refused(streamError('improper-addressing', 'to is not a bare domain'), sender);
  if (local !== undefined && retiredDomains.includes(local.domain)) {
    return refused(streamError('host-gone', 'to was ours once', { refusal: 'domain-not-ours' }), sender);
  }
  if (local === undefined || !ourDomains.includes(local.domain)) {
    return refused(streamError('host-unknown', 'to is not a domain of ours', { refusal: 'domain-not-ours' }), sender);
  }
  const answered = { ...sender, localDomain: local.domain };
  if (remote === 'whole-address') {
    return refused(streamError('improper-addressing', 'from is not a bare domain'), answered);
  }
  if (from !== undefined && remote === undefined) {
    return refused(streamError('invalid-from', 'from is not a domain'), answered);
  }
  if (remote === undefined) {
    if (fromRequired) return refused(streamError('improper-addressing', 'no from after TLS'), answered);
    const greeting = { ...answered, lang };
    return { greeting, step: went(greeting) };
  }
  if (ourDomains.includes(remote.domain)) {
    const note = 'the peer claims to be one of our own domains';
    return refused(streamError('invalid-from', note, { refusal: 'sender-forged' }), answered);
  }
  const partner = policy.partners.get(remote.domain);
  if (partner === undefined) {
    const note = 'the domain is not a partner';
    return refused(streamError('policy-violation', note, { refusal: 'partner-unknown' }), answered);
  }
  const greeting = { ...answered, partner, lang };
  return { greeting, step: went(greeting) };
}
