// Reads the key that seals what is kept: 32 random bytes in a file of its own.
import { readFileSync, statSync } from 'node:fs';
import type { Log } from '@sallyport/shared/log.ts';
import { keyBytes } from './seal.ts';

/** The key of the `store` or the `quarantine`. Throws with one line: what is wrong with it, and how to make one. */
export function readSealKey(name: string, keyFile: string, log: Log): Uint8Array {
  const mend = `make it once with: head -c ${keyBytes} /dev/urandom > ${keyFile}; chmod 400 ${keyFile}`;
  let key: Buffer;
  try {
    key = readFileSync(keyFile);
    if ((statSync(keyFile).mode & 0o007) !== 0)
      log.warn({ keyFile }, `everybody on this machine can read the ${name} key`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`the ${name} key ${keyFile} cannot be read (${why}): ${mend}`);
  }
  if (key.length !== keyBytes) {
    throw new Error(`the ${name} key ${keyFile} has ${key.length} bytes, ${keyBytes} are needed: ${mend}`);
  }
  return key;
}
