// SASL EXTERNAL with a peer that dialled us, up to the moment before `<success/>` (RFC 6120 §6.4; A1 to A8, A11, S1).
import { answerExternal, printAnswer } from '../sasl/external.ts';
import type { XmlElement } from '../xml/element.ts';
import type { Channel } from './channel.ts';
import { type Ending, ended, type Step, streamError, went } from './ending.ts';
import { tlsNs } from './features.ts';
import { serverNs } from './header.ts';
import { startTlsFailure } from './start-tls.ts';
import { readStreamError } from './stream-error.ts';

/** How often a peer may change its mind (`<abort/>`); any other failure ends the stream, for nothing would help (A8). */
const abortsAtMost = 2;

/**
 * Waits until the peer has authenticated as `domain`. `stillProved` is asked at that very moment (A5). The caller
 * restarts its reader and then writes `<success/>`.
 */
export async function acceptExternal(
  channel: Channel,
  domain: string,
  stillProved: () => boolean,
): Promise<Step<undefined>> {
  let challenged = false;
  for (let aborts = 0; ; ) {
    const event = await channel.next();
    if (event.kind === 'ends') return ended(event.ending);
    if (event.kind === 'close') return ended({ kind: 'closed', by: 'peer', note: 'the peer left before SASL' });
    if (event.kind === 'open') return ended(streamError('invalid-xml', 'a second header'));
    const answer = answerExternal(event.element, domain, challenged);
    if (answer === undefined) return ended(notSasl(channel, event.element));
    if (answer.kind === 'success') {
      if (!channel.isQuiet()) return ended(streamError('policy-violation', 'bytes behind the SASL exchange'));
      if (!stillProved()) return ended(streamError('not-authorized', 'the certificate no longer holds'));
      return went(undefined);
    }
    channel.write(printAnswer(answer));
    if (answer.kind === 'challenge') {
      challenged = true;
      continue;
    }
    challenged = false;
    aborts += answer.condition === 'aborted' ? 1 : abortsAtMost;
    if (aborts >= abortsAtMost) {
      return ended({ kind: 'closed', by: 'us', note: `SASL failed: ${answer.condition}` });
    }
  }
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
