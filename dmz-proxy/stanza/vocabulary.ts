// The vocabulary of messages and queries as data (xmpp-boundary §2.1, §2.3): one row an element.
import { compileGrammar, type Row } from './grammar.ts';
import {
  cardNs,
  chatStatesNs,
  correctionNs,
  delayNs,
  directInvitationNs,
  discoInfoNs,
  discoItemsNs,
  fallbackNs,
  markersNs,
  nickNs,
  oobNs,
  pingNs,
  pubsubEventNs,
  reactionsNs,
  receiptsNs,
  replyNs,
  retractionNs,
  roomUserNs,
  securityLabelNs,
  serverNs,
  timeNs,
} from './namespaces.ts';

/** Any identifier: no control characters, 256 UTF-16 units at most, as the wall counts. */
export const identifier = /^[^\x00-\x1f\x7f-\x9f]{0,256}$/;
/** Conversation ids are any string (§2.7), 255 UTF-16 units at most. */
export const threadForm = /^[^\x00-\x1f\x7f-\x9f]{0,255}$/;
/** What becomes of a language tag that looks otherwise: it is ignored (H13). */
export const languageTag = /^[A-Za-z0-9-]{1,35}$/;
/** The id of an earlier message: any identifier but the empty one. */
const reference = /^[^\x00-\x1f\x7f-\x9f]{1,256}$/;
/** A colour of HTML (XEP-0258): its name, or its three parts in hex. */
const colour = /^(?:[A-Za-z]{1,20}|#[0-9A-Fa-f]{6})$/;
/** A place in a text, counted in code points (XEP-0428). */
const position = /^\d{1,6}$/;
/**
 * One emoji as people see it (XEP-0444, Unicode TR 51): one of the tables, or pictographs that are joined, so that those
 * which the tables do not know yet, and those written without their variation, are emoji too.
 */
export const oneEmoji =
  /^(?:\p{RGI_Emoji}|\p{Extended_Pictographic}[\ufe0f\p{Emoji_Modifier}]?(?:\u200d\p{Extended_Pictographic}[\ufe0f\p{Emoji_Modifier}]?){0,7})$/v;

export type MessageBecomes =
  | 'body'
  | 'subject'
  | 'thread'
  | 'chat-state'
  | 'delay'
  | 'receipt-request'
  | 'receipt'
  | 'markable'
  | 'marker'
  | 'nick'
  | 'correction'
  | 'link'
  | 'reply'
  | 'fallback'
  | 'reactions'
  | 'retraction'
  | 'room-invitation'
  | 'direct-invitation'
  | 'event'
  | 'label'
  /** It speaks of labels where none can stand. */
  | 'no-label'
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
  word: 'chat-states',
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
  { ns: delayNs, name: 'delay', becomes: 'delay', word: 'delays', max: 1, rule: { text: 'ignored' } },
  // XEP-0184
  { ns: receiptsNs, name: 'request', becomes: 'receipt-request', word: 'receipts', max: 1, rule: none },
  {
    ns: receiptsNs,
    name: 'received',
    becomes: 'receipt',
    word: 'receipts',
    max: 1,
    rule: { attributes: { id: identifier } },
  },
  // XEP-0333; the other two of its markers were withdrawn, and are stripped below
  { ns: markersNs, name: 'markable', becomes: 'markable', word: 'markers', max: 1, rule: none },
  {
    ns: markersNs,
    name: 'displayed',
    becomes: 'marker',
    word: 'markers',
    max: 1,
    rule: { attributes: { '!id': reference } },
  },
  // XEP-0172
  { ns: nickNs, name: 'nick', becomes: 'nick', word: 'nicknames', max: 1, rule: { text: 'kept' } },
  // XEP-0308
  {
    ns: correctionNs,
    name: 'replace',
    becomes: 'correction',
    word: 'corrections',
    max: 1,
    rule: { attributes: { '!id': reference } },
  },
  // XEP-0066; the wall carries sixteen, nobody means that many
  {
    ns: oobNs,
    name: 'x',
    becomes: 'link',
    word: 'links',
    max: 8,
    rule: { children: { url: { min: 1, max: 1, text: 'kept' }, desc: { max: 1, text: 'kept' } } },
  },
  // XEP-0461, and the marks of what is there only for those who do not know an extension (XEP-0428)
  { ns: replyNs, name: 'reply', becomes: 'reply', word: 'replies', max: 1, rule: { attributes: { '!id': reference } } },
  {
    ns: fallbackNs,
    name: 'fallback',
    becomes: 'fallback',
    max: 8,
    rule: {
      children: {
        body: { max: 8, attributes: { start: position, end: position } },
        subject: { max: 8, attributes: { start: position, end: position } },
      },
    },
  },
  // XEP-0444; at most ten, each one emoji, or it would be a second way to write texts
  {
    ns: reactionsNs,
    name: 'reactions',
    becomes: 'reactions',
    word: 'reactions',
    max: 1,
    rule: { attributes: { '!id': reference }, children: { reaction: { max: 10, text: 'kept' } } },
  },
  // XEP-0424
  {
    ns: retractionNs,
    name: 'retract',
    becomes: 'retraction',
    word: 'retractions',
    max: 1,
    rule: { ...anything, attributes: { '!id': reference } },
  },
  // XEP-0045 §7.8.2, XEP-0249; a password in it is never looked at
  { ns: roomUserNs, name: 'x', becomes: 'room-invitation', max: 1, rule: anything },
  { ns: directInvitationNs, name: 'x', becomes: 'direct-invitation', max: 1, rule: anything },
  // XEP-0060, XEP-0163: two nodes are known, the reader looks for them
  { ns: pubsubEventNs, name: 'event', becomes: 'event', max: 1, rule: anything },
  // XEP-0258; what is in a label is for its reader to say, and its colours are shown by no network
  {
    ns: securityLabelNs,
    name: 'securitylabel',
    becomes: 'label',
    word: 'labels',
    max: 1,
    rule: {
      children: {
        displaymarking: { max: 1, text: 'kept', attributes: { fgcolor: colour, bgcolor: colour } },
        label: { min: 1, max: 1, children: 'ignored' },
        equivalentlabel: { max: 8, children: 'ignored' },
      },
    },
  },
  { ns: securityLabelNs, name: '*', becomes: 'no-label', rule: anything },
  // End-to-end encryption: XEP-0380, 0384 (three), 0373, 0027 (two), RFC 3923
  encrypted('urn:xmpp:eme:0'),
  encrypted('eu.siacs.conversations.axolotl'),
  encrypted('urn:xmpp:omemo:1'),
  encrypted('urn:xmpp:omemo:2'),
  encrypted('urn:xmpp:openpgp:0'),
  encrypted('jabber:x:encrypted'),
  encrypted('jabber:x:signed'),
  encrypted('urn:ietf:params:xml:ns:xmpp-e2e'),
  // Address lists fan out (XEP-0033)
  refused('http://jabber.org/protocol/address'),
  // Copies of other people's messages: XEP-0280, 0297, 0313; what only a server's own parts may say: XEP-0355, 0356
  suspect('urn:xmpp:carbons:1'),
  suspect('urn:xmpp:carbons:2'),
  suspect('urn:xmpp:forward:0'),
  suspect('urn:xmpp:mam:1'),
  suspect('urn:xmpp:mam:2'),
  suspect('urn:xmpp:delegation:2'),
  suspect('urn:xmpp:privilege:2'),
  // Known and without meaning inside, or a second form of the text
  strip(markersNs),
  strip('http://jabber.org/protocol/xhtml-im'),
  strip('jabber:x:delay'),
  strip('urn:xmpp:sid:0'),
  strip('urn:xmpp:hints'),
  strip('urn:xmpp:reference:0'),
  strip('urn:xmpp:spoiler:0'),
  strip('urn:xmpp:ephemeral:0'),
  strip('urn:xmpp:styling:0'),
  strip('urn:xmpp:sfs:0'),
  strip('urn:xmpp:sims:1'),
  strip('urn:xmpp:file:metadata:0'),
  strip('urn:xmpp:bob'),
  strip(pubsubEventNs),
  strip('jabber:x:data'),
  strip('http://jabber.org/protocol/rosterx'),
  strip('jabber:x:roster'),
  strip('urn:xmpp:attention:0'),
  strip('urn:xmpp:rtt:0'),
  strip('urn:xmpp:jingle-message:0'),
  strip('urn:xmpp:call-invites:0'),
  strip('jabber:x:event'),
];

/** Children of an iq get; whatever has no row is refused (S7). All but the card are questions to our domain. */
export const queryRows: readonly Row<'ping' | 'disco-info' | 'disco-items' | 'time' | 'card-query'>[] = [
  { ns: pingNs, name: 'ping', becomes: 'ping', rule: none },
  // A node asks for a part of us that does not exist, so a query that names one is not this query.
  { ns: discoInfoNs, name: 'query', becomes: 'disco-info', rule: { attributes: { node: /^$/ } } },
  { ns: discoItemsNs, name: 'query', becomes: 'disco-items', rule: { attributes: { node: /^$/ } } },
  { ns: timeNs, name: 'time', becomes: 'time', word: 'time', rule: none },
  { ns: cardNs, name: 'vCard', becomes: 'card-query', word: 'cards', rule: none },
];

export const messageGrammar = compileGrammar(messageRows);
export const queryGrammar = compileGrammar(queryRows);
