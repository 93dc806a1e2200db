// Everything that a user can be told, in English; texts.yaml of the policy says it otherwise, and in other languages.

/** What holds where the policy says nothing. `{…}` is put in when it is told. */
export const usualTexts = {
  /** A content rule refused, and has no text of its own. */
  refused: '',
  /** A content rule holds it for somebody to look at. */
  held: '',
  encrypted: 'End-to-end encryption is not permitted here.',
  labelled: 'Messages with a security label are not accepted here.',
  labelUnknown: 'The security label or marking of this message is not understood here.',
  rooms: 'Group chats are not reached from here.',
  tooOften: 'Too many messages were refused. Please wait a while.',
  /** How a number by which an operator finds it is told: alone, and behind another text. */
  incident: 'Incident {incident}',
  withIncident: '{text} (incident {incident})',
  /** What a reader finds where a rule has taken something out. */
  redacted: '[REDACTED:{rule}]',
  /** To users of networks that have no late errors. */
  notDelivered: 'Your message was not delivered: {why}',
  becausePolicy: 'it is not allowed by policy.',
  becauseAway: 'this contact cannot be reached.',
  becauseLater: 'this contact cannot be reached at the moment. Please try again later.',
  becauseOther: 'the other side could not take it.',
  /** In front of what may have been delivered before. */
  repeated: '[repeated] ',
  /** The first line of a text, to users of networks that have no labels. */
  label: '[{marking}]',
  /** In front of a text that replaces an earlier one, and of one that its server had kept. */
  correction: '[correction] ',
  sent: '[sent {time} UTC] ',
  /** What is no text in XMPP, to users of networks that know nothing else. */
  reacted: '[reacted {emojis} to a message]',
  unreacted: '[took back a reaction to a message]',
  retracted: '[took back a message; what was delivered stays]',
  invited: '[invites you to the group chat {room}, which cannot be joined from here]',
} as const;

export type TextName = keyof typeof usualTexts;
