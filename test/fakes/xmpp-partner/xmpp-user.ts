// A user of a test partner: writes, shows that it types, and waits for what arrives.
import { type Inbox, openInbox, type Wanted } from './inbox.ts';
import { escapeXml } from './read-xml.ts';
import type { ReceivedStanza } from './stanza.ts';

export type XmppUser = {
  readonly address: string;
  /** Sends a message; resolves with its id once it is written to an authenticated stream. */
  send(to: string, body: string, options?: SendOptions): Promise<string>;
  /** Sends a stanza of one's own making. Its stream is chosen by its own `from` and `to`, rightly or not. */
  sendXml(xml: string): Promise<void>;
  /** Sends a chat state alone (XEP-0085). */
  compose(to: string, state: 'active' | 'composing' | 'paused' | 'inactive' | 'gone'): Promise<void>;
  next(options?: Wanted): Promise<ReceivedStanza>;
  nextMessage(options?: Wanted): Promise<ReceivedStanza>;
  nextError(options?: Wanted): Promise<ReceivedStanza>;
  nextChatState(options?: Wanted): Promise<ReceivedStanza>;
  received(): readonly ReceivedStanza[];
  /** Told of every stanza as it comes; the way to count at full speed. Returns how to stop. */
  listen(listener: (stanza: ReceivedStanza) => void): () => void;
};

export type SendOptions = {
  readonly id?: string;
  readonly type?: 'chat' | 'normal' | 'headline' | 'groupchat';
  readonly thread?: string;
  readonly extraXml?: string;
  readonly lang?: string;
};

/** A user with that address, who writes through `write(internal domain, xml)`; `arrive` puts a stanza in their inbox. */
export function xmppUser(
  address: string,
  write: (domain: string, xml: string) => Promise<void>,
): { readonly user: XmppUser; readonly arrive: (stanza: ReceivedStanza) => void } {
  const inbox: Inbox = openInbox(address);
  const listeners = new Set<(stanza: ReceivedStanza) => void>();
  const from = `${address}/desk`;
  let count = 0;

  const user: XmppUser = {
    address,
    send: async (to, body, options = {}) => {
      count += 1;
      const id = options.id ?? `${address.split('@')[0]}-${count}`;
      const lang = options.lang ? ` xml:lang='${escapeXml(options.lang)}'` : '';
      const thread = options.thread ? `<thread>${escapeXml(options.thread)}</thread>` : '';
      const head = `<message from='${from}' to='${escapeXml(to)}' id='${escapeXml(id)}' type='${options.type ?? 'chat'}'${lang}>`;
      await write(domainOf(to), `${head}<body>${escapeXml(body)}</body>${thread}${options.extraXml ?? ''}</message>`);
      return id;
    },
    sendXml: (xml) => write(domainOf(/\sto=["']([^"']+)/.exec(xml)?.[1] ?? ''), xml),
    compose: (to, state) =>
      write(
        domainOf(to),
        `<message from='${from}' to='${escapeXml(to)}' type='chat'><${state} xmlns='http://jabber.org/protocol/chatstates'/></message>`,
      ),
    next: (options = {}) => inbox.take('stanza', () => true, options),
    nextMessage: (options = {}) =>
      inbox.take(
        'message',
        ({ name, type, body }) => name === 'message' && type !== 'error' && body !== undefined,
        options,
      ),
    nextError: (options = {}) => inbox.take('error', ({ type }) => type === 'error', options),
    nextChatState: (options = {}) => inbox.take('chat state', ({ chatState }) => chatState !== undefined, options),
    received: inbox.received,
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const arrive = (stanza: ReceivedStanza) => {
    inbox.put(stanza);
    for (const listener of listeners) listener(stanza);
  };
  return { user, arrive };
}

/** The domain of an address. */
export function domainOf(address: string): string {
  return address.replace(/^[^@/]*@/, '').replace(/\/.*$/s, '');
}
