// Issues certificates and revocation lists (RFC 5280) from a private CA: for the lab, for tests and for the wall.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { Integer, OctetString } from 'asn1js';
import forge from 'node-forge';
import * as pkijs from 'pkijs';
import { dnsName, type Names, subjectAltName } from './subject-alt-name.ts';

/** A CA: its certificate and its private key (PKCS #8), both PEM. */
export type Authority = { readonly certPem: string; readonly keyPem: string };
export type Issued = { readonly certPem: string; readonly keyPem: string };
export type Usage = 'serverAuth' | 'clientAuth';

export type AuthorityOptions = {
  /** The common name of the CA. */
  readonly name: string;
  /** Days until it expires; ten years unless told. */
  readonly days?: number;
  /** The CA that issues this one; itself unless told. */
  readonly issuedBy?: Authority;
  /** How many CAs may stand below this one; 0 unless told. */
  readonly pathLength?: number;
  /** Names under which alone it may issue: domains (name constraints, RFC 5280 §4.2.1.10). */
  readonly permittedDns?: readonly string[];
};

export type CertificateOptions = Names & {
  /** The common name; the first DNS name unless told. */
  readonly commonName?: string;
  /** Extended key usage: both unless told; an empty list leaves the extension out. */
  readonly usages?: readonly Usage[];
  /** A minute ago unless told. */
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** Days until it expires, where notAfter is not told; 90 unless told. */
  readonly days?: number;
  /** Signed by its own key; the authority is then not asked. */
  readonly selfSigned?: boolean;
  /** RSA key size; 2048 unless told. Tests make keys that are too small. */
  readonly keyBits?: number;
  /** The private key to certify (RSA, PEM); a new one unless told. */
  readonly keyPem?: string;
};

export type CrlOptions = {
  readonly thisUpdate?: Date;
  /** When the next list is due; 30 days after this one unless told. */
  readonly nextUpdate?: Date;
  readonly number?: number;
};

const DAY = 86_400_000;

