// Is this stream within its agreed rate, in stanzas and in bytes? (xmpp-boundary L7, XEP-0205)
import { pass, refuse, type Verdict } from '@sallyport/shared/verdict.ts';
import type { Situation } from '../situation.ts';
import type { Envelope } from '../stanza/stanza.ts';

/** Refuses with `rate-exceeded`. The stream pauses reading first, so that an honest partner rarely meets this. */
export function checkRate<S extends Envelope>(subject: S, { rates, now }: Situation): Verdict<S> {
  if (!rates.stanzas.take(1, now)) return refuse('rate-exceeded', { note: 'stanzas' });
  if (!rates.bytes.take(subject.bytes, now)) return refuse('rate-exceeded', { note: 'bytes' });
  return pass(subject);
}
