// Presence, steps of subscriptions and probes as stanzas (RFC 6121 §3, §4; XEP-0153, 0172, 0203, 0319), in the order
// that the schema of servers asks for.
import { jidText } from '@sallyport/shared/address/jid.ts';
import type { Packet, Presence, Subscription } from '@sallyport/shared/packet.ts';
import { type Element, xml } from '@xmpp/xml';
import { printBuilt } from '../xml/print.ts';
import { avatarUpdateNs, idleNs, nickNs } from './namespaces.ts';

/** Availability; `delay` is put behind where it is late. No capabilities: which client somebody has is nobody's business. */
export function printPresence(packet: Packet, presence: Presence, delay: Element | undefined): string {
  const { availability, statuses, priority, idleSince, avatarHash } = presence;
  const gone = availability === 'unavailable';
  const show = shows[availability];
  return printBuilt(
    xml(
      'presence',
      {
        from: jidText(packet.from),
        to: jidText(packet.to),
        ...(packet.stanzaId === '' ? {} : { id: packet.stanzaId }),
        ...(gone ? { type: 'unavailable' } : {}),
      },
      show === undefined ? undefined : xml('show', {}, show),
      ...statuses.map(({ lang, text }) => xml('status', lang === '' ? {} : { 'xml:lang': lang }, text)),
      gone || priority === 0 ? undefined : xml('priority', {}, String(priority)),
      delay,
      avatarHash === undefined
        ? undefined
        : xml('x', { xmlns: avatarUpdateNs }, xml('photo', {}, ...(avatarHash === null ? [] : [hex(avatarHash)]))),
      idleSince === undefined ? undefined : xml('idle', { xmlns: idleNs, since: new Date(idleSince).toISOString() }),
    ),
  );
}

/** A step of a subscription, between bare addresses. */
export function printSubscription(packet: Packet, { step, nick, note }: Subscription): string {
  if (step === 'unsubscribed') return printUnsubscribed(packet.from.bare, packet.to.bare);
  return betweenUsers(
    packet,
    step,
    note === undefined ? undefined : xml('status', {}, note),
    nick === undefined ? undefined : xml('nick', { xmlns: nickNs }, nick),
  );
}

/** A probe, between bare addresses. */
export function printProbe(packet: Packet): string {
  return betweenUsers(packet, 'probe');
}

/**
 * The answer to a subscription request that reads alike for whoever is not to be seen: somebody who may not be talked to,
 * who does not exist, or whom nobody can ask (RFC 6121 §3.1.3; S15, I5). Without an id, which would tell who answers.
 */
export function printUnsubscribed(from: string, to: string): string {
  return printBuilt(xml('presence', { from, to, type: 'unsubscribed' }));
}

function betweenUsers({ from, to, stanzaId }: Packet, type: string, ...children: (Element | undefined)[]): string {
  const id = stanzaId === '' ? {} : { id: stanzaId };
  return printBuilt(xml('presence', { from: from.bare, to: to.bare, ...id, type }, ...children));
}

const shows: Readonly<Record<Presence['availability'], string | undefined>> = {
  available: undefined,
  'free-to-chat': 'chat',
  away: 'away',
  'extended-away': 'xa',
  'do-not-disturb': 'dnd',
  unavailable: undefined,
};

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