/** A new CA with an RSA-2048 key, signed by itself or by `issuedBy`. */
export function issueAuthority(options: AuthorityOptions): Authority {
  const key = newKeyPem(2048);
  const notBefore = new Date(Date.now() - 60_000);
  const subject = [
    { name: 'organizationName', value: 'Sallyport' },
    { name: 'commonName', value: options.name },
  ];
  return issue({
    key,
    signedBy: options.issuedBy,
    subject,
    notBefore,
    notAfter: new Date(notBefore.getTime() + (options.days ?? 3650) * DAY),
    extensions: [
      { name: 'basicConstraints', cA: true, pathLenConstraint: options.pathLength ?? 0, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
      ...(options.permittedDns === undefined ? [] : [nameConstraints(options.permittedDns)]),
    ],
  });
}

/** A new key and its certificate, with the names in the subject alternative name. */
export function issueCertificate(authority: Authority, options: CertificateOptions): Issued {
  const notBefore = options.notBefore ?? new Date(Date.now() - 60_000);
  const commonName = options.commonName ?? options.dns?.[0];
  return issue({
    key: options.keyPem ?? newKeyPem(options.keyBits ?? 2048),
    signedBy: options.selfSigned === true ? undefined : authority,
    subject: [
      { name: 'organizationName', value: 'Sallyport' },
      ...(commonName === undefined ? [] : [{ name: 'commonName', value: commonName }]),
    ],
    notBefore,
    notAfter: options.notAfter ?? new Date(notBefore.getTime() + (options.days ?? 90) * DAY),
    extensions: leafExtensions(options, options.usages ?? ['serverAuth', 'clientAuth']),
  });
}

/** The revocation list of `authority` as PEM ("X509 CRL"), naming each of `revoked` (certificates, PEM). */
export async function issueCrl(
  authority: Authority,
  revoked: readonly string[],
  options: CrlOptions = {},
): Promise<string> {
  const issuer = pkijs.Certificate.fromBER(derOf(authority.certPem));
  const thisUpdate = options.thisUpdate ?? new Date(Date.now() - 60_000);
  const list = new pkijs.CertificateRevocationList({
    version: 1,
    issuer: issuer.subject,
    thisUpdate: time(thisUpdate),
    nextUpdate: time(options.nextUpdate ?? new Date(thisUpdate.getTime() + 30 * DAY)),
    crlExtensions: new pkijs.Extensions({
      extensions: [crlNumber(options.number ?? Date.now()), authorityKey(authority)],
    }),
  });
  if (revoked.length > 0) {
    list.revokedCertificates = revoked.map(
      (pem) =>
        new pkijs.RevokedCertificate({
          userCertificate: pkijs.Certificate.fromBER(derOf(pem)).serialNumber,
          revocationDate: time(thisUpdate),
        }),
    );
  }
  const key = createPrivateKey(authority.keyPem).toCryptoKey({ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, false, [
    'sign',
  ]);
  await list.sign(key, 'SHA-256');
  return pemOf('X509 CRL', Buffer.from(list.toSchema(true).toBER()));
}

/** A new RSA private key, PKCS #8 PEM; made by Node, since forge takes seconds for one. */
export function newKeyPem(bits: number): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** What a leaf certificate, or a request for one, says about its use and names; in forge's terms. */
export function leafExtensions(names: Names, usages: readonly Usage[]): object[] {
  const san = subjectAltName(names);
  return [
    { name: 'basicConstraints', cA: false },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    ...(usages.length === 0
      ? []
      : [
          { name: 'extKeyUsage', serverAuth: usages.includes('serverAuth'), clientAuth: usages.includes('clientAuth') },
        ]),
    ...(san === undefined ? [] : [san]),
  ];
}

type Parts = {
  readonly key: string;
  readonly signedBy: Authority | undefined;
  readonly subject: forge.pki.CertificateField[];
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extensions: readonly object[];
};

function issue(parts: Parts): Issued {
  const certificate = forge.pki.createCertificate();
  const signer = parts.signedBy === undefined ? undefined : forge.pki.certificateFromPem(parts.signedBy.certPem);
  const signerKey = parts.signedBy?.keyPem ?? parts.key;
  certificate.publicKey = forge.pki.publicKeyFromPem(
    createPublicKey(parts.key).export({ type: 'spki', format: 'pem' }).toString(),
  );
  // INVARIANT: the first byte is 40 to 7f, so the serial is a positive number and its DER needs no padding
  // (RFC 5280 §4.1.2.2); a leading 00 before a byte below 80 is malformed, and forge would write it.
  const serial = randomBytes(16);
  serial.writeUInt8((serial.readUInt8(0) & 0x3f) | 0x40, 0);
  certificate.serialNumber = serial.toString('hex');
  certificate.validity.notBefore = parts.notBefore;
  certificate.validity.notAfter = parts.notAfter;
  certificate.setSubject(parts.subject);
  certificate.setIssuer(signer === undefined ? parts.subject : signer.subject.attributes);
  certificate.setExtensions([
    ...parts.extensions,
    { name: 'subjectKeyIdentifier' },
    { name: 'authorityKeyIdentifier', keyIdentifier: keyIdentifierOf(signerKey) },
  ]);
  certificate.sign(forge.pki.privateKeyFromPem(signerKey), forge.md.sha256.create());
  return { certPem: forge.pki.certificateToPem(certificate), keyPem: parts.key };
}

/** RFC 5280 §4.2.1.2 (1): SHA-1 of the public key, as forge writes it into subjectKeyIdentifier. */
function keyIdentifierOf(keyPem: string): string {
  const key = createPublicKey(keyPem).export({ type: 'pkcs1', format: 'der' });
  return createHash('sha1').update(key).digest().toString('latin1');
}

function nameConstraints(permittedDns: readonly string[]): object {
  const { asn1 } = forge;
  const trees = permittedDns.map((name) =>
    asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, [dnsName(name)]),
  );
  const value = asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, [
    asn1.create(asn1.Class.CONTEXT_SPECIFIC, 0, true, trees),
  ]);
  return { id: '2.5.29.30', critical: true, value: asn1.toDer(value).getBytes() };
}

function crlNumber(number: number): pkijs.Extension {
  return new pkijs.Extension({ extnID: '2.5.29.20', extnValue: new Integer({ value: number }).toBER() });
}

function authorityKey(authority: Authority): pkijs.Extension {
  const keyIdentifier = new OctetString({ valueHex: Buffer.from(keyIdentifierOf(authority.keyPem), 'latin1') });
  const value = new pkijs.AuthorityKeyIdentifier({ keyIdentifier });
  return new pkijs.Extension({ extnID: '2.5.29.35', extnValue: value.toSchema().toBER() });
}

/** UTCTime until 2049, GeneralizedTime from then on (RFC 5280 §4.1.2.5). */
function time(value: Date): pkijs.Time {
  return new pkijs.Time({ type: value.getUTCFullYear() < 2050 ? 0 : 1, value: value });
}

function derOf(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----[A-Z0-9 ]+-----|\s/g, ''), 'base64');
}

function pemOf(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
