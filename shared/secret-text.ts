// Whether the text of a secret is long and varied enough, alike where it is used and where settings are checked.

/** 256 bits, as hex digits are the most common way to write them. */
const charactersAtLeast = 64;
const differentAtLeast = 8;

/** What is wrong with it and what to do, for behind the name of its file; undefined: nothing. White space at its ends is no part. */
export function secretTrouble(text: string): string | undefined {
  const secret = text.trim();
  if (secret.length >= charactersAtLeast && new Set(secret).size >= differentAtLeast) return undefined;
  return 'the secret is too short or too plain; write 64 hex digits, as openssl rand -hex 32 gives';
}
