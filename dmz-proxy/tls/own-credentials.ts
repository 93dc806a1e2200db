// Which certificate of ours a peer is shown: that of the domain it wants, or the common one (RFC 6066 §3; T11).
import { toAsciiDomain } from '@sallyport/shared/address/domain-name.ts';
import type { CertificateFiles, Renewal } from '@sallyport/shared/certificates/own-certificate.ts';
import type { Instant } from '@sallyport/shared/clock.ts';
import { type Credentials, openCredentials } from './credentials.ts';

/**
 * What we show as this domain of ours, written in its own letters or as TLS names it (A-labels); the common one for every
 * other name, and for none.
 */
export type CredentialsOf = (domain: string) => Credentials;

export type OwnCredentials = {
  readonly of: CredentialsOf;
  /** One line for each thing that partners will hold against those in use. */
  readonly faults: () => readonly string[];
  /** When the first of them ends. */
  readonly until: () => Instant;
  /** Reads all files again. What cannot be used is not taken. */
  readonly reload: () => readonly Renewal[];
  /** Reads each whenever its files have changed. Returns what ends it. */
  readonly watch: (told: (renewal: Renewal) => void) => () => void;
};

/** The common certificate, and those of single domains. Throws with a sentence when files cannot be used. */
export function openOwnCredentials({
  domains,
  certificate,
  certificates,
}: {
  readonly domains: readonly string[];
  readonly certificate: CertificateFiles;
  readonly certificates: readonly (CertificateFiles & { readonly domains: readonly string[] })[];
}): OwnCredentials {
  const apart = new Set(certificates.flatMap((each) => each.domains));
  const common = openCredentials(
    certificate,
    domains.filter((domain) => !apart.has(domain)),
  );
  const others = certificates.map((files) => ({ files, own: openCredentials(files, files.domains) }));
  const all = [common, ...others.map(({ own }) => own)];
  const byName = new Map(
    others.flatMap(({ files, own }) =>
      files.domains.flatMap((domain) => [domain, toAsciiDomain(domain)].map((name) => [name, own] as const)),
    ),
  );
  return {
    of: (domain) => (byName.get(domain) ?? common).current(),
    faults: () => all.flatMap((own) => own.faults()),
    until: () => Math.min(...all.map((own) => own.current().notAfter)),
    reload: () => all.map((own) => own.reload()),
    watch(told) {
      const ends = all.map((own) => own.watch(told));
      return () => {
        for (const end of ends) end();
      };
    },
  };
}
