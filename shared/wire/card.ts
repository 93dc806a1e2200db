// A contact card in the shape of boundary.proto, there and back.
import type {
  Card as WireCard,
  Card__Output as WireCardRead,
} from '@sallyport/proto/generated/sallyport/boundary/v1/Card.ts';
import type { Card } from '../packet.ts';
import { bounded, cardUses } from './fields.ts';

const addressFields = ['street', 'locality', 'region', 'postalCode', 'country', 'office'] as const;

export function cardToWire(card: Card): WireCard {
  return {
    fullName: card.fullName,
    familyName: card.familyName,
    givenName: card.givenName,
    nickname: card.nickname,
    organisation: card.organisation,
    department: card.department,
    title: card.title,
    role: card.role,
    emails: card.emails.map((each) => ({ use: cardUses.write(each.use), value: each.value })),
    phones: card.phones.map((each) => ({ use: cardUses.write(each.use), value: each.value })),
    url: card.url,
    address: card.address ?? null,
    note: card.note,
  };
}

/** undefined where a field is not what the contract promises. */
export function cardFromWire(wire: WireCardRead | null | undefined): Card | undefined {
  if (wire === null || wire === undefined) return undefined;
  const short = [
    wire.fullName,
    wire.familyName,
    wire.givenName,
    wire.nickname,
    wire.organisation,
    wire.department,
    wire.title,
    wire.role,
    wire.url,
  ];
  if (short.some((text) => bounded(text, 256) === undefined) || bounded(wire.note, 1024) === undefined)
    return undefined;
  const emails = uses(wire.emails);
  const phones = uses(wire.phones);
  if (emails === undefined || phones === undefined) return undefined;
  const address = wire.address;
  if (address !== null && addressFields.some((field) => bounded(address[field], 256) === undefined)) return undefined;
  return {
    kind: 'card',
    fullName: wire.fullName,
    familyName: wire.familyName,
    givenName: wire.givenName,
    nickname: wire.nickname,
    organisation: wire.organisation,
    department: wire.department,
    title: wire.title,
    role: wire.role,
    emails,
    phones,
    url: wire.url,
    ...(address === null
      ? {}
      : {
          address: {
            street: address.street,
            locality: address.locality,
            region: address.region,
            postalCode: address.postalCode,
            country: address.country,
            office: address.office,
          },
        }),
    note: wire.note,
  };
}

function uses(wire: WireCardRead['emails']): Card['emails'] | undefined {
  if (wire.length > 8) return undefined;
  const read: { use: Card['emails'][number]['use']; value: string }[] = [];
  for (const each of wire) {
    const use = cardUses.read(each.use);
    const value = bounded(each.value, 256);
    if (use === undefined || value === undefined) return undefined;
    read.push({ use, value });
  }
  return read;
}
