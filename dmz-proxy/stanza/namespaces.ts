// The namespaces that the boundary understands, each with the document that owns it.

/** RFC 6120 §4.8.3: the stanzas of a stream between servers. */
export const serverNs = 'jabber:server';
/** RFC 6120 §8.3.3. */
export const stanzaErrorsNs = 'urn:ietf:params:xml:ns:xmpp-stanzas';
/** XEP-0205: `too-many-stanzas`, `stanza-too-big`. */
export const errorsNs = 'urn:xmpp:errors';
/** XEP-0085. */
export const chatStatesNs = 'http://jabber.org/protocol/chatstates';
/** XEP-0203. */
export const delayNs = 'urn:xmpp:delay';
/** XEP-0184. */
export const receiptsNs = 'urn:xmpp:receipts';
/** XEP-0172. */
export const nickNs = 'http://jabber.org/protocol/nick';
/** XEP-0308. */
export const correctionNs = 'urn:xmpp:message-correct:0';
/** XEP-0066, in messages. */
export const oobNs = 'jabber:x:oob';
/** XEP-0461. */
export const replyNs = 'urn:xmpp:reply:0';
/** XEP-0428. */
export const fallbackNs = 'urn:xmpp:fallback:0';
/** XEP-0444. */
export const reactionsNs = 'urn:xmpp:reactions:0';
/** XEP-0424. */
export const retractionNs = 'urn:xmpp:message-retract:1';
/** XEP-0045 §7.8.2: invitations that the room passes on. */
export const roomUserNs = 'http://jabber.org/protocol/muc#user';
/** XEP-0249: invitations from the one who invites. */
export const directInvitationNs = 'jabber:x:conference';
/** XEP-0258. */
export const securityLabelNs = 'urn:xmpp:sec-label:0';
/** XEP-0258 §3, RFC 2634: a label in BER, as base64. */
export const essLabelNs = 'urn:xmpp:sec-label:ess:0';
/** XEP-0199. */
export const pingNs = 'urn:xmpp:ping';
/** XEP-0030. */
export const discoInfoNs = 'http://jabber.org/protocol/disco#info';
export const discoItemsNs = 'http://jabber.org/protocol/disco#items';

/** XEP-0333. */
export const markersNs = 'urn:xmpp:chat-markers:0';
/** XEP-0115, XEP-0390. */
export const capsNs = 'http://jabber.org/protocol/caps';
export const caps2Ns = 'urn:xmpp:caps';
/** XEP-0153. */
export const avatarUpdateNs = 'vcard-temp:x:update';
/** XEP-0319. */
export const idleNs = 'urn:xmpp:idle:1';
/** XEP-0045 §7.2: who enters a room. */
export const roomNs = 'http://jabber.org/protocol/muc';
/** XEP-0060, as queries and as events in messages. */
export const pubsubNs = 'http://jabber.org/protocol/pubsub';
export const pubsubEventNs = 'http://jabber.org/protocol/pubsub#event';
/** XEP-0084: the nodes of avatars, which are the namespaces of what is in them as well. */
export const avatarMetadataNs = 'urn:xmpp:avatar:metadata';
export const avatarDataNs = 'urn:xmpp:avatar:data';
/** XEP-0202. */
export const timeNs = 'urn:xmpp:time';
/** XEP-0054. */
export const cardNs = 'vcard-temp';
