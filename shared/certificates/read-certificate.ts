// Reads one certificate from DER into what path validation needs to know (RFC 5280 §4); names come from DER alone.
import { createHash, X509Certificate } from 'node:crypto';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import type { PeerCertificate, PeerName } from './peer-certificate.ts';
import { digestOf } from './signature-algorithm.ts';

/** A certificate as the path sees it. Distinguished names are kept as the hex of their DER. */
export type ReadCertificate = {
  readonly peer: PeerCertificate;
  readonly x509: X509Certificate;
  readonly serial: string;
  readonly subjectDer: string;
  readonly issuerDer: string;
  readonly subjectName: pkijs.RelativeDistinguishedNames;
  readonly isCa: boolean;
  readonly pathLength: number | undefined;
  /** The bits of key usage, or undefined where the extension is absent. */
  readonly keyUsage: { readonly certSign: boolean; readonly crlSign: boolean } | undefined;
  /** The object identifiers of extended key usage, or undefined where the extension is absent. */
  readonly usages: readonly string[] | undefined;
  readonly nameConstraints: pkijs.NameConstraints | undefined;
  readonly hasUnknownCritical: boolean;
  readonly keyIsStrong: boolean;
  readonly signatureIsStrong: boolean;
};

/** Larger certificates are not read: 16 KiB (xmpp-boundary C11). */
export const LARGEST_CERTIFICATE = 16_384;
/** Further names of a certificate are not looked at (xmpp-boundary C11). */
const MOST_NAMES = 100;

const PEM = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END/g;

const OID = {
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  certificatePolicies: '2.5.29.32',
  policyConstraints: '2.5.29.36',
  extendedKeyUsage: '2.5.29.37',
  inhibitAnyPolicy: '2.5.29.54',
  commonName: '2.5.4.3',
  xmppAddr: '1.3.6.1.5.5.7.8.5',
  srvName: '1.3.6.1.5.5.7.8.7',
} as const;
/** What may be marked critical: what we act on, and certificate policies, which nobody here asks for (as in OpenSSL). */
const KNOWN_CRITICAL: ReadonlySet<string> = new Set([
  OID.keyUsage,
  OID.subjectAltName,
  OID.basicConstraints,
  OID.nameConstraints,
  OID.certificatePolicies,
  OID.policyConstraints,
  OID.extendedKeyUsage,
  OID.inhibitAnyPolicy,
]);

/** The certificate, or undefined where the bytes are not exactly one well-formed certificate of at most 16 KiB. */
export function readCertificate(der: Uint8Array): ReadCertificate | undefined {
  if (der.length > LARGEST_CERTIFICATE) return undefined;
  try {
    const x509 = new X509Certificate(der);
    // INVARIANT: the two parsers see the same bytes: nothing follows the certificate, nothing is re-encoded.
    if (Buffer.compare(x509.raw, der) !== 0) return undefined;
    return partsOf(der, x509, pkijs.Certificate.fromBER(der));
  } catch {
    return undefined; // Hostile bytes make parsers throw; that is all there is to know about them.
  }
}

/** The certificates in a PEM text, in its order; those that cannot be read are left out. */
export function readCertificates(pem: string): readonly ReadCertificate[] {
  return [...pem.matchAll(PEM)].flatMap((match) => {
    const read = readCertificate(Buffer.from(match[1] ?? '', 'base64'));
    return read === undefined ? [] : [read];
  });
}

/** Of so many certificates the URI names are remembered: whoever knocks again is not read again. */
const REMEMBERED_URIS = 64;
const uris = new Map<string, readonly string[]>();

/** The URI names (RFC 5280 §4.2.1.6) in a certificate, from DER; none where it cannot be read. */
export function uriNamesOf(der: Uint8Array): readonly string[] {
  const key = createHash('sha256').update(der).digest('base64');
  const known = uris.get(key);
  if (known !== undefined) return known;
  const names = (readCertificate(der)?.peer.names ?? []).flatMap(({ kind, name }) => (kind === 'URI' ? [name] : []));
  if (uris.size >= REMEMBERED_URIS) uris.clear();
  uris.set(key, names);
  return names;
}

function partsOf(der: Uint8Array, x509: X509Certificate, certificate: pkijs.Certificate): ReadCertificate | undefined {
  const extensions = certificate.extensions ?? [];
  if (new Set(extensions.map((each) => each.extnID)).size !== extensions.length) return undefined;
  const value = (oid: string) => extensions.find((each) => each.extnID === oid);
  const san = value(OID.subjectAltName);
  const basic = parsed(value(OID.basicConstraints), pkijs.BasicConstraints);
  const usages = parsed(value(OID.extendedKeyUsage), pkijs.ExtKeyUsage);
  const constraints = parsed(value(OID.nameConstraints), pkijs.NameConstraints);
  const keyUsage = parsed(value(OID.keyUsage), asn1js.BitString)?.valueBlock.valueHexView[0];
  return {
    peer: {
      sha256: createHash('sha256').update(der).digest('hex'),
      notBefore: x509.validFromDate.getTime(),
      notAfter: x509.validToDate.getTime(),
      issuer: oneLine(x509.issuer),
      subject: oneLine(x509.subject),
      commonName: commonNameOf(certificate.subject),
      hasSan: san !== undefined,
      names: san === undefined ? [] : namesOf(san.extnValue.valueBlock.valueHexView),
    },
    x509,
    serial: hex(certificate.serialNumber.valueBlock.valueHexView),
    subjectDer: hex(new Uint8Array(certificate.subject.valueBeforeDecode)),
    issuerDer: hex(new Uint8Array(certificate.issuer.valueBeforeDecode)),
    subjectName: certificate.subject,
    isCa: basic?.cA === true,
    pathLength: typeof basic?.pathLenConstraint === 'number' ? basic.pathLenConstraint : undefined,
    keyUsage:
      value(OID.keyUsage) === undefined
        ? undefined
        : { certSign: ((keyUsage ?? 0) & 0x04) !== 0, crlSign: ((keyUsage ?? 0) & 0x02) !== 0 },
    usages: usages?.keyPurposes,
    nameConstraints: constraints,
    hasUnknownCritical: extensions.some((each) => each.critical && !KNOWN_CRITICAL.has(each.extnID)),
    keyIsStrong: keyIsStrong(x509),
    signatureIsStrong: digestOf(certificate.signatureAlgorithm) !== undefined,
  };
}

