// SASL EXTERNAL (RFC 4422 appendix A, RFC 6120 §6, XEP-0178): the certificate speaks, the words only name the domain.
import { parseDomain } from '@sallyport/shared/address/jid.ts';
import type { XmlElement } from '../xml/element.ts';
import { escapeText } from '../xml/print.ts';

const ns = 'urn:ietf:params:xml:ns:xmpp-sasl';

/** RFC 6120 §6.5, those that we send. */
export type SaslFailure =
  | 'aborted'
  | 'incorrect-encoding'
  | 'invalid-authzid'
  | 'invalid-mechanism'
  | 'malformed-request'
  | 'temporary-auth-failure';

export type SaslAnswer =
  | { readonly kind: 'success' }
  | { readonly kind: 'challenge' }
  /** `text`: what the operator of the peer may read. */
  | { readonly kind: 'failure'; readonly condition: SaslFailure; readonly text?: string };

/**
 * Answers `<auth/>` or `<response/>` of a peer whose certificate has proved `domain` (A1 to A5, A11).
 * `challenged`: we have asked for the response already. Undefined: the element is not SASL's.
 */
export function answerExternal(element: XmlElement, domain: string, challenged: boolean): SaslAnswer | undefined {
  if (element.ns !== ns) return undefined;
  if (element.name === 'abort') return { kind: 'failure', condition: 'aborted' };
  if (element.children.length > 0) return { kind: 'failure', condition: 'malformed-request' };
  if (element.name === 'auth' && !challenged) {
    if (element.attributes.mechanism !== 'EXTERNAL') return { kind: 'failure', condition: 'invalid-mechanism' };
    return element.text === '' ? { kind: 'challenge' } : judgeIdentity(element.text, domain);
  }
  if (element.name === 'response' && challenged) return judgeIdentity(element.text, domain);
  return { kind: 'failure', condition: 'malformed-request' };
}

/** Our own `<auth/>`: the authorization identity is always said, the same bytes as our stream's `from` (A9). */
export function printAuth(domain: string): string {
  return `<auth xmlns="${ns}" mechanism="EXTERNAL">${base64(domain)}</auth>`;
}

/** Our `<response/>` to a challenge of a peer that ignored the initial one. */
export function printResponse(domain: string): string {
  return `<response xmlns="${ns}">${base64(domain)}</response>`;
}

export function printAnswer(answer: SaslAnswer): string {
  switch (answer.kind) {
    case 'success':
      return `<success xmlns="${ns}"/>`;
    case 'challenge':
      return `<challenge xmlns="${ns}"/>`;
    case 'failure': {
      const text = answer.text === undefined ? '' : `<text xml:lang="en">${escapeText(answer.text)}</text>`;
      return `<failure xmlns="${ns}"><${answer.condition}/>${text}</failure>`;
    }
    default:
      return answer satisfies never;
  }
}

/** What a server answered to our `<auth/>`: its word, and for a failure the condition. Undefined: not SASL's. */
export function readAnswer(
  element: XmlElement,
): { kind: 'success' | 'challenge' } | { kind: 'failure'; condition: string } | undefined {
  if (element.ns !== ns) return undefined;
  if (element.name === 'success' || element.name === 'challenge') return { kind: element.name };
  if (element.name !== 'failure') return undefined;
  const condition = element.children.find((each) => each.ns === ns && each.name !== 'text')?.name ?? 'no reason given';
  return { kind: 'failure', condition: condition.slice(0, 64) };
}

// `=` is an empty identity; else strict base64 (A3: Buffer.from takes garbage) of the domain itself (A4).
function judgeIdentity(text: string, domain: string): SaslAnswer {
  if (text === '=' || text === '') return { kind: 'success' };
  const decoded = decodeStrictly(text);
  if (decoded === undefined) return { kind: 'failure', condition: 'incorrect-encoding' };
  if (decoded === domain || parseDomain(decoded) === domain) return { kind: 'success' };
  return { kind: 'failure', condition: 'invalid-authzid' };
}

/** RFC 4648 base64 without any leniency, 1,400 characters at most, of valid UTF-8. */
function decodeStrictly(text: string): string | undefined {
  if (text.length > 1400 || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) return undefined;
  const decoded = bytes.toString('utf8');
  return Buffer.from(decoded, 'utf8').equals(bytes) ? decoded : undefined;
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
