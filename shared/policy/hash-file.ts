// A list of keyed hashes as a tool writes it: one a line, # starts a comment.
const digestsAtMost = 200_000;
const problemsAtMost = 100;

/** Reads the text of the list `file`; `text` is undefined where the file is not UTF-8. */
export function readHashList(
  file: string,
  text: string | undefined,
): { readonly digests: readonly string[]; readonly problems: readonly string[] } {
  if (text === undefined) return { digests: [], problems: [`${file}: the text is not UTF-8; save it as UTF-8`] };
  const digests: string[] = [];
  const problems: string[] = [];
  for (const [i, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    if (digests.length > digestsAtMost || problems.length >= problemsAtMost) break;
    if (/^[0-9a-f]{64}$/.test(line)) digests.push(line);
    else problems.push(`${file}:${i + 1}: this is no hash; write 64 hex digits in lower case instead`);
  }
  if (digests.length > digestsAtMost)
    problems.push(`${file}: more than ${digestsAtMost} hashes; split it or make it smaller`);
  if (digests.length === 0 && problems.length === 0) {
    problems.push(`${file}: there is no hash in it; write at least one, or remove the list from content.yaml`);
  }
  return { digests, problems };
}
