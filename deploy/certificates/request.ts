// Writes certificate requests (PKCS #10, RFC 2986) for a site's own CAs.
import { createPublicKey } from 'node:crypto';
import forge from 'node-forge';
import { leafExtensions, type Usage } from './issue.ts';
import type { Names } from './subject-alt-name.ts';

export type RequestOptions = Names & {
  readonly commonName: string;
  readonly usages?: readonly Usage[];
};

/** A request, PEM, for the key `keyPem` (PKCS #8, RSA), asking for the names and for both usages unless told. */
export function requestCertificate(keyPem: string, options: RequestOptions): string {
  const request = forge.pki.createCertificationRequest();
  request.publicKey = forge.pki.publicKeyFromPem(
    createPublicKey(keyPem).export({ type: 'spki', format: 'pem' }).toString(),
  );
  request.setSubject([{ name: 'commonName', value: options.commonName }]);
  request.setAttributes([
    { name: 'extensionRequest', extensions: leafExtensions(options, options.usages ?? ['serverAuth', 'clientAuth']) },
  ]);
  request.sign(forge.pki.privateKeyFromPem(keyPem), forge.md.sha256.create());
  return forge.pki.certificationRequestToPem(request);
}
