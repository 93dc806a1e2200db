// A person on a real XMPP server, driven by @xmpp/client (RFC 6120, RFC 6121, XEP-0085).
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { client, type XmlElement, xml } from '@xmpp/client';
import { openInbox, type Wanted } from '../fakes/xmpp-partner/inbox.ts';
import type { ReceivedStanza } from '../fakes/xmpp-partner/stanza.ts';

export type XmppClient = {
  readonly address: string;
  /** Sends a chat message; returns its id, which is a new one unless told. Rejects when the stream has ended. */
  send(to: string, body: string, id?: string): Promise<string>;
  /** The same with a security label: what is shown, and an ESS label in base64 (XEP-0258). */
  sendLabelled(to: string, body: string, shown: string, ess: string): Promise<void>;
  /** Is told of every stanza that comes, besides what waits for somebody to take it. */
  listen(listener: (stanza: ReceivedStanza) => void): void;
  compose(to: string, state: 'composing' | 'paused' | 'active'): Promise<void>;
  /** Sends presence, or a step of a subscription, to somebody (RFC 6121 §3, §4.6). */
  sendPresence(to: string, type?: 'subscribe' | 'unavailable'): Promise<void>;
  /** Asks for the roster, without which a server tells nothing of subscriptions (RFC 6121 §2.2). */
  askRoster(): Promise<void>;
  nextPresence(options?: Wanted): Promise<ReceivedStanza>;
  nextMessage(options?: Wanted): Promise<ReceivedStanza>;
  nextError(options?: Wanted): Promise<ReceivedStanza>;
  nextChatState(options?: Wanted): Promise<ReceivedStanza>;
  stop(): Promise<void>;
};

/**
 * Logs in over STARTTLS at 127.0.0.1 and sends presence. `ca` (PEM) joins what this process believes by default, since
 * the client takes no CA of its own.
 */
export async function startXmppClient(options: {
  readonly domain: string;
  readonly name: string;
  readonly password: string;
  readonly port: number;
  readonly ca: string;
}): Promise<XmppClient> {
  const { domain, name, password, port, ca } = options;
  setDefaultCACertificates([...getCACertificates('default'), ca]);
  const address = `${name}@${domain}`;
  const inbox = openInbox(address);
  const entity = client({ service: `xmpp://127.0.0.1:${port}`, domain, username: name, password, resource: 'desk' });
  entity.reconnect.stop();
  entity.on('error', () => {});
  let listener = (_stanza: ReceivedStanza) => {};
  entity.on('stanza', (stanza) => {
    const come = received(stanza);
    inbox.put(come);
    listener(come);
  });
  await entity.start();
  await entity.send(xml('presence'));
  let count = 0;

  const states = 'http://jabber.org/protocol/chatstates';
  return {
    address,
    listen: (next) => {
      listener = next;
    },
    send: async (to, body, own) => {
      count += 1;
      const id = own ?? `${name}-${count}`;
      await entity.send(xml('message', { to, id, type: 'chat' }, xml('body', {}, body)));
      return id;
    },
    sendLabelled: (to, body, shown, ess) => {
      const label = xml('label', {}, xml('esssecuritylabel', { xmlns: 'urn:xmpp:sec-label:ess:0' }, ess));
      const all = xml('securitylabel', { xmlns: 'urn:xmpp:sec-label:0' }, xml('displaymarking', {}, shown), label);
      return entity.send(xml('message', { to, type: 'chat' }, xml('body', {}, body), all));
    },
    compose: (to, state) => entity.send(xml('message', { to, type: 'chat' }, xml(state, { xmlns: states }))),
    sendPresence: (to, type) => entity.send(xml('presence', { to, ...(type === undefined ? {} : { type }) })),
    askRoster: () => entity.send(xml('iq', { type: 'get', id: 'roster' }, xml('query', { xmlns: 'jabber:iq:roster' }))),
    nextPresence: (wanted = {}) => inbox.take('presence', ({ name }) => name === 'presence', wanted),
    nextMessage: (wanted = {}) =>
      inbox.take('message', ({ type, body }) => type !== 'error' && body !== undefined, wanted),
    nextError: (wanted = {}) => inbox.take('error', ({ type }) => type === 'error', wanted),
    nextChatState: (wanted = {}) => inbox.take('chat state', ({ chatState }) => chatState !== undefined, wanted),
    stop: async () => {
      await entity.stop();
    },
  };
}

function received(stanza: XmlElement): ReceivedStanza {
  const { from = '', to = '', id = '', type = '' } = stanza.attrs;
  const body = stanza.getChildText('body');
  const error = stanza.getChild('error');
  const state = stanza.getChildElements().find((each) => each.attrs.xmlns === 'http://jabber.org/protocol/chatstates');
  const delay = stanza.getChild('delay', 'urn:xmpp:delay')?.attrs.stamp;
  return {
    name: stanza.name,
    ...{ from, to, id, type },
    raw: stanza.toString(),
    ...(body !== null && body !== undefined && { body }),
    ...(error && { error: errorOf(error) }),
    ...(state && { chatState: state.name }),
    ...(delay && { delay }),
  };
}

function errorOf(error: XmlElement) {
  const condition = error.getChildElements().find(({ name }) => name !== 'text')?.name ?? '';
  const text = error.getChildText('text');
  return { type: error.attrs.type ?? '', condition, ...(text && { text }) };
}
