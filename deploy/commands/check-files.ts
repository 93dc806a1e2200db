// Checks the files that settings name: certificates and their keys, the wall's credentials, folders, secrets.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { ProxySettings } from '@sallyport/dmz-proxy/settings.ts';
import type { GatewaySettings } from '@sallyport/inner-gateway/settings.ts';
import { matchDomain, matchHost } from '@sallyport/shared/certificates/check-peer.ts';
import type { PeerCertificate } from '@sallyport/shared/certificates/peer-certificate.ts';
import { readCertificates } from '@sallyport/shared/certificates/read-certificate.ts';
import { readRevocationLists } from '@sallyport/shared/certificates/revocation.ts';
import { fileTrouble } from '@sallyport/shared/file-trouble.ts';
import { type LinkFiles, linkCredentials, uriNames } from '@sallyport/shared/mutual-tls.ts';
import { readOperators, signersTrouble } from '@sallyport/shared/policy/operators.ts';
import { secretTrouble } from '@sallyport/shared/secret-text.ts';

type CertificateFiles = { readonly certFile: string; readonly keyFile: string };

/** All that is wrong, one line each: the key in the settings, the file, the mend. */
export function proxyFileProblems(settings: ProxySettings): readonly string[] {
  const lacks = (domains: readonly string[]) => (leaf: PeerCertificate) =>
    domains.filter((domain) => matchDomain(leaf, domain) === undefined);
  const apart = settings.certificates.flatMap(({ domains }) => domains);
  const common = settings.domains.filter((domain) => !apart.includes(domain));
  return [
    ...certificateProblems('certificate', settings.certificate, lacks(common)),
    ...settings.certificates.flatMap((each, index) =>
      certificateProblems(`certificates[${index}]`, each, lacks(each.domains)),
    ),
    ...linkProblems(settings.link, settings.link.uri),
    ...(settings.dialback === undefined ? [] : secretProblems('dialback.secretFile', settings.dialback.secretFile)),
    ...folderProblems('policy', settings.policy),
    ...signatureProblems(settings.policySignatures),
  ];
}

/** All that is wrong, one line each: the key in the settings, the file, the mend. */
export function gatewayFileProblems(settings: GatewaySettings): readonly string[] {
  const { fqdn, certificate, peers } = settings.sip;
  const lacksFqdn = (leaf: PeerCertificate) =>
    matchHost(leaf, [fqdn], { wildcard: false }) === undefined ? [fqdn] : [];
  return [
    ...certificateProblems('sip.certificate', certificate, lacksFqdn),
    ...peers.flatMap(({ caFile }, index) => authorityProblems(`sip.peers[${index}].caFile`, caFile)),
    ...peers.flatMap(({ crlFile }, index) => listProblems(`sip.peers[${index}].crlFile`, crlFile)),
    ...linkProblems(settings.link, settings.link.uri),
    ...storeKeyProblems('store.keyFile', settings.store.keyFile),
    ...(settings.quarantine === undefined ? [] : storeKeyProblems('quarantine.keyFile', settings.quarantine.keyFile)),
    ...folderProblems('policy', settings.policy),
    ...signatureProblems(settings.policySignatures),
  ];
}

function certificateProblems(
  key: string,
  { certFile, keyFile }: CertificateFiles,
  lacking: (leaf: PeerCertificate) => readonly string[],
): readonly string[] {
  const cert = textOf(certFile);
  const privateKey = textOf(keyFile);
  const troubles = [cert, privateKey].flatMap((read) => ('trouble' in read ? [read.trouble] : []));
  if ('trouble' in cert || 'trouble' in privateKey) return troubles.map((trouble) => `${key}: ${trouble}`);
  const leaf = readCertificates(cert.text)[0]?.peer;
  if (leaf === undefined)
    return [`${key}: ${certFile}: no certificate in it; write the certificate with its chain as PEM`];
  const now = Date.now();
  const problems = [
    ...openKeyProblems(keyFile),
    ...(keyFits(cert.text, privateKey.text)
      ? []
      : [`${keyFile}: the key does not match the certificate in ${certFile}`]),
    ...(now > leaf.notAfter ? [`${certFile}: expired on ${dayOf(leaf.notAfter)}; have it issued anew`] : []),
    ...(now < leaf.notBefore ? [`${certFile}: not valid before ${dayOf(leaf.notBefore)}; look at the clock`] : []),
    ...lacking(leaf).map(
      (name) => `${certFile}: the certificate does not carry the name ${name}; have it issued with it`,
    ),
  ];
  return problems.map((problem) => `${key}: ${problem}`);
}

