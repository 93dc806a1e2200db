// An element becomes a stanza of our grammar, or a refusal (RFC 6120 §8, RFC 6121 §5.2; xmpp-boundary S6, S9, §2).
import { counter } from '@sallyport/shared/metrics.ts';
import { pass, refuse, type Verdict } from '@sallyport/shared/verdict.ts';
import type { XmlElement } from '../xml/element.ts';
import { serverNs } from './namespaces.ts';
import { parseAnswer } from './parse-answer.ts';
import { parseMessage } from './parse-message.ts';
import { parsePresence } from './parse-presence.ts';
import type { Stripped } from './read-parts.ts';
import type { Envelope, Stanza, Terms } from './stanza.ts';
import { identifier, queryGrammar } from './vocabulary.ts';

const strippedCount = counter('stripped_elements_total', 'Elements that were taken out of stanzas', ['why'] as const);
const stripped = (why: Stripped): void => strippedCount.inc({ why });

/**
 * Parses a stanza whose envelope has been read. Refusals: `stanza-malformed`, `too-large`, `encrypted-content`,
 * `query-not-served`, `not-carried`, `not-permitted`, `answer-not-asked`, `nothing-left`.
 */
export function parseStanza(element: XmlElement, envelope: Envelope, terms: Terms): Verdict<Stanza> {
  if (!identifier.test(envelope.id)) return refuse('stanza-malformed', { note: 'the id is malformed' });
  switch (envelope.name) {
    case 'message':
      return parseMessage(element, envelope, terms, stripped);
    case 'iq':
      return parseIq(element, envelope, terms);
    case 'presence':
      return parsePresence(element, envelope, terms, stripped);
    default:
      return envelope.name satisfies never;
  }
}

function parseIq(element: XmlElement, envelope: Envelope, terms: Terms): Verdict<Stanza> {
  const { type } = envelope;
  const answers = type === 'result' || type === 'error';
  if (envelope.id === '' || (!answers && type !== 'get' && type !== 'set')) {
    return answers ? refuse('answer-not-asked') : refuse('stanza-malformed', { note: 'an iq without id or type' });
  }
  // RFC 6120 §8.2.3: a result holds at most one element, an error holds what went wrong; others answer nothing.
  if (type === 'result' && element.children.length > 1) return refuse('answer-not-asked');
  if (type === 'error' && !element.children.some((child) => child.ns === serverNs && child.name === 'error')) {
    return refuse('answer-not-asked');
  }
  if (answers) return parseAnswer(element, envelope, terms);
  const child = element.children[0];
  if (child === undefined || element.children.length > 1 || /[^ \t\r\n]/.test(element.text)) {
    return refuse('stanza-malformed', { note: 'a query holds exactly one element' });
  }
  const row = queryGrammar.find(child);
  const { to } = envelope;
  if (row === undefined || type !== 'get' || row.check(child) !== undefined) return refuse('query-not-served');
  if (row.word !== undefined && !terms.vocabulary.has(row.word)) return refuse('query-not-served');
  if (row.becomes === 'card-query') {
    return to.local === '' || to.resource !== ''
      ? refuse('query-not-served')
      : pass({ ...envelope, kind: 'user', content: { kind: 'card-query' } });
  }
  const toDomain = to.local === '' && to.resource === '';
  return toDomain ? pass({ ...envelope, kind: 'query', query: row.becomes }) : refuse('query-not-served');
}
