// Seals the texts that are kept: AES-256-GCM (NIST SP 800-38D), under a key of its own for each opening of the file.
import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync } from 'node:crypto';

export type Seal = {
  readonly close: (text: string, boundTo: string) => Uint8Array;
  /** The text; undefined where the key, the bytes or what they were bound to are others than at sealing. */
  readonly open: (sealed: Uint8Array, boundTo: string) => string | undefined;
};

export const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/**
 * A seal for one opening. The nonce is a counter, which is safe because `salt` is new at each opening: the limit on
 * random nonces (2^32 for a key) would be reached within a month of a busy gateway.
 */
export function createSeal(masterKey: Uint8Array, salt: Uint8Array): Seal {
  // A key object: the cipher unpacks raw bytes anew at each use, which costs more than the whole commit.
  const key = createSecretKey(Buffer.from(hkdfSync('sha256', masterKey, salt, 'sallyport store', keyBytes)));
  let used = 0n;
  return {
    close(text, boundTo) {
      used += 1n;
      const nonce = Buffer.alloc(nonceBytes);
      nonce.writeBigUInt64BE(used, nonceBytes - 8);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      cipher.setAAD(Buffer.from(boundTo));
      const body = cipher.update(text, 'utf8');
      cipher.final();
      return Buffer.concat([nonce, cipher.getAuthTag(), body]);
    },
    open(sealed, boundTo) {
      if (sealed.length < nonceBytes + tagBytes) return undefined;
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes));
      decipher.setAAD(Buffer.from(boundTo));
      decipher.setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes));
      const body = decipher.update(sealed.subarray(nonceBytes + tagBytes));
      try {
        decipher.final();
      } catch {
        return undefined;
      }
      return body.toString('utf8');
    },
  };
}
