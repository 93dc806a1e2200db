// The keys of server dialback: a keyed HMAC over the pair of domains and the stream's id (XEP-0185; D2, D3).
import { createHmac, hash, timingSafeEqual } from 'node:crypto';

export type DialbackKeys = {
  /**
   * The key that a server which stands for `originating` says on the stream to `receiving`. `streamId` is the one on the
   * header of `receiving`.
   */
  readonly keyFor: (receiving: string, originating: string, streamId: string) => string;
  /** Whether `key` is that one. Nothing is remembered, and the time it takes tells nothing. */
  readonly matches: (key: string, receiving: string, originating: string, streamId: string) => boolean;
};

/** The keys of all nodes that share this secret. */
export function createDialbackKeys(secret: string): DialbackKeys {
  // XEP-0185 keys the HMAC with the hash as text, in lower case.
  const hmacKey = hash('sha256', secret);

  function keyFor(receiving: string, originating: string, streamId: string): string {
    return createHmac('sha256', hmacKey).update(`${receiving} ${originating} ${streamId}`).digest('hex');
  }

  return {
    keyFor,
    matches(key, receiving, originating, streamId) {
      const said = Buffer.from(key);
      const right = Buffer.from(keyFor(receiving, originating, streamId));
      return said.length === right.length && timingSafeEqual(said, right);
    },
  };
}
