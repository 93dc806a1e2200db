// Dialback on a stream that a peer has opened: we are the receiving server of its keys, and the authoritative server of
// our own (XEP-0220 §2.2; xmpp-boundary D3 to D7, D10, D11).
import type { Clock } from '@sallyport/shared/clock.ts';
import type { Log } from '@sallyport/shared/log.ts';
import { counter } from '@sallyport/shared/metrics.ts';
import type { Partner, Policy } from '@sallyport/shared/policy/policy.ts';
import type { DialbackKeys } from '../dialback/keys.ts';
import {
  type DialbackCondition,
  type DialbackWords,
  dialbackNs,
  printAnswer,
  readDialback,
} from '../dialback/words.ts';
import type { XmlElement } from '../xml/element.ts';
import type { Channel } from './channel.ts';
import { type Ending, streamError } from './ending.ts';
import type { CertificateFacts } from './facts.ts';
import { readDomain } from './header.ts';
import { mayBeProved, proveByItself, provePeer, versionFault } from './prove-peer.ts';
import { sameTrust } from './supervise-stream.ts';
import type { Verifications } from './verifications.ts';

export type DialbackWorld = {
  readonly settings: { readonly domains: readonly string[] };
  readonly policy: () => Policy;
  readonly clock: Clock;
  readonly log: Log;
  readonly keys: DialbackKeys;
  readonly verifications: Verifications;
};

/** A pair of domains of which dialback has proved that it is who it says. */
export type ProvedPair = {
  readonly localDomain: string;
  readonly remoteDomain: string;
  readonly partner: Partner;
  /** Where the certificate said so already, and nobody was asked (D6). */
  readonly certificate: CertificateFacts | undefined;
};

/** `other`: no word of dialback. `taken`: answered, or to be forgotten. An ending ends the stream. */
export type HeardDialback =
  | { readonly kind: 'other' | 'taken' }
  /** It is proved; `tell` says so to the peer, unless the stream may not carry it. */
  | { readonly kind: 'proved'; readonly pair: ProvedPair; readonly tell: (may: boolean) => void }
  | { readonly kind: 'ends'; readonly ending: Ending };

export type InboundDialback = { readonly hear: (element: XmlElement) => HeardDialback | Promise<HeardDialback> };

const words = counter('dialback_in', 'Words of dialback on streams from partners, by what became of them', ['outcome']);

/** A key is opaque; Prosody's and ours have 64 characters. */
const keyAtMost = 256;
const idAtMost = 256;
const pairsAtMost = 16;
/** So many keys in vain end the stream, and so many answers that nobody asked for. */
const failuresAtMost = 5;
const unsolicitedAtMost = 3;
/** So many questions beyond the rate of an address end the stream that they came on. */
const hastyAtMost = 50;
/** A pair that is proved may say its key again, but not for ever. */
const repeatsAtMost = 50;

