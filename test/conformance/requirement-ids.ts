// The ids of everything that the outer door must do: RFC 6120, 6121, 7622 and the XEPs, cut into single requirements.
// `requirements.yaml` says of each what holds here and which test proves it.

const numbered: Readonly<Record<string, number>> = {
  N: 13, // listening, DNS, connecting
  H: 21, // stream header and features
  T: 15, // TLS
  C: 14, // certificates and identity
  A: 11, // SASL EXTERNAL
  D: 13, // dialback
  P: 16, // XML
  S: 16, // addressing and processing of stanzas
  J: 11, // addresses
  B: 9, // bidi, stream management, multiplexing
  L: 11, // closing, liveness, denial of service
};

// RFC 6120 §4.9.3: when we say it, and what we do when it is said to us.
const streamErrors = [
  ...['bad-format', 'bad-namespace-prefix', 'conflict', 'connection-timeout', 'host-gone', 'host-unknown'],
  ...['improper-addressing', 'internal-server-error', 'invalid-from', 'invalid-namespace', 'invalid-xml'],
  ...['not-authorized', 'not-well-formed', 'policy-violation', 'remote-connection-failed', 'reset'],
  ...['resource-constraint', 'restricted-xml', 'see-other-host', 'system-shutdown', 'undefined-condition'],
  ...['unsupported-encoding', 'unsupported-feature', 'unsupported-stanza-type', 'unsupported-version'],
];

// The closed vocabulary, a row each: M messages, P presence, Q queries, E event nodes, X texts of people.
const vocabulary: Readonly<Record<string, readonly string[]>> = {
  M: [
    ...['types', 'body', 'subject', 'thread', 'chat-states', 'receipts', 'markers', 'xhtml', 'delay', 'nick'],
    ...['correction', 'oob', 'label', 'ids', 'hints', 'reply', 'reactions', 'retraction', 'muc-invite'],
    ...['references', 'file-sharing', 'encryption', 'carbons', 'addresses', 'event', 'data-form', 'attention'],
    ...['jingle', 'legacy-events'],
  ],
  P: [
    ...['show', 'status', 'priority', 'types', 'caps', 'caps2', 'avatar-hash', 'idle', 'last-activity', 'nick'],
    ...['muc', 'extras'],
  ],
  Q: [
    ...['disco', 'ping', 'version', 'last', 'time', 'vcard', 'vcard4', 'rosterx', 'roster', 'pubsub', 'muc'],
    ...['others'],
  ],
  E: ['avatar-metadata', 'avatar-data', 'nick', 'others'],
  X: ['text-hygiene', 'text-forms'],
};

export const requirementIds: readonly string[] = [
  ...Object.entries(numbered).flatMap(([letter, count]) =>
    Array.from({ length: count }, (_, i) => `${letter}${i + 1}`),
  ),
  ...streamErrors.map((condition) => `error-${condition}`),
  ...Object.entries(vocabulary).flatMap(([letter, rows]) => rows.map((row) => `${letter}-${row}`)),
];
