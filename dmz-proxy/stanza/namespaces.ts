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
/** XEP-0199. */
export const pingNs = 'urn:xmpp:ping';
/** XEP-0030. */
export const discoInfoNs = 'http://jabber.org/protocol/disco#info';
export const discoItemsNs = 'http://jabber.org/protocol/disco#items';
