// Contact cards (XEP-0054) there and back: names, organisation, title and mail addresses; never a picture, a telephone, a
// place, a link or a note (xmpp-boundary §2.3, §3.8).
import type { Card, CardUse } from '@sallyport/shared/packet.ts';
import { type Element, xml } from '@xmpp/xml';
import type { XmlElement } from '../xml/element.ts';
import { cardNs } from './namespaces.ts';
import { oneLine } from './read-extensions.ts';

const units = 256;
const emailsAtMost = 8;

/** The card of a `vCard` element; what is missing, longer than 256 or of no use here is empty. */
export function readCard(card: XmlElement): Card {
  const name = child(card, 'N');
  const organisation = child(card, 'ORG');
  const emails = card.children
    .filter(({ ns, name }) => ns === cardNs && name === 'EMAIL')
    .map((email) => ({ use: useOf(email), value: text(email, 'USERID') || line(email.text) }))
    .filter(({ value }) => /^[!-?A-~]+@[!-?A-~]+$/.test(value));
  return {
    kind: 'card',
    fullName: text(card, 'FN'),
    familyName: text(name, 'FAMILY'),
    givenName: text(name, 'GIVEN'),
    nickname: text(card, 'NICKNAME'),
    organisation: text(organisation, 'ORGNAME'),
    department: text(organisation, 'ORGUNIT'),
    title: text(card, 'TITLE'),
    role: '',
    emails: emails.slice(0, emailsAtMost),
    phones: [],
    url: '',
    note: '',
  };
}

/** The `vCard` element of a card, as it may leave. */
export function printCard(card: Card): Element {
  const part = (name: string, value: string): Element | undefined => (value === '' ? undefined : xml(name, {}, value));
  const group = (name: string, ...parts: (Element | undefined)[]): Element | undefined =>
    parts.some((each) => each !== undefined) ? xml(name, {}, ...parts) : undefined;
  return xml(
    'vCard',
    { xmlns: cardNs },
    part('FN', card.fullName),
    group('N', part('FAMILY', card.familyName), part('GIVEN', card.givenName)),
    group('ORG', part('ORGNAME', card.organisation), part('ORGUNIT', card.department)),
    part('TITLE', card.title),
    ...card.emails.map(({ value }) => xml('EMAIL', {}, xml('INTERNET', {}), xml('USERID', {}, value))),
  );
}

function useOf(email: XmlElement): CardUse {
  if (child(email, 'WORK') !== undefined) return 'work';
  return child(email, 'HOME') === undefined ? 'other' : 'home';
}

function text(of: XmlElement | undefined, name: string): string {
  return of === undefined ? '' : line(child(of, name)?.text ?? '');
}

function line(said: string): string {
  const one = oneLine(said).trim();
  return one.length > units ? '' : one;
}

function child(of: XmlElement, name: string): XmlElement | undefined {
  return of.children.find((each) => each.ns === cardNs && each.name === name);
}
