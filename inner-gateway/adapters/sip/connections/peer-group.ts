// A peer group: one Skype pool with all of its front ends, or one edge; and who of it stands at the other end of a
// TLS connection (sip-dialect §1, §2.1).
import type { TLSSocket } from 'node:tls';
import { checkPeer, matchHost, peerChain } from '@sallyport/shared/certificates/check-peer.ts';
import type { Instant } from '@sallyport/shared/clock.ts';
import type { GatewaySettings } from '../../../settings.ts';

export type PeerSettings = GatewaySettings['sip']['peers'][number];

export type PeerGroup = {
  readonly settings: PeerSettings;
  /** The names that a certificate of this group may carry. */
  readonly names: readonly string[];
  /** Who may have issued it, as the files say now: another object once they have changed. */
  readonly trust: () => PeerTrust;
};

export type PeerTrust = {
  /** CA certificates, PEM. */
  readonly cas: readonly string[];
  /** Their revocation lists, PEM. A list that is out of date still counts for what it names, and refuses nobody else. */
  readonly crls: readonly string[];
  /** When the first of the lists is out of date. */
  readonly due: Instant | undefined;
  readonly digest: string;
};

export type Recognised =
  | {
      readonly known: true;
      readonly group: PeerGroup;
      readonly name: string;
      /** What it has shown, DER, leaf first. */
      readonly chain: readonly Uint8Array[];
      readonly notAfter: Instant;
      /** What it was judged by. */
      readonly trust: PeerTrust;
    }
  | { readonly known: false; readonly why: string };

/** A peer group from its settings. */
export function peerGroup(settings: PeerSettings, trust: () => PeerTrust): PeerGroup {
  return { settings, names: [settings.fqdn, ...settings.alsoNames], trust };
}

/** Why a certificate that was good when its connection began is so no longer; undefined while it is. */
export async function faultNow(
  { group, chain }: Pick<Extract<Recognised, { known: true }>, 'group' | 'chain'>,
  now: Instant,
): Promise<string | undefined> {
  try {
    const { cas, crls } = group.trust();
    const checked = await checkPeer(chain, cas, { now, crls });
    return checked.ok ? undefined : checked.reason;
  } catch {
    return 'not to be checked';
  }
}

/**
 * Which group the far end of a connection belongs to. Node's own verdict is not asked: a certificate for servers
 * alone (serverAuth) is good in both directions. `candidates` holds one group where we dialled, all where we listen.
 */
export async function recognise(
  socket: TLSSocket,
  candidates: readonly PeerGroup[],
  now: Instant,
): Promise<Recognised> {
  try {
    return await recogniseOrThrow(socket, candidates, now);
  } catch {
    return { known: false, why: 'its certificate could not be checked' };
  }
}

async function recogniseOrThrow(
  socket: TLSSocket,
  candidates: readonly PeerGroup[],
  now: Instant,
): Promise<Recognised> {
  const chain = peerChain(socket);
  if (chain.length === 0) return { known: false, why: 'no certificate' };
  let why = 'its certificate carries no name of a known peer';
  for (const group of candidates) {
    const trust = group.trust();
    const checked = await checkPeer(chain, trust.cas, { now, crls: trust.crls });
    if (!checked.ok) {
      if (candidates.length === 1) why = checked.reason;
      continue;
    }
    const name = matchHost(checked.leaf, group.names, { wildcard: group.settings.wildcard });
    if (name === undefined) continue;
    if (group.settings.tls === '1.3' && socket.getProtocol() !== 'TLSv1.3') {
      return { known: false, why: 'a TLS version below the one that is set for it' };
    }
    return { known: true, group, name, chain, notAfter: checked.leaf.notAfter, trust };
  }
  return { known: false, why };
}
