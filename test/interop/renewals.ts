// Certificates that change while a site runs: those of a partner, by another CA, and our own.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'node:tls';
import { issueAuthority, issueCertificate } from '../../deploy/certificates/issue.ts';
import type { Site } from '../journeys/site-under-test.ts';
import type { XmppServer } from './xmpp-server.ts';

export type Renewal = {
  /** The CAs, PEM: the one that the policy trusts now, and the one of the new certificate. */
  readonly oldCa: string;
  readonly newCa: string;
  /** Gives the server its new certificate; resolves when it shows it. */
  readonly hand: () => Promise<void>;
};

/** Prepares a certificate of a new CA for the server that plays `domain`. */
export function renewalOf(site: Site, domain: string, server: XmppServer): Renewal {
  const place = site.lab.partners.find((partner) => partner.domain === domain);
  if (place === undefined) throw new Error(`${domain} is no partner of the lab`);
  const authority = issueAuthority({ name: `Second CA of ${domain}` });
  const { certPem, keyPem } = issueCertificate(authority, { dns: [domain] });
  return {
    oldCa: readFileSync(trustFile(site, domain), 'utf8'),
    newCa: authority.certPem,
    hand: async () => {
      await server.renew({ cert: certPem, key: keyPem, ca: readFileSync(place.caFile, 'utf8') });
      if (server.directTlsPort !== 0) await shows(server.directTlsPort, domain, certPem);
    },
  };
}

/** The policy believes these CAs of the partner from now on; the proxy is told at once. */
export function believe(site: Site, domain: string, caPems: string): void {
  writeFileSync(trustFile(site, domain), caPems);
  process.kill(site.pair.pid('gateway'), 'SIGHUP');
  process.kill(site.pair.pid('proxy'), 'SIGHUP');
}

/** The proxy gets another certificate of its CA; resolves when it shows it. */
async function renewOurs(site: Site): Promise<void> {
  const file = (name: string) => join(site.lab.policyDir, '..', 'pki', `proxy-s2s${name}`);
  const authority = { certPem: readFileSync(file('-ca.crt'), 'utf8'), keyPem: readFileSync(file('-ca.key'), 'utf8') };
  const { certPem, keyPem } = issueCertificate(authority, { dns: [...site.lab.internalDomains] });
  writeFileSync(file('.key'), keyPem);
  writeFileSync(file('.crt'), certPem);
  process.kill(site.pair.pid('proxy'), 'SIGHUP');
  await shows(site.lab.proxy.directTls, site.lab.internalDomains[0] ?? '', certPem);
}

/** The same; resolves when no stream of the old certificate is left: they begin anew within half a minute, not all at once. */
export async function renewOursForAll(site: Site): Promise<void> {
  const before = livingStreams(site);
  await renewOurs(site);
  const until = Date.now() + 40_000;
  const old = () => [...livingStreams(site)].filter((stream) => before.has(stream));
  while (old().length > 0 && Date.now() < until) await pause(100);
  assert.deepEqual(old(), [], 'streams of our old certificate');
}

/** The streams that live now, both directions, as the proxy's log tells it. */
function livingStreams(site: Site): ReadonlySet<string> {
  const living = new Set<string>();
  for (const line of site.pair.log('proxy').split('\n')) {
    if (!line.includes('"stream":')) continue;
    const { stream, msg } = JSON.parse(line);
    if (msg === 'partner is connected' || msg === 'partner is reached') living.add(stream);
    else if (msg === 'partner is disconnected' || msg === 'the stream to a partner has ended') living.delete(stream);
  }
  return living;
}

function trustFile(site: Site, domain: string): string {
  return join(site.lab.policyDir, 'trust', `${domain}.pem`);
}

/**
 * Resolves when the port, with TLS from the first byte, shows this certificate to whoever names the domain; rejects after
 * 5 s. To those who name none, Prosody 0.12 goes on showing the old one.
 */
async function shows(port: number, servername: string, certPem: string): Promise<void> {
  const wanted = new X509Certificate(certPem).fingerprint256;
  const until = Date.now() + 5_000;
  while ((await shownAt(port, servername)) !== wanted) {
    if (Date.now() > until) throw new Error(`port ${port} does not show the new certificate`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function shownAt(port: number, servername: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({
      ...{ host: '127.0.0.1', port, servername },
      ...{ rejectUnauthorized: false, ALPNProtocols: ['xmpp-server'] },
    });
    socket.on('secureConnect', () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on('error', () => resolve(''));
  });
}
