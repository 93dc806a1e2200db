// The two elements of server dialback, read and printed (XEP-0220 §2; D4, D5, D11).
import type { XmlElement } from '../xml/element.ts';
import { escapeAttribute, escapeText } from '../xml/print.ts';

export const dialbackNs = 'jabber:server:dialback';

/** The errors that we say: XEP-0220 §2.5, and RFC 6120 §8.3.3.18 for too much of it. */
export type DialbackCondition = keyof typeof errorTypes;

const errorTypes = {
  forbidden: 'auth',
  'item-not-found': 'cancel',
  'not-acceptable': 'modify',
  'not-authorized': 'auth',
  'policy-violation': 'modify',
  'remote-connection-failed': 'wait',
  'remote-server-not-found': 'cancel',
  'remote-server-timeout': 'wait',
  'resource-constraint': 'wait',
} as const;

export type DialbackWords = {
  readonly name: 'result' | 'verify';
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** The id of the stream that a verification is about. */
  readonly id: string | undefined;
  /** None: it is a question. `valid`, `invalid`, `error`, or whatever else a peer says. */
  readonly type: string | undefined;
  /** The key of a question, white space at its ends aside; opaque. */
  readonly key: string;
  /** The condition of an error, or what stands for none. */
  readonly condition: string;
};

/** What a first-level element says of dialback; undefined: it is none of the two elements. */
export function readDialback(element: XmlElement): DialbackWords | undefined {
  const { ns, name, attributes, text, children } = element;
  if (ns !== dialbackNs || (name !== 'result' && name !== 'verify')) return undefined;
  const { from, to, id, type } = attributes;
  const error = children.find((child) => child.name === 'error');
  const condition = error?.children.find((child) => child.name !== 'text')?.name ?? 'no reason given';
  return { name, from, to, id, type, key: text.trim(), condition: condition.slice(0, 64) };
}

export type Pair = { readonly from: string; readonly to: string };

/** Our question to the receiving server (step 1). */
export function printResult({ from, to }: Pair, key: string): string {
  return `<db:result${attributesOf({ from, to })}>${escapeText(key)}</db:result>`;
}

/** Our question to the authoritative server (step 2). */
export function printVerify({ from, to }: Pair, id: string, key: string): string {
  return `<db:verify${attributesOf({ from, to, id })}>${escapeText(key)}</db:verify>`;
}

/** Our answer: the addresses of the question in turn, as it wrote them. */
export function printAnswer(question: DialbackWords, answer: 'valid' | 'invalid' | DialbackCondition): string {
  const { name, from, to, id } = question;
  const type = answer === 'valid' || answer === 'invalid' ? answer : 'error';
  const head = `<db:${name}${attributesOf({ from: to, to: from, id: name === 'verify' ? id : undefined, type })}`;
  if (answer === 'valid' || answer === 'invalid') return `${head}/>`;
  const condition = `<${answer} xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/>`;
  return `${head}><error type="${errorTypes[answer]}">${condition}</error></db:${name}>`;
}

function attributesOf(attributes: Readonly<Record<string, string | undefined>>): string {
  let text = '';
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) text += ` ${name}="${escapeAttribute(value)}"`;
  }
  return text;
}