function linkProblems(files: LinkFiles, uri: string): readonly string[] {
  try {
    const { cert } = linkCredentials(files).read();
    const names = uriNames(new X509Certificate(cert).raw);
    const open = openKeyProblems(files.keyFile).map((problem) => `link: ${problem}`);
    if (names.includes(uri)) return open;
    const instead = names.length === 0 ? 'none' : names.join(', ');
    return [
      ...open,
      `link.uri: ${files.certFile} does not carry ${uri} (it carries ${instead}); have it issued with it`,
    ];
  } catch (error) {
    return [`link: ${error instanceof Error ? error.message : String(error)}`];
  }
}

function listProblems(key: string, crlFile: string | undefined): readonly string[] {
  if (crlFile === undefined) return [];
  const crl = textOf(crlFile);
  if ('trouble' in crl) return [`${key}: ${crl.trouble}`];
  const lists = readRevocationLists(crl.text);
  if (lists === undefined) return [`${key}: ${crlFile}: no revocation list in it; write it as PEM, "BEGIN X509 CRL"`];
  return lists.flatMap(({ nextUpdate }) =>
    nextUpdate !== undefined && nextUpdate < Date.now()
      ? [`${key}: ${crlFile}: the revocation list expired on ${dayOf(nextUpdate)}; have the CA issue a new one`]
      : [],
  );
}

function authorityProblems(key: string, caFile: string): readonly string[] {
  const ca = textOf(caFile);
  if ('trouble' in ca) return [`${key}: ${ca.trouble}`];
  return readCertificates(ca.text).length > 0 ? [] : [`${key}: ${caFile}: no certificate in it; write the CA as PEM`];
}

function storeKeyProblems(key: string, file: string): readonly string[] {
  try {
    const bytes = readFileSync(file).length;
    const length =
      bytes === 32 ? [] : [`${key}: ${file}: ${bytes} bytes, 32 are needed; make it with: openssl rand 32`];
    return [...length, ...openKeyProblems(file).map((problem) => `${key}: ${problem}`)];
  } catch (error) {
    return [`${key}: ${fileTrouble(file, error)}`];
  }
}

function secretProblems(key: string, file: string): readonly string[] {
  const read = textOf(file);
  if ('trouble' in read) return [`${key}: ${read.trouble}`];
  const trouble = secretTrouble(read.text);
  const poor = trouble === undefined ? [] : [`${file}: ${trouble}`];
  return [...poor, ...openKeyProblems(file)].map((problem) => `${key}: ${problem}`);
}

function folderProblems(key: string, folder: string): readonly string[] {
  const there = statSync(folder, { throwIfNoEntry: false });
  return there?.isDirectory() === true ? [] : [`${key}: ${folder}: there is no such folder; put the policy there`];
}

function signatureProblems(signatures: ProxySettings['policySignatures']): readonly string[] {
  if (signatures === undefined) return [];
  const { operatorsFile, required } = signatures;
  const key = 'policySignatures.operatorsFile';
  const file = textOf(operatorsFile);
  if ('trouble' in file) return [`${key}: ${file.trouble}`];
  const read = readOperators(operatorsFile, file.text);
  if (!read.ok) return read.problems.map((problem) => `${key}: ${problem}`);
  const trouble = signersTrouble(read.operators, required);
  const writable = ((statSync(operatorsFile, { throwIfNoEntry: false })?.mode ?? 0) & 0o002) !== 0;
  return [
    ...(trouble === undefined ? [] : [`${key}: ${operatorsFile}: ${trouble}`]),
    ...(writable
      ? [`${key}: ${operatorsFile}: everybody on this machine may write it; write chmod 644 ${operatorsFile}`]
      : []),
  ];
}

function openKeyProblems(keyFile: string): readonly string[] {
  const mode = statSync(keyFile, { throwIfNoEntry: false })?.mode ?? 0;
  return (mode & 0o007) === 0 ? [] : [`${keyFile}: everybody on this machine may read it; write chmod 600 ${keyFile}`];
}

function keyFits(certPem: string, keyPem: string): boolean {
  try {
    return new X509Certificate(certPem).checkPrivateKey(createPrivateKey(keyPem));
  } catch {
    return false;
  }
}

function textOf(file: string): { readonly text: string } | { readonly trouble: string } {
  try {
    return { text: readFileSync(file, 'utf8') };
  } catch (error) {
    return { trouble: fileTrouble(file, error) };
  }
}

function dayOf(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}
