// Which signatures on certificates and revocation lists are strong enough, and how Node checks them (RFC 4055, 5758, 8410).
import { constants, type KeyObject, verify } from 'node:crypto';
import * as pkijs from 'pkijs';

type Digest = 'sha256' | 'sha384' | 'sha512';

const PSS = '1.2.840.113549.1.1.10';
const ED25519 = '1.3.101.112';
const DIGESTS: Readonly<Record<string, Digest>> = {
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

/** The digest of a signature that we take ('none' for Ed25519); undefined for SHA-1, MD5 and everything unknown. */
export function digestOf(algorithm: pkijs.AlgorithmIdentifier): Digest | 'none' | undefined {
  if (algorithm.algorithmId === ED25519) return 'none';
  if (algorithm.algorithmId !== PSS) return DIGESTS[algorithm.algorithmId];
  const parameters = new pkijs.RSASSAPSSParams({ schema: algorithm.algorithmParams });
  return DIGESTS[parameters.hashAlgorithm.algorithmId];
}

/** Whether `signature` over `data` was made by the owner of `key`, with an algorithm that we take. */
export function signedBy(
  key: KeyObject,
  algorithm: pkijs.AlgorithmIdentifier,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  const digest = digestOf(algorithm);
  if (digest === undefined) return false;
  if (digest === 'none') return verify(null, data, key, signature);
  if (algorithm.algorithmId !== PSS) return verify(digest, data, key, signature);
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  return verify(digest, data, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_AUTO }, signature);
}