/** The extension as its type; a present extension that does not parse makes the whole certificate unreadable. */
function parsed<T>(extension: pkijs.Extension | undefined, type: new (...args: never[]) => T): T | undefined {
  if (extension === undefined) return undefined;
  const value = extension.parsedValue;
  // INVARIANT: pkijs gives an empty value with a note where it could not read one; empty constraints would constrain nothing.
  const isMalformed = value !== undefined && 'parsingError' in value && value.parsingError !== undefined;
  if (isMalformed || !(value instanceof type)) throw new TypeError(`extension ${extension.extnID} is malformed`);
  return value;
}

/** RSA 2048 to 8192, the three NIST curves, Ed25519 (xmpp-boundary C11). */
function keyIsStrong(x509: X509Certificate): boolean {
  const key = x509.publicKey;
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  switch (key.asymmetricKeyType) {
    case 'rsa':
    case 'rsa-pss':
      return bits >= 2048 && bits <= 8192;
    case 'ec':
      return ['prime256v1', 'secp384r1', 'secp521r1'].includes(key.asymmetricKeyDetails?.namedCurve ?? '');
    case 'ed25519':
      return true;
    default:
      return false;
  }
}

function namesOf(der: Uint8Array): readonly PeerName[] {
  const { result } = asn1js.fromBER(der);
  if (!(result instanceof asn1js.Sequence)) throw new TypeError('subjectAltName is malformed');
  return result.valueBlock.value.slice(0, MOST_NAMES).flatMap(nameOf);
}

/** One GeneralName; kinds that we never use, and text that is not printable, yield nothing. */
function nameOf(block: asn1js.AsnType): readonly PeerName[] {
  if (block.idBlock.tagClass !== 3) throw new TypeError('subjectAltName is malformed');
  if (block instanceof asn1js.Constructed) {
    return block.idBlock.tagNumber === 0 ? otherNameOf(block.valueBlock.value) : [];
  }
  if (!(block instanceof asn1js.Primitive)) return [];
  const bytes = block.valueBlock.valueHexView;
  switch (block.idBlock.tagNumber) {
    case 2:
      return printable('DNS', bytes);
    case 6:
      return printable('URI', bytes);
    case 7:
      return addressOf(bytes);
    default:
      return [];
  }
}

function otherNameOf(parts: readonly asn1js.AsnType[]): readonly PeerName[] {
  const [oid, wrapped] = parts;
  if (!(oid instanceof asn1js.ObjectIdentifier) || !(wrapped instanceof asn1js.Constructed)) return [];
  const value = wrapped.valueBlock.value[0];
  switch (oid.valueBlock.toString()) {
    case OID.srvName:
      return value instanceof asn1js.IA5String ? printable('SRV', value.valueBlock.valueHexView) : [];
    case OID.xmppAddr:
      return value instanceof asn1js.Utf8String ? unicode('xmppAddr', value.valueBlock.valueHexView) : [];
    default:
      return [];
  }
}

function printable(kind: PeerName['kind'], bytes: Uint8Array): readonly PeerName[] {
  const isPrintable = bytes.length > 0 && bytes.every((byte) => byte > 0x20 && byte < 0x7f);
  return isPrintable ? [{ kind, name: Buffer.from(bytes).toString('latin1') }] : [];
}

function unicode(kind: PeerName['kind'], bytes: Uint8Array): readonly PeerName[] {
  const name = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  return name === '' || /[\p{C}\p{Z}]/u.test(name) ? [] : [{ kind, name }];
}

function addressOf(bytes: Uint8Array): readonly PeerName[] {
  if (bytes.length === 4) return [{ kind: 'IP', name: bytes.join('.') }];
  if (bytes.length !== 16) return [];
  const groups = hex(bytes).match(/.{4}/g) ?? [];
  return [{ kind: 'IP', name: groups.join(':') }];
}

/** The last common name of the subject; undefined where there is none or it holds anything but printable ASCII. */
function commonNameOf(subject: pkijs.RelativeDistinguishedNames): string | undefined {
  const value: unknown = subject.typesAndValues.findLast((each) => each.type === OID.commonName)?.value.valueBlock
    .value;
  return typeof value === 'string' && /^[\x20-\x7e]+$/.test(value) ? value : undefined;
}

/** Node prints a distinguished name one part a line; control characters are escaped already. */
function oneLine(name: string): string {
  return name.split('\n').join(', ');
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
