// The vocabulary of messages and queries as data (xmpp-boundary §2.1, §2.3): one row an element.
import { compileGrammar, type Row } from './grammar.ts';
import { chatStatesNs, delayNs, discoInfoNs, discoItemsNs, pingNs, serverNs } from './namespaces.ts';

/** Any identifier: no control characters, 256 characters at most. */
export const identifier = /^[^\x00-\x1f\x7f-\x9f]{0,256}$/u;
/** Conversation ids are any string (§2.7), 255 characters at most. */
export const threadForm = /^[^\x00-\x1f\x7f-\x9f]{0,255}$/u;
/** What becomes of a language tag that looks otherwise: it is ignored (H13). */
export const languageTag = /^[A-Za-z0-9-]{1,35}$/;

type MessageBecomes =
  | 'body'
  | 'subject'
  | 'thread'
  | 'chat-state'
  | 'delay'
  | 'error'
  /** Known, harmless without it, taken out. */
  | 'stripped'
  /** Never legitimate between servers: taken out, and counted where an operator looks. */
  | 'suspicious'
  | 'encrypted'
  | 'not-carried';

const none = { children: 'none' } as const;
const anything = { text: 'ignored', children: 'ignored' } as const;
const strip = (ns: string, name = '*'): Row<MessageBecomes> => ({ ns, name, becomes: 'stripped', rule: anything });
const suspect = (ns: string): Row<MessageBecomes> => ({ ns, name: '*', becomes: 'suspicious', rule: anything });
const encrypted = (ns: string): Row<MessageBecomes> => ({ ns, name: '*', becomes: 'encrypted', rule: anything });
const refused = (ns: string): Row<MessageBecomes> => ({ ns, name: '*', becomes: 'not-carried', rule: anything });
const chatState = (name: string): Row<MessageBecomes> => ({
  ns: chatStatesNs,
  name,
  becomes: 'chat-state',
  rule: none,
});

/** Children of a message. At most one chat state stands in a message; the parser counts them together. */
export const messageRows: readonly Row<MessageBecomes>[] = [
  // RFC 6121 §5.2
  { ns: serverNs, name: 'body', becomes: 'body', max: 16, rule: { text: 'kept' } },
  { ns: serverNs, name: 'subject', becomes: 'subject', max: 16, rule: { text: 'kept' } },
  {
    ns: serverNs,
    name: 'thread',
    becomes: 'thread',
    max: 1,
    rule: { text: 'kept', attributes: { parent: threadForm } },
  },
  { ns: serverNs, name: 'error', becomes: 'error', max: 1, rule: anything },
  // XEP-0085
  chatState('active'),
  chatState('composing'),
  chatState('paused'),
  chatState('inactive'),
  chatState('gone'),
  // XEP-0203; its text is a reason, which we do not show
  { ns: delayNs, name: 'delay', becomes: 'delay', max: 1, rule: { text: 'ignored' } },
  // End-to-end encryption: XEP-0380, 0384 (two), 0373, 0027 (two)
  encrypted('urn:xmpp:eme:0'),
  encrypted('eu.siacs.conversations.axolotl'),
  encrypted('urn:xmpp:omemo:1'),
  encrypted('urn:xmpp:omemo:2'),
  encrypted('urn:xmpp:openpgp:0'),
  encrypted('jabber:x:encrypted'),
  encrypted('jabber:x:signed'),
  // A label that we cannot read yet must not be lost on the way (XEP-0258); address lists fan out (XEP-0033)
  refused('urn:xmpp:sec-label:0'),
  refused('http://jabber.org/protocol/address'),
  // Copies of other people's messages: XEP-0280, 0297, 0313
  suspect('urn:xmpp:carbons:2'),
  suspect('urn:xmpp:forward:0'),
  suspect('urn:xmpp:mam:2'),
  // Known and without meaning inside, or a second form of the text
  strip('urn:xmpp:receipts'),
  strip('urn:xmpp:chat-markers:0'),
  strip('http://jabber.org/protocol/xhtml-im'),
  strip('jabber:x:delay'),
  strip('http://jabber.org/protocol/nick'),
  strip('urn:xmpp:message-correct:0'),
  strip('jabber:x:oob'),
  strip('urn:xmpp:sid:0'),
  strip('urn:xmpp:hints'),
  strip('urn:xmpp:reply:0'),
  strip('urn:xmpp:fallback:0'),
  strip('urn:xmpp:reactions:0'),
  strip('urn:xmpp:message-retract:1'),
  strip('http://jabber.org/protocol/muc#user'),
  strip('jabber:x:conference'),
  strip('urn:xmpp:reference:0'),
  strip('urn:xmpp:spoiler:0'),
  strip('urn:xmpp:ephemeral:0'),
  strip('urn:xmpp:styling:0'),
  strip('urn:xmpp:sfs:0'),
  strip('urn:xmpp:bob'),
  strip('http://jabber.org/protocol/pubsub#event'),
  strip('jabber:x:data'),
  strip('urn:xmpp:attention:0'),
  strip('urn:xmpp:rtt:0'),
  strip('urn:xmpp:jingle-message:0'),
  strip('urn:xmpp:call-invites:0'),
  strip('jabber:x:event'),
];

/** Children of an iq get to our domain; whatever has no row is refused (S7). */
export const queryRows: readonly Row<'ping' | 'disco-info' | 'disco-items'>[] = [
  { ns: pingNs, name: 'ping', becomes: 'ping', rule: none },
  // A node asks for a part of us that does not exist, so a query that names one is not this query.
  { ns: discoInfoNs, name: 'query', becomes: 'disco-info', rule: { attributes: { node: /^$/ } } },
  { ns: discoItemsNs, name: 'query', becomes: 'disco-items', rule: { attributes: { node: /^$/ } } },
];

export const messageGrammar = compileGrammar(messageRows);
export const queryGrammar = compileGrammar(queryRows);
