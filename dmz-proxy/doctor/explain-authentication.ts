// Who can prove what to whom? SASL EXTERNAL and dialback, each direction by itself (RFC 6120 §6, XEP-0178, XEP-0220;
// xmpp-boundary A1 to A11, D1, H16).
import type { Finding } from '@sallyport/shared/finding.ts';
import type { Partner } from '@sallyport/shared/policy/policy.ts';
import { keyInvalid } from '../stream/ask-dialback.ts';
import { describeEnding, type Ending } from '../stream/ending.ts';
import { bestWalk, type Examined, tlsWorks } from './examine-place.ts';
import { refusesOurCertificate } from './explain-tls.ts';
import { found } from './findings.ts';
import { offersOf } from './offers.ts';
import type { Walk } from './walk-stream.ts';

/** What the entry says about it. */
type Terms = Pick<Partner, 'external' | 'dialback'>;

export type OurSide = {
  readonly domain: string;
  /** Our certificate has serverAuth without clientAuth. */
  readonly lacksClientAuth: boolean;
};

/** What became of our way in. Nothing where the stream did not come so far. */
export function* explainWayOut(examined: Examined, partner: Terms, ours: OurSide): Generator<Finding> {
  const { at } = examined;
  const walk = bestWalk(examined);
  if (walk === undefined || walk.reached === 'connected') return;
  if (refusesOurCertificate(walk)) {
    yield refusal(describeEnding(walk.ending ?? { kind: 'cut', note: '' }), at, ours);
    return;
  }
  if (!tlsWorks(walk)) return;
  yield* explainEnd(walk, partner, at, ours);
}

function* explainEnd(walk: Walk, partner: Terms, at: string, ours: OurSide): Generator<Finding> {
  const { ending, reached, provedBy } = walk;
  if (provedBy === 'external') {
    yield found('external-out', 'we dial: EXTERNAL works, they believe our certificate', { at });
    if (reached === 'live') return;
  } else if (provedBy === 'dialback') {
    yield found('dialback-out', `we dial: dialback works${whyNotExternal(walk, partner)}`, { at });
    return;
  }
  if (ending === undefined) return;
  const words = describeEnding(ending);
  switch (ending.kind) {
    case 'closed':
      if (ending.by === 'us') yield explainDialback(ending, at);
      else if (ending.condition === 'not-authorized') yield refusal(words, at, ours);
      else if (ending.condition === undefined) yield broken(words, at);
      return;
    case 'error':
      if (ending.refusal === 'certificate-refused') return;
      if (ending.condition === 'not-authorized' && reached === 'header-in-tls')
        yield explainNoExternal(walk, words, at, ours);
      else if (
        ending.condition === 'connection-timeout' &&
        partner.dialback !== undefined &&
        walk.features !== undefined
      ) {
        yield found('dialback-refused', 'we dial: no answer to our dialback in time', { at });
      } else yield broken(words, at);
      return;
    case 'cut':
      yield broken(words, at);
      return;
    default:
      ending satisfies never;
  }
}

function explainNoExternal(walk: Walk, words: string, at: string, ours: OurSide): Finding {
  const { external, dialback } = offersOf(walk.firstInTls);
  if (external) return found('external-refused', `we dial: ${words.replace(/^not-authorized: /, '')}`, { at });
  if (!dialback) return found('external-not-offered', 'we dial: they offer no EXTERNAL', { at, ...mendOf(ours) });
  const { mend = '' } = mendOf(ours);
  const then = { at, mend: `${mend}; else we allow dialback in its entry` };
  return found('dialback-only', 'we dial: they offer dialback and no EXTERNAL, and our entry allows no dialback', then);
}

function explainDialback({ condition, note }: Extract<Ending, { kind: 'closed' }>, at: string): Finding {
  return condition === keyInvalid
    ? found('dialback-key-invalid', `we dial: ${note}`, { at })
    : found('dialback-refused', `we dial: ${note}`, { at });
}

function whyNotExternal(walk: Walk, partner: Terms): string {
  if (partner.external === 'never') return '; our entry does not use EXTERNAL';
  return offersOf(walk.firstInTls).external ? '; they refused EXTERNAL before' : '; they offer no EXTERNAL';
}

function broken(words: string, at: string): Finding {
  return found('broken-off', `the stream ends behind TLS: ${words}`, { at });
}

function refusal(words: string, at: string, ours: OurSide): Finding {
  return found('our-certificate-refused', `we dial: they refuse our certificate: ${words}`, { at, ...mendOf(ours) });
}

// Where our own certificate may be the reason, both are told.
function mendOf({ domain, lacksClientAuth }: OurSide): { readonly mend?: string } {
  const trust = `trust the CA of our certificate for ${domain}, with SASL EXTERNAL switched on between servers`;
  return lacksClientAuth
    ? { mend: `${trust}; old ejabberd asks for clientAuth, which ours lacks: update it, or we get one with both` }
    : { mend: trust };
}

/** What would become of their way in, if they dial with the certificate that they show as a server. */
export function* explainWayIn(believed: boolean, { external, dialback }: Terms): Generator<Finding> {
  if (external === 'never') yield found('external-unused', 'they dial: our entry does not use EXTERNAL');
  else if (believed) yield found('external-in', 'they dial: with the same certificate EXTERNAL works');
  else if (dialback === undefined)
    yield found('no-external-in', 'they dial: with the same certificate we would refuse them');
  else yield found('external-unused', 'they dial: EXTERNAL would not work with the same certificate; dialback is left');
  const says =
    dialback === undefined ? 'they dial: our entry allows no dialback' : `they dial: dialback is allowed (${dialback})`;
  yield found('dialback-in', says);
}
