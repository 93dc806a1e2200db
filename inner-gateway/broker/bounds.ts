// How much may be unsettled at once (architecture §4.1 point 5, I10). At the bound new packets are refused.
import type { Packet } from '@sallyport/shared/packet.ts';
import { charactersOf } from '@sallyport/shared/texts-of.ts';
import type { Network } from '../adapters/adapter.ts';

export const perPair = 32;
export const perPartner = { packets: 1_000, bytes: 16 * 2 ** 20 };

const overhead = 512;

/** One partner domain in one direction, so that the two directions cannot block each other. */
export type Account = { readonly origin: Network; readonly partner: string; packets: number; bytes: number };

export type Bounds = {
  readonly accountOf: (packet: Packet, origin: Network) => Account;
  readonly isFull: (account: Account, bytes: number) => boolean;
  readonly charge: (account: Account, bytes: number) => void;
  readonly release: (account: Account, bytes: number) => void;
};

export function createBounds(): Bounds {
  const accounts = { xmpp: new Map<string, Account>(), sip: new Map<string, Account>() };
  return {
    accountOf(packet, origin) {
      const partner = origin === 'xmpp' ? packet.from.domain : packet.to.domain;
      return accounts[origin].get(partner) ?? { origin, partner, packets: 0, bytes: 0 };
    },
    isFull: (account, bytes) => account.packets >= perPartner.packets || account.bytes + bytes > perPartner.bytes,
    charge(account, bytes) {
      account.packets += 1;
      account.bytes += bytes;
      accounts[account.origin].set(account.partner, account);
    },
    release(account, bytes) {
      account.packets -= 1;
      account.bytes -= bytes;
      if (account.packets === 0) accounts[account.origin].delete(account.partner);
    },
  };
}

/** About what a packet takes in memory: its texts and a constant. */
export function sizeOf(packet: Packet): number {
  return overhead + charactersOf(packet) * 2;
}

/** The order is kept among the packets of one pair. A space stands in no bare address. */
export function pairOf(packet: Packet): string {
  return `${packet.from.bare} ${packet.to.bare}`;
}
