// SASL EXTERNAL with a peer that dialled us, or dialback in its place, up to the moment when it is proved (RFC 6120 §6.4,
// XEP-0220; A1 to A8, A11, S1).
import { answerExternal, printAnswer, type SaslAnswer } from '../sasl/external.ts';
import type { XmlElement } from '../xml/element.ts';
import { readBidi } from './bidi.ts';
import type { Channel } from './channel.ts';
import { type Ending, ended, type Step, streamError, went } from './ending.ts';
import { saslNs, tlsNs } from './features.ts';
import { serverNs } from './header.ts';
import type { InboundDialback, ProvedPair } from './inbound-dialback.ts';
import { startTlsFailure } from './start-tls.ts';
import { readStreamError } from './stream-error.ts';
import type { StreamLimits } from './stream-limits.ts';

/** How often a peer may fail: one that may not use dialback only by `<abort/>`, for nothing else would help it (A7, A8). */
const failuresAtMost = 2;

export type Offer = {
  /** EXTERNAL is offered, for the certificate proves this domain. */
  readonly external: boolean;
  readonly domain: string;
  /** Nothing is proved yet, for want of something that is ours to have; told to a peer that tries (A11). */
  readonly unjudged?: string | undefined;
  /** Asked at the very moment of success (A5). */
  readonly stillProved: () => boolean;
  readonly dialback: InboundDialback | undefined;
};

export type Accepted =
  /** The caller restarts its reader and then writes `<success/>`. `bidi`: the peer's request for it, where it made one. */
  | { readonly by: 'external'; readonly bidi: Partial<StreamLimits> | undefined }
  /** Nothing is restarted; the caller tells the peer. */
  | { readonly by: 'dialback'; readonly pair: ProvedPair; readonly tell: (may: boolean) => void };

/** Waits until the peer has proved who it is by what was offered to it. */
export async function acceptAuthentication(channel: Channel, offer: Offer): Promise<Step<Accepted>> {
  const { domain, dialback } = offer;
  let challenged = false;
  let bidi: Partial<StreamLimits> | undefined;
  for (let failures = 0; ; ) {
    const event = await channel.next();
    if (event.kind === 'ends') return ended(event.ending);
    if (event.kind === 'close') return ended({ kind: 'closed', by: 'peer', note: 'the peer left before SASL' });
    if (event.kind === 'open') return ended(streamError('invalid-xml', 'a second header'));
    const asked = readBidi(event.element);
    if (asked !== undefined) {
      bidi = asked;
      continue;
    }
    const heard = await dialback?.hear(event.element);
    if (heard?.kind === 'taken') continue;
    if (heard?.kind === 'ends') return ended(heard.ending);
    if (heard?.kind === 'proved') return went({ by: 'dialback', pair: heard.pair, tell: heard.tell });
    const answer = offer.external ? answerExternal(event.element, domain, challenged) : notOffered(event.element);
    if (answer === undefined) return ended(notSasl(channel, event.element));
    if (answer.kind === 'success') {
      if (!channel.isQuiet()) return ended(streamError('policy-violation', 'bytes behind the SASL exchange'));
      if (offer.unjudged !== undefined) {
        channel.write(
          printAnswer({
            kind: 'failure',
            condition: 'temporary-auth-failure',
            text: `Your server's certificate is ${offer.unjudged}`,
          }),
        );
        const note = `the certificate is ${offer.unjudged}`;
        return ended({ kind: 'closed', by: 'us', note, refusal: 'certificate-refused' });
      }
      if (!offer.stillProved()) return ended(streamError('not-authorized', 'the certificate no longer holds'));
      return went({ by: 'external', bidi });
    }
    channel.write(printAnswer(answer));
    if (answer.kind === 'challenge') {
      challenged = true;
      continue;
    }
    challenged = false;
    failures += 1;
    const note = `SASL failed: ${answer.condition}`;
    if (dialback === undefined && answer.condition !== 'aborted') return ended({ kind: 'closed', by: 'us', note });
    if (failures < failuresAtMost) continue;
    return ended(dialback === undefined ? { kind: 'closed', by: 'us', note } : streamError('policy-violation', note));
  }
}

function notOffered(element: XmlElement): SaslAnswer | undefined {
  return element.ns === saslNs ? { kind: 'failure', condition: 'invalid-mechanism' } : undefined;
}

function notSasl(channel: Channel, element: XmlElement): Ending {
  const said = readStreamError(element);
  if (said !== undefined) return said;
  if (element.ns === serverNs) return streamError('not-authorized', 'a stanza before authentication');
  if (element.ns === tlsNs) {
    channel.write(startTlsFailure);
    return { kind: 'closed', by: 'us', note: 'STARTTLS inside TLS' };
  }
  return streamError('unsupported-stanza-type', 'neither SASL nor a stanza');
}
