// The vocabulary of presence as data (RFC 6121 §4.7; xmpp-boundary §2.2): one row an element.
import { compileGrammar, type Row } from './grammar.ts';
import {
  avatarUpdateNs,
  caps2Ns,
  capsNs,
  delayNs,
  idleNs,
  nickNs,
  roomNs,
  roomUserNs,
  securityLabelNs,
  serverNs,
} from './namespaces.ts';

export type PresenceBecomes =
  | 'show'
  | 'status'
  | 'priority'
  | 'delay'
  | 'avatar-update'
  | 'idle'
  | 'nick'
  /** Somebody enters, leaves or sits in a room. */
  | 'room'
  | 'not-carried'
  | 'label'
  /** Never legitimate between servers: taken out, and counted where an operator looks. */
  | 'suspicious'
  | 'stripped';

const anything = { text: 'ignored', children: 'ignored' } as const;
const strip = (ns: string, name = '*'): Row<PresenceBecomes> => ({ ns, name, becomes: 'stripped', rule: anything });

/** Children of presence, of every type. */
export const presenceRows: readonly Row<PresenceBecomes>[] = [
  { ns: serverNs, name: 'show', becomes: 'show', max: 1, rule: { text: 'kept' } },
  { ns: serverNs, name: 'status', becomes: 'status', word: 'statuses', max: 16, rule: { text: 'kept' } },
  { ns: serverNs, name: 'priority', becomes: 'priority', max: 1, rule: { text: 'kept' } },
  { ns: serverNs, name: 'error', becomes: 'stripped', max: 1, rule: anything },
  // XEP-0203
  { ns: delayNs, name: 'delay', becomes: 'delay', word: 'delays', max: 1, rule: { text: 'ignored' } },
  // XEP-0153; without a photo it says that the client does not know yet
  {
    ns: avatarUpdateNs,
    name: 'x',
    becomes: 'avatar-update',
    word: 'avatars',
    max: 1,
    rule: { children: { photo: { max: 1, text: 'kept' } } },
  },
  // XEP-0319
  { ns: idleNs, name: 'idle', becomes: 'idle', word: 'idle', max: 1, rule: { children: 'none' } },
  // XEP-0172
  { ns: nickNs, name: 'nick', becomes: 'nick', word: 'nicknames', max: 1, rule: { text: 'kept' } },
  // XEP-0045: no room can be entered from here, and nobody here is one
  { ns: roomNs, name: 'x', becomes: 'room', rule: anything },
  { ns: roomUserNs, name: 'x', becomes: 'room', rule: anything },
  // XEP-0033: address lists fan out
  { ns: 'http://jabber.org/protocol/address', name: '*', becomes: 'not-carried', rule: anything },
  // XEP-0258 §5.3: presence has no label
  { ns: securityLabelNs, name: '*', becomes: 'label', rule: anything },
  // XEP-0297, XEP-0356: another's stanza inside of this one, and what only parts of one server say to each other
  { ns: 'urn:xmpp:forward:0', name: '*', becomes: 'suspicious', rule: anything },
  { ns: 'urn:xmpp:privilege:2', name: '*', becomes: 'suspicious', rule: anything },
  // What a client can do, and which one it is: XEP-0115, XEP-0390
  strip(capsNs),
  strip(caps2Ns),
  // XEP-0256
  strip('jabber:iq:last'),
  // Old delays (XEP-0091), signatures and encryption (XEP-0027), places (XEP-0080), contacts (XEP-0144, XEP-0093)
  strip('jabber:x:delay'),
  strip('jabber:x:signed'),
  strip('jabber:x:encrypted'),
  strip('http://jabber.org/protocol/geoloc'),
  strip('http://jabber.org/protocol/rosterx'),
  strip('jabber:x:roster'),
  // Invisibility (XEP-0186), decloaking (XEP-0276), hats of rooms (XEP-0317), forms (XEP-0004), occupants (XEP-0421)
  strip('urn:xmpp:invisible:0'),
  strip('urn:xmpp:invisible:1'),
  strip('urn:xmpp:decloak:0'),
  strip('urn:xmpp:hats:0'),
  strip('jabber:x:data'),
  strip('urn:xmpp:occupant-id:0'),
];

export const presenceGrammar = compileGrammar(presenceRows);
