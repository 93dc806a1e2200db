// The certificate that we show to front ends and edges, and whom we believe: read, checked, and read again when a file
// has changed (sip-dialect §2.1; invariant I9).
import { matchHost } from '@sallyport/shared/certificates/check-peer.ts';
import { type OwnCertificate, openOwnCertificate, pemText } from '@sallyport/shared/certificates/own-certificate.ts';
import { readRevocationLists } from '@sallyport/shared/certificates/revocation.ts';
import type { Log } from '@sallyport/shared/log.ts';
import { watchFiles } from '@sallyport/shared/watch-files.ts';
import type { GatewaySettings } from '../../../settings.ts';
import type { PeerSettings, PeerTrust } from './peer-group.ts';

export type OwnTls = {
  readonly certPem: string;
  readonly keyPem: string;
  /** Counts the certificates so far; a connection that was dialled with an older one is made anew. */
  readonly generation: number;
};

export type SipCredentials = {
  readonly own: () => OwnTls;
  /** Whom we believe to be this peer; another object once it has changed. */
  readonly trustOf: (peer: PeerSettings) => PeerTrust;
  /** Reads all files again (SIGHUP). What cannot be used is logged, and the old one of it stays. */
  readonly reload: () => void;
  /** Reads each again whenever it has changed. Returns what ends it. */
  readonly watch: () => () => void;
};

/**
 * Reads all certificate files of the settings. Throws with one line for the first that cannot be used: without them
 * there is no adapter. `everyMs` is how often the files are looked at.
 */
export function openSipCredentials(sip: GatewaySettings['sip'], log: Log, everyMs?: number): SipCredentials {
  const options = everyMs === undefined ? {} : { everyMs };
  const own: OwnCertificate<OwnTls> = openOwnCertificate(
    sip.certificate,
    [sip.fqdn],
    (leaf, name) => matchHost(leaf, [name], { wildcard: false }) !== undefined,
    ({ cert, key }, generation) => ({ certPem: cert, keyPem: key, generation }),
  );
  for (const line of own.faults()) log.warn({ reason: line }, 'SIP peers will not like our certificate');
  const trusts = new Map<string, PeerTrust>();
  for (const peer of sip.peers) trusts.set(keyOf(peer), readTrust(peer));

  function renewed(result: ReturnType<typeof own.reload>): void {
    if (!result.ok) log.error({ reason: result.reason }, 'the new SIP certificate cannot be used; the old one stays');
    else if (result.changed) log.info({}, 'our new SIP certificate is in use');
  }

  // INVARIANT: each file stands alone: a bad certificate of ours must not keep a new revocation list out.
  function readAgain(peer: PeerSettings): void {
    try {
      const before = trusts.get(keyOf(peer));
      const trust = readTrust(peer);
      if (trust.digest === before?.digest) return;
      trusts.set(keyOf(peer), trust);
      log.info({ peer: peer.fqdn }, 'new CA certificates or revocation lists are in force');
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unreadable';
      log.error(
        { peer: peer.fqdn, reason },
        'new CA certificates or revocation lists cannot be used; the old ones stay',
      );
    }
  }

  return {
    own: own.current,
    trustOf: (peer) => trusts.get(keyOf(peer)) ?? nobody,
    reload() {
      renewed(own.reload());
      for (const peer of sip.peers) readAgain(peer);
    },
    watch() {
      const ends = sip.peers.map((peer) => watchFiles(filesOf(peer), () => readAgain(peer), options));
      ends.push(own.watch(renewed, everyMs));
      return () => {
        for (const end of ends) end();
      };
    },
  };
}

const nobody: PeerTrust = { cas: [], crls: [], due: undefined, digest: '' };

function keyOf(peer: PeerSettings): string {
  return filesOf(peer).join('\n');
}

function filesOf({ caFile, crlFile }: PeerSettings): readonly string[] {
  return crlFile === undefined ? [caFile] : [caFile, crlFile];
}

function readTrust({ caFile, crlFile }: PeerSettings): PeerTrust {
  const ca = pemText(caFile);
  const cas = ca.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (cas.length === 0) throw new Error(`${caFile}: no certificate in it; write the CA certificate as PEM`);
  if (crlFile === undefined) return { cas, crls: [], due: undefined, digest: ca };
  const crl = pemText(crlFile);
  const lists = readRevocationLists(crl);
  if (lists === undefined) throw new Error(`${crlFile}: no revocation list in it; write it as PEM, "BEGIN X509 CRL"`);
  const due = Math.min(...lists.map(({ nextUpdate }) => nextUpdate ?? Number.POSITIVE_INFINITY));
  return { cas, crls: [crl], due, digest: `${ca}\n${crl}` };
}