/** `pairs` are those that the stream carries by now. */
export function createInboundDialback(
  channel: Channel,
  stream: { readonly id: string; readonly chain: readonly Uint8Array[]; readonly tls: string },
  world: DialbackWorld,
  pairs: () => readonly { readonly localDomain: string; readonly remoteDomain: string }[],
): InboundDialback {
  const { clock, log } = world;
  const address = channel.remoteAddress;
  const asked = new Set<string>();
  let failures = 0;
  let unsolicited = 0;
  let hasty = 0;
  let repeats = 0;

  function answer(question: DialbackWords, said: 'valid' | 'invalid' | DialbackCondition): HeardDialback {
    // Whoever asks and does not read would have us keep the answers.
    if (channel.isFull()) return ends('policy-violation', 'does not read our answers');
    channel.write(printAnswer(question, said));
    return { kind: 'taken' };
  }

  // A stream that ends by our policy, before anybody is proved on it, is audited, and costs its address (A7).
  function ends(condition: Parameters<typeof streamError>[0], note: string): HeardDialback {
    const refusal = condition === 'policy-violation' ? ({ refusal: 'dialback-refused' } as const) : {};
    return { kind: 'ends', ending: streamError(condition, note, refusal) };
  }

  // Without bidi nobody may answer us here: it is the attack of 2012, or a peer that is very confused (D5).
  function unasked(said: DialbackWords): HeardDialback {
    unsolicited += 1;
    words.inc({ outcome: 'unsolicited' });
    log.warn({ address, what: said.name }, 'a dialback answer that nobody asked for');
    if (unsolicited < unsolicitedAtMost) return { kind: 'taken' };
    return ends('policy-violation', 'dialback answers that nobody asked for');
  }

  // We are the authoritative server. Nothing is remembered of our keys, and anybody may ask about one (D7).
  function judgeKey(question: DialbackWords, receiving: string, to: string): HeardDialback {
    const { id = '', key } = question;
    if (id === '' || id.length > idAtMost) return ends('invalid-xml', 'a verification without the id of a stream');
    if (!world.verifications.mayAsk(address, clock.now())) {
      hasty += 1;
      words.inc({ outcome: 'limited' });
      if (hasty >= hastyAtMost) return ends('policy-violation', 'asks about our keys too fast');
      return answer(question, 'resource-constraint');
    }
    const originating = ourDomain(to);
    if (originating === undefined) return answer(question, 'item-not-found');
    // A partner without dialback has never got a key of ours.
    const agreed = world.policy().partners.get(receiving)?.dialback !== undefined;
    const isOurs = agreed && key.length <= keyAtMost && world.keys.matches(key, receiving, originating, id);
    words.inc({ outcome: isOurs ? 'confirmed' : 'denied' });
    if (!isOurs) log.warn({ address, from: receiving, to: originating }, 'a dialback key that is not ours');
    return answer(question, isOurs ? 'valid' : 'invalid');
  }

  function ourDomain(to: string): string | undefined {
    const read = readDomain(to);
    return typeof read === 'object' && world.settings.domains.includes(read.domain) ? read.domain : undefined;
  }

  // A key in vain. Where the stream carries nothing yet, a few of them are enough.
  function refuse(question: DialbackWords, condition: DialbackCondition, note: string): HeardDialback {
    failures += 1;
    words.inc({ outcome: condition });
    log.warn({ address, from: question.from, to: question.to, condition, note }, 'a dialback key is not taken');
    const answered = answer(question, condition);
    if (failures < failuresAtMost) return answered;
    const lost = condition === 'remote-connection-failed' ? condition : 'policy-violation';
    return ends(lost, `dialback failed too often: ${note}`);
  }

  // We are the receiving server.
  async function judgeResult(question: DialbackWords, remoteDomain: string, to: string): Promise<HeardDialback> {
    const localDomain = ourDomain(to);
    if (localDomain === undefined) return refuse(question, 'item-not-found', 'to is not a domain of ours');
    if (world.settings.domains.includes(remoteDomain)) {
      return refuse(question, 'not-acceptable', 'the peer claims to be one of our own domains');
    }
    if (question.key === '' || question.key.length > keyAtMost) return refuse(question, 'not-acceptable', 'no key');
    const partner = world.policy().partners.get(remoteDomain);
    if (partner?.dialback === undefined) {
      return refuse(question, 'policy-violation', 'dialback is not agreed with this domain');
    }
    const outside = versionFault(stream.tls, partner);
    if (outside !== undefined) return refuse(question, 'policy-violation', outside);
    const known = pairs().some((each) => each.localDomain === localDomain && each.remoteDomain === remoteDomain);
    if (known) {
      repeats += 1;
      if (repeats >= repeatsAtMost) return ends('policy-violation', 'says the same keys again and again');
      return answer(question, 'valid');
    }
    const pair = `${localDomain} ${remoteDomain}`;
    if (asked.has(pair) || asked.size + pairs().length >= pairsAtMost) {
      return refuse(question, 'resource-constraint', 'too many keys on one stream');
    }
    asked.add(pair);
    try {
      return await prove(question, { localDomain, remoteDomain, partner });
    } finally {
      asked.delete(pair);
    }
  }

  async function prove(question: DialbackWords, pair: Omit<ProvedPair, 'certificate'>): Promise<HeardDialback> {
    const { localDomain, partner } = pair;
    const { chain, id: streamId } = stream;
    if (mayBeProved(partner)) {
      const proof = await provePeer(chain, partner, clock.now());
      if (proof.ok) return proved(question, { ...pair, certificate: proof.certificate });
    }
    const [leaf] = chain;
    const same = partner.dialback === 'tls+same-cert';
    if (same) {
      const named = await proveByItself(chain, partner, clock.now());
      if (!named.ok || leaf === undefined) {
        const reason = named.ok ? 'missing' : named.reason;
        return refuse(question, 'not-authorized', `the certificate is ${reason}`);
      }
    }
    const verified = await world.verifications.verify(
      { localDomain, partner, streamId, key: question.key, ...(same && leaf !== undefined ? { sameAs: leaf } : {}) },
      address,
    );
    switch (verified.answer) {
      case 'valid':
        return proved(question, { ...pair, certificate: undefined });
      case 'invalid':
        return denied(question);
      case 'error':
        return refuse(question, verified.condition, verified.note);
      default:
        return verified satisfies never;
    }
  }

  // What was agreed when the key came must still be when its answer comes.
  function proved(question: DialbackWords, pair: ProvedPair): HeardDialback {
    if (!sameTrust(pair.partner, world.policy().partners.get(pair.remoteDomain))) {
      return refuse(question, 'policy-violation', 'other terms are agreed now');
    }
    const tell = (may: boolean): void => {
      words.inc({ outcome: may ? 'valid' : 'resource-constraint' });
      answer(question, may ? 'valid' : 'resource-constraint');
    };
    return { kind: 'proved', pair, tell };
  }

  // Somebody says to be a partner, and its own server knows nothing of it. A stream that carries others goes on (D10).
  function denied(question: DialbackWords): HeardDialback {
    const note = `the server of ${question.from} does not know the key: somebody else says to be it`;
    if (pairs().length > 0) return refuse(question, 'forbidden', note);
    words.inc({ outcome: 'invalid' });
    answer(question, 'invalid');
    return { kind: 'ends', ending: { kind: 'closed', by: 'us', note, refusal: 'dialback-refused' } };
  }

  return {
    hear(element) {
      if (element.ns !== dialbackNs) return { kind: 'other' };
      const said = readDialback(element);
      if (said === undefined) return { kind: 'other' };
      if (said.type !== undefined) return unasked(said);
      const { from, to } = said;
      if (from === undefined || to === undefined) return ends('improper-addressing', 'dialback without from or to');
      const remote = readDomain(from);
      if (typeof remote !== 'object') return ends('invalid-from', 'the from of dialback is not a domain');
      return said.name === 'verify' ? judgeKey(said, remote.domain, to) : judgeResult(said, remote.domain, to);
    },
  };
}
