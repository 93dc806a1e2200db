// Is the sender of the domain that the stream has proved? (RFC 6120 §4.9.3.9, xmpp-boundary S3)
import { pass, refuse, type Verdict } from '@sallyport/shared/verdict.ts';
import type { Situation } from '../situation.ts';
import type { Envelope } from '../stanza/stanza.ts';

/** Refuses with `sender-forged` unless the domain of `from` is exactly the proved one; a sub-domain is another. */
export function checkSender<S extends Envelope>(subject: S, { stream, domains }: Situation): Verdict<S> {
  const { domain } = subject.from;
  if (domain !== stream.remoteDomain) return refuse('sender-forged', { note: 'another domain' });
  // The domains inside and outside are disjoint (S16); should they ever not be, nobody inside writes from outside.
  if (domains.has(domain)) return refuse('sender-forged', { note: 'a domain of ours' });
  return pass(subject);
}
