// What a user of a test partner received, as plain fields for assertions (RFC 6120 §8, XEP-0085, XEP-0203).
import { child, type Element } from './read-xml.ts';

export type ReceivedStanza = {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** Empty where the stanza has none, as for `type`. */
  readonly id: string;
  readonly type: string;
  readonly body?: string;
  readonly thread?: string;
  readonly error?: {
    readonly type: string;
    readonly condition: string;
    readonly text?: string;
    readonly lang?: string;
  };
  readonly chatState?: string;
  /** The stamp of a delayed stanza. */
  readonly delay?: string;
  readonly raw: string;
};

/** Reads the fields out of a parsed stanza. */
export function receivedStanza(element: Element, raw: string): ReceivedStanza {
  const attribute = (name: string) => element.attributes.get(name) ?? '';
  const body = child(element, 'body');
  const thread = child(element, 'thread');
  const error = child(element, 'error');
  const state = element.children.find((each) => each.namespace === 'http://jabber.org/protocol/chatstates');
  const delay = child(element, 'delay', 'urn:xmpp:delay')?.attributes.get('stamp');
  return {
    name: element.name,
    from: attribute('from'),
    to: attribute('to'),
    id: attribute('id'),
    type: attribute('type'),
    raw,
    ...(body && { body: body.text }),
    ...(thread && { thread: thread.text }),
    ...(error && { error: errorOf(error) }),
    ...(state && { chatState: state.name }),
    ...(delay && { delay }),
  };
}

function errorOf(error: Element) {
  const inError = error.children.filter((each) => each.namespace === 'urn:ietf:params:xml:ns:xmpp-stanzas');
  const text = inError.find((each) => each.name === 'text');
  const lang = text?.attributes.get('xml:lang');
  return {
    type: error.attributes.get('type') ?? '',
    condition: inError.find((each) => each.name !== 'text')?.name ?? '',
    ...(text && { text: text.text }),
    ...(lang === undefined ? {} : { lang }),
  };
}
