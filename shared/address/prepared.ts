// What a part of an address becomes by preparation, or in words why it is none.

export type Prepared =
  | { readonly text: string }
  /** Completes the sentence "it …". For operators; a peer hears only that the address is malformed. */
  | { readonly trouble: string };
