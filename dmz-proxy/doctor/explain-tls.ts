// Which TLS does it speak, and does ours fit? Versions one by one, direct TLS and its protocol name (RFC 7590, RFC 7301,
// XEP-0368; xmpp-boundary T5, T13, T16).
import type { Finding } from '@sallyport/shared/finding.ts';
import type { Partner } from '@sallyport/shared/policy/policy.ts';
import { describeEnding } from '../stream/ending.ts';
import { allVersions } from '../tls/credentials.ts';
import { bestWalk, type Examined, tlsWorks } from './examine-place.ts';
import { found } from './findings.ts';
import type { Walk } from './walk-stream.ts';

/** Nothing where no TLS was tried. */
export function* explainTls(
  examined: Examined,
  { tls: terms = allVersions }: Pick<Partner, 'tls'>,
): Generator<Finding> {
  const { at, walk, only } = examined;
  if (walk === undefined || walk.reached === 'connected' || refusesOurCertificate(walk)) return;
  const speaks = (version: '1.2' | '1.3'): boolean =>
    tlsWorks(only[version]) || (tlsWorks(walk) && walk.shaken?.version === `TLSv${version}`);
  const [twelve, thirteen] = [speaks('1.2'), speaks('1.3')];
  if (twelve || thirteen) {
    const versions = thirteen ? (twelve ? 'TLS 1.2 and 1.3' : 'TLS 1.3 alone') : 'TLS 1.2 alone';
    yield found('tls-spoken', `speaks ${versions}`, { at });
    yield* explainTerms();
  } else yield { ...explainFailure(walk), at };
  if (examined.tls === 'direct') yield* explainAlpn();

  function* explainTerms(): Generator<Finding> {
    if (!tlsWorks(walk) && twelve && terms.min === '1.2' && terms.max === '1.3') {
      const how = walk?.ending === undefined ? '' : `: ${describeEnding(walk.ending)}`;
      yield found('tls-13-trouble', `with TLS 1.3 the stream breaks${how}; with TLS 1.2 it goes on`, { at });
    } else if (!tlsWorks(walk)) {
      const agreed = terms.min === terms.max ? terms.min : `${terms.min} to ${terms.max}`;
      yield found('tls-not-agreed', `our entry allows TLS ${agreed}, the server speaks ${twelve ? '1.2' : '1.3'}`, {
        at,
      });
    } else if (terms.max === '1.2' && thirteen) {
      yield found('tls-13-well-again', 'TLS 1.3 works as well, and our entry says tls.max: 1.2', { at });
    }
  }

  function* explainAlpn(): Generator<Finding> {
    const shaken = bestWalk(examined)?.shaken;
    if (shaken !== undefined && shaken.alpn === '') {
      yield found('alpn-silent', 'does not answer the protocol name xmpp-server (ALPN); most servers do not', { at });
    }
  }
}

/** A TLS alert that speaks of our own certificate: no fault of TLS. */
export function refusesOurCertificate({ ending }: Walk): boolean {
  return (
    ending?.kind === 'cut' &&
    /ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_|UNSUPPORTED_CERTIFICATE)/.test(ending.note)
  );
}

function explainFailure(walk: Walk): Finding {
  const words = walk.ending === undefined ? '' : describeEnding(walk.ending);
  if (/NO_APPLICATION_PROTOCOL/.test(words))
    return found('alpn-refused', 'refuses the protocol name xmpp-server (ALPN)');
  if (/ALERT_PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/.test(words)) {
    return found('tls-too-old', 'speaks neither TLS 1.2 nor 1.3');
  }
  if (walk.tls === 'direct' && /WRONG_VERSION_NUMBER|PACKET_LENGTH|HTTP_REQUEST|took too long/.test(words)) {
    return found('direct-tls-is-plain', `announced for direct TLS, but does not speak TLS at once (${words})`);
  }
  return found('tls-fails', `no TLS with either version: ${words}`);
}
