// The refusal of what breaks the grammar, with words for the audit that quote nothing.

/** `stanza-malformed`, with a note. */
export function malformed(note: string): { passed: false; refusal: { code: 'stanza-malformed'; note: string } } {
  return { passed: false, refusal: { code: 'stanza-malformed', note } };
}
