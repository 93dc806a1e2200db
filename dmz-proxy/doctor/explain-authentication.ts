// Who can prove what to whom? SASL EXTERNAL and dialback, each direction by itself (RFC 6120 §6, XEP-0178, XEP-0220;
// xmpp-boundary A1 to A11, D1, H16).
import type { Finding } from '@sallyport/shared/finding.ts';
import { describeEnding } from '../stream/ending.ts';
import { bestWalk, type Examined, tlsWorks } from './examine-place.ts';
import { refusesOurCertificate } from './explain-tls.ts';
import { found } from './findings.ts';
import { offersOf } from './offers.ts';
import type { Walk } from './walk-stream.ts';

export type OurSide = {
  readonly domain: string;
  /** Our certificate has serverAuth without clientAuth. */
  readonly lacksClientAuth: boolean;
};

/** What became of our way in. Nothing where the stream did not come so far. */
export function* explainWayOut(examined: Examined, ours: OurSide): Generator<Finding> {
  const { at } = examined;
  const walk = bestWalk(examined);
  if (walk === undefined || walk.reached === 'connected') return;
  if (refusesOurCertificate(walk)) {
    yield refusal(describeEnding(walk.ending ?? { kind: 'cut', note: '' }), at, ours);
    return;
  }
  if (!tlsWorks(walk)) return;
  const offers = offersOf(walk.features);
  yield* explainEnd(walk, at, ours);
  if (offers.dialback)
    yield found('dialback-out', 'we dial: they offer dialback too; our entry does not use it', { at });
}

function* explainEnd(walk: Walk, at: string, ours: OurSide): Generator<Finding> {
  const { ending, reached } = walk;
  const offers = offersOf(walk.features);
  if (reached === 'live') {
    yield found('external-out', 'we dial: EXTERNAL works, they believe our certificate', { at });
    return;
  }
  if (ending === undefined) return;
  const words = describeEnding(ending);
  if (ending.kind === 'closed' && ending.condition === 'not-authorized') yield refusal(words, at, ours);
  else if (ending.kind === 'error' && ending.refusal === 'certificate-refused') return;
  else if (reached === 'header-in-tls' && ending.kind === 'error' && ending.condition === 'not-authorized') {
    if (offers.external) yield found('external-refused', `we dial: ${words.replace(/^not-authorized: /, '')}`, { at });
    else if (offers.dialback)
      yield found('dialback-only', 'we dial: they offer dialback and no EXTERNAL', { at, ...mendOf(ours) });
    else yield found('external-not-offered', 'we dial: they offer no EXTERNAL', { at, ...mendOf(ours) });
  } else if (ending.kind !== 'closed' || ending.condition === undefined) {
    yield found('broken-off', `the stream ends behind TLS: ${words}`, { at });
  }
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
export function explainWayIn(believed: boolean): readonly Finding[] {
  const way = believed
    ? found('external-in', 'they dial: with the same certificate EXTERNAL works')
    : found('no-external-in', 'they dial: with the same certificate we would refuse them');
  return [way, found('dialback-in', 'they dial: we take no dialback')];
}
