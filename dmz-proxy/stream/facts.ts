// What is known of a live, authenticated stream: for the stages, the console and the log (xmpp-boundary C14).
import type { Instant } from '@sallyport/shared/clock.ts';
import type { StreamCondition } from '@sallyport/shared/refusals.ts';
import type { XmlElement } from '../xml/element.ts';

export type CertificateFacts = {
  readonly sha256: string;
  readonly notAfter: Instant;
  /** The name in it that matched, with its kind: `DNS:out.example`. */
  readonly matchedName: string;
  readonly issuer: string;
};

export type StreamFacts = {
  readonly id: string;
  readonly direction: 'inbound' | 'outbound';
  readonly localDomain: string;
  readonly remoteDomain: string;
  readonly remoteAddress: string;
  /** The language of the peer's header, or empty. */
  readonly lang: string;
  readonly since: Instant;
  /** Such as `TLSv1.3`. */
  readonly tls: string;
  /** What proved the partner: its certificate, or its own server when it was asked. Where we dial it: nothing, perhaps. */
  readonly proof: 'certificate' | 'dialback' | 'none';
  /** The certificate, where it proved the partner. */
  readonly certificate: CertificateFacts | undefined;
  /** It carries stanzas both ways (XEP-0288). */
  readonly bidi: boolean;
  /** Stream management is on (XEP-0198). */
  readonly managed: boolean;
  /** When the partner was last heard on it, and how many pings it has left unanswered since. */
  readonly heardAt: Instant;
  readonly missedPings: number;
  readonly stanzasIn: number;
  readonly stanzasOut: number;
};

/** For operators: the name in the certificate that proved the partner, or what stood for it. */
export function provenName({ certificate, proof }: Pick<StreamFacts, 'certificate' | 'proof'>): string {
  return certificate?.matchedName ?? proof;
}

/** A stream on which the partner's stanzas come, as the one who takes them sees it. */
export type ServedStream = StreamFacts & {
  /** Ends it with a stream error; `application` is an application condition such as `too-many-stanzas`. */
  readonly close: (condition: StreamCondition, application?: string) => void;
};

/**
 * Takes a stanza. While a returned promise is open, nothing is read from its stream. `handled` is called when somebody
 * has taken responsibility for it, or nobody needs to: only then is it acknowledged (XEP-0198, B6).
 */
export type Receive = (
  element: XmlElement,
  bytes: number,
  stream: ServedStream,
  handled: () => void,
) => void | Promise<void>;

/** What is counted and noted while the stream lives is written through this. */
export type Mutable<T> = { -readonly [K in keyof T]: T[K] };
