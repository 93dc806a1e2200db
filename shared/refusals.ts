// The one table of refusals: code → what each side's sender is told, what an operator reads (errors.md rules).
// The codes are also the audit's vocabulary, a metric's label, and what tests expect.
import type { TextName } from './user-texts.ts';

export type Refusal = {
  readonly code: RefusalCode;
  /** The policy rule that decided; for the audit. */
  readonly rule?: string;
  /** For the audit alone, never to a peer; never content. The stage is written by the judge. */
  readonly note?: string;
  readonly stage?: string;
  /** What the policy's author lets the sender read, and its language (empty: he does not say). */
  readonly publicText?: string;
  readonly lang?: string;
  /** Which text of the policy the sender reads, where there is no public text of a rule. */
  readonly says?: TextName;
  /** By this number an operator finds the decision. */
  readonly incident?: string;
};

/** RFC 6120 §8.3.3. */
export type StanzaCondition =
  | 'bad-request'
  | 'conflict'
  | 'feature-not-implemented'
  | 'forbidden'
  | 'gone'
  | 'internal-server-error'
  | 'item-not-found'
  | 'jid-malformed'
  | 'not-acceptable'
  | 'not-allowed'
  | 'not-authorized'
  | 'policy-violation'
  | 'recipient-unavailable'
  | 'redirect'
  | 'registration-required'
  | 'remote-server-not-found'
  | 'remote-server-timeout'
  | 'resource-constraint'
  | 'service-unavailable'
  | 'subscription-required'
  | 'undefined-condition'
  | 'unexpected-request';

export type StanzaErrorType = 'auth' | 'cancel' | 'continue' | 'modify' | 'wait';

/** RFC 6120 §4.9.3, those that we send. */
export type StreamCondition =
  | 'bad-format'
  | 'bad-namespace-prefix'
  | 'connection-timeout'
  | 'host-gone'
  | 'host-unknown'
  | 'improper-addressing'
  | 'internal-server-error'
  | 'invalid-from'
  | 'invalid-namespace'
  | 'invalid-xml'
  | 'not-authorized'
  | 'not-well-formed'
  | 'policy-violation'
  | 'remote-connection-failed'
  | 'reset'
  | 'resource-constraint'
  | 'restricted-xml'
  | 'system-shutdown'
  | 'undefined-condition'
  | 'unsupported-encoding'
  | 'unsupported-feature'
  | 'unsupported-stanza-type'
  | 'unsupported-version';

type Row = {
  /** bounce: its sender gets an error. drop: nobody is told. close: the stream ends as well. */
  readonly answer: 'bounce' | 'drop' | 'close';
  readonly xmpp: { readonly condition: StanzaCondition; readonly type: StanzaErrorType };
  /** The stream error that ends the stream, with `close`. */
  readonly stream?: StreamCondition;
  /** The final response; `invite` where an INVITE gets another one. 401 and 407 are never sent. */
  readonly sip: { readonly status: number; readonly invite?: number; readonly federated?: number };
  /** For an operator: what it means. */
  readonly meaning: string;
};

const bounce = (condition: StanzaCondition, type: StanzaErrorType, sip: Row['sip'] | number, meaning: string): Row => ({
  answer: 'bounce',
  xmpp: { condition, type },
  sip: typeof sip === 'number' ? { status: sip } : sip,
  meaning,
});
const close = (stream: StreamCondition, meaning: string): Row => ({
  answer: 'close',
  xmpp: { condition: 'policy-violation', type: 'cancel' },
  stream,
  sip: { status: 403 },
  meaning,
});
const drop = (meaning: string): Row => ({
  answer: 'drop',
  xmpp: { condition: 'service-unavailable', type: 'cancel' },
  sip: { status: 480 },
  meaning,
});

const byPolicy = { status: 606, federated: 403 } as const;

export const refusals = {
  // The stanza or the request itself
  'stanza-malformed': bounce('bad-request', 'modify', 400, 'the stanza breaks the grammar of XMPP'),
  'jid-malformed': bounce('jid-malformed', 'modify', 484, 'an address is not an address, or not one that we can take'),
  'sender-malformed': drop('the sender of a stanza is not an address, so that nobody can be answered'),
  'addressing-missing': close('improper-addressing', 'a stanza without from or to'),
  'sender-forged': close('invalid-from', 'the sender is not of the domain that this stream has proved'),
  'certificate-refused': close('not-authorized', 'the certificate of the peer does not prove its domain'),
  'dialback-refused': close('not-authorized', 'the server of the domain did not confirm the peer (dialback)'),
  'domain-not-ours': bounce(
    'item-not-found',
    'cancel',
    404,
    'the recipient is not of a domain that this stream may reach',
  ),
  'query-not-served': bounce('service-unavailable', 'cancel', 501, 'a query that the boundary does not answer'),
  'answer-not-asked': drop('an answer or an error to something that we never sent'),
  'nothing-left': drop('after all unknown children were stripped, nothing with meaning was left'),
  'too-large': bounce('policy-violation', 'modify', 513, 'more text than the boundary takes'),

  // Who may talk
  'partner-unknown': bounce('remote-server-not-found', 'cancel', 404, 'the domain is not a partner'),
  'not-permitted': bounce('service-unavailable', 'cancel', 403, 'these two may not talk; unknown users answer alike'),
  'user-unknown': bounce(
    'service-unavailable',
    'cancel',
    403,
    'no such user inside, or not enabled; told like not-permitted',
  ),
  'loop-detected': bounce('internal-server-error', 'cancel', 482, 'the packet came back to where it was'),
  'origin-disbelieved': drop('the DMZ offered a packet that cannot have come from outside; somebody should look at it'),

  // Content
  'text-unclean': bounce(
    'not-acceptable',
    'modify',
    { status: 406, invite: 488 },
    'characters that hide or reorder text',
  ),
  'content-refused': bounce('policy-violation', 'modify', byPolicy, 'a content rule of the policy refused the text'),
  'content-held': bounce(
    'policy-violation',
    'modify',
    byPolicy,
    'a content rule would hold it for somebody to look at; it is refused',
  ),
  'content-probed': bounce(
    'policy-violation',
    'wait',
    byPolicy,
    'content rules refused too much of this sender lately; nothing is judged for a while',
  ),
  'label-unknown': bounce('policy-violation', 'modify', byPolicy, 'a label that the policy cannot read or write'),
  'encrypted-content': bounce(
    'policy-violation',
    'modify',
    byPolicy,
    'end-to-end encrypted, so that it cannot be judged',
  ),

  // Too much, too fast
  'rate-exceeded': bounce('resource-constraint', 'wait', 503, 'more than the agreed rate'),
  'typing-exceeded': drop('typing notices or receipts beyond the agreed rate; the next ones say it again'),
  'queue-full': bounce('resource-constraint', 'wait', 503, 'too much is waiting for this destination'),

  // The way there
  'partner-not-found': bounce(
    'remote-server-not-found',
    'cancel',
    404,
    'the partner cannot be found, or the pool cannot route to it',
  ),
  'partner-unreachable': bounce(
    'remote-server-timeout',
    'wait',
    504,
    'the far side was not reached, or did not answer',
  ),
  'inside-away': bounce('internal-server-error', 'wait', 503, 'the inside is not connected to the proxy'),
  'network-away': bounce('remote-server-timeout', 'wait', 504, 'the inner network (front end, edge) is not reached'),
  'not-carried': bounce('feature-not-implemented', 'cancel', 501, 'the other network has no way to say this'),
  'internal-fault': bounce('internal-server-error', 'wait', 500, 'a fault of our own; the log has it'),
  'shutting-down': bounce('internal-server-error', 'wait', 503, 'this node is going down'),

  // What the far side said
  'far-gone': bounce('gone', 'cancel', 410, 'the recipient has moved or is no more'),
  'far-redirects': bounce('recipient-unavailable', 'wait', 480, 'the far side pointed elsewhere; we do not follow'),
  'far-bad-request': bounce('bad-request', 'modify', 400, 'the far side did not understand the request'),
  'far-trust-broken': bounce(
    'internal-server-error',
    'wait',
    500,
    'the far side asks us for credentials, or finds our dialback key invalid: its trust in us is broken',
  ),
  'far-refuses': bounce('service-unavailable', 'cancel', 403, 'the far side refuses, or has no such user'),
  'far-unknown': bounce('item-not-found', 'cancel', 404, 'the partner says there is no such user'),
  'far-cannot': bounce('feature-not-implemented', 'cancel', 501, 'the far side cannot do this'),
  'far-not-acceptable': bounce(
    'not-acceptable',
    'modify',
    { status: 406, invite: 488 },
    'the far side does not take this kind of content',
  ),
  'far-filtered': bounce('policy-violation', 'modify', byPolicy, 'a filter of the far side refused the content'),
  'far-away': bounce('recipient-unavailable', 'wait', 480, 'the recipient cannot be reached now, or declined'),
  'far-malformed-address': bounce('jid-malformed', 'modify', 484, 'the far side finds the address malformed'),
  'far-busy': bounce('service-unavailable', 'wait', 503, 'the far side is overloaded or down for the moment'),
  'far-pending': bounce('unexpected-request', 'wait', 491, 'the far side was busy with a request of its own'),
  'far-fault': bounce('internal-server-error', 'wait', 500, 'a fault at the far side'),
  'far-constrained': bounce('resource-constraint', 'wait', 503, 'the far side is short of something'),
} as const satisfies Record<string, Row>;

export type RefusalCode = keyof typeof refusals;

/** Whether a text that came from elsewhere is a refusal code. */
export function isRefusalCode(text: string): text is RefusalCode {
  return Object.hasOwn(refusals, text);
}

/** The row of a code. */
export function refusalRow(code: RefusalCode): Row {
  return refusals[code];
}

/**
 * What a SIP final response to something that we sent for a stanza means (errors.md, first table).
 * `diagnostics` is the number of ms-diagnostics, `warning` that of the Warning header. A missing response is 408.
 * 481, and 408 and 480 inside a dialog, mean first that the dialog is dead: the caller tries once more before it asks.
 */
export function refusalFromSip(status: number, diagnostics?: number, warning?: number): RefusalCode {
  if (diagnostics !== undefined) {
    if ([1002, 1003, 1012, 4005].includes(diagnostics)) return 'far-refuses';
    if ([1005, 1008, 1009, 1014].includes(diagnostics)) return 'partner-not-found';
    if ([1007, 1010, 1046, 1047].includes(diagnostics)) return 'far-busy';
  }
  if (status === 606) return warning === 309 ? 'far-filtered' : 'far-not-acceptable';
  const known = sipMeanings.get(status);
  if (known !== undefined) return known;
  if (status >= 300 && status < 400) return 'far-redirects';
  if (status >= 400 && status < 500) return 'far-bad-request';
  if (status >= 500 && status < 600) return 'far-fault';
  return 'far-busy';
}

const sipMeanings: ReadonlyMap<number, RefusalCode> = new Map([
  ...pairs('far-gone', 301, 410),
  ...pairs('far-trust-broken', 401, 407),
  ...pairs('far-refuses', 403, 404, 604),
  ...pairs('far-cannot', 405, 420, 421, 439, 489, 501),
  ...pairs('far-not-acceptable', 406, 415, 488, 505),
  ...pairs('partner-unreachable', 408, 504),
  ...pairs('too-large', 413, 414, 513),
  ...pairs('far-away', 480, 481, 486, 487, 600, 603),
  ...pairs('loop-detected', 482, 483),
  ...pairs('far-malformed-address', 484, 485),
  ...pairs('far-pending', 491),
  ...pairs('partner-not-found', 502),
  ...pairs('far-busy', 503),
]);

function pairs(code: RefusalCode, ...statuses: number[]): [number, RefusalCode][] {
  return statuses.map((status) => [status, code]);
}

/** What a stanza error that a partner sent us means (errors.md, second table). */
export function refusalFromStanzaError(condition: string): RefusalCode {
  return conditionMeanings.get(condition) ?? 'far-bad-request';
}

const conditionMeanings: ReadonlyMap<string, RefusalCode> = new Map<StanzaCondition, RefusalCode>([
  ['bad-request', 'far-bad-request'],
  ['conflict', 'far-bad-request'],
  ['undefined-condition', 'far-bad-request'],
  ['jid-malformed', 'far-malformed-address'],
  ['forbidden', 'far-refuses'],
  ['not-allowed', 'far-refuses'],
  ['not-authorized', 'far-refuses'],
  ['registration-required', 'far-refuses'],
  ['subscription-required', 'far-refuses'],
  ['item-not-found', 'far-unknown'],
  ['remote-server-not-found', 'partner-not-found'],
  ['gone', 'far-gone'],
  ['not-acceptable', 'far-not-acceptable'],
  ['policy-violation', 'far-filtered'],
  ['recipient-unavailable', 'far-away'],
  ['redirect', 'far-away'],
  ['service-unavailable', 'far-away'],
  ['feature-not-implemented', 'far-cannot'],
  ['remote-server-timeout', 'partner-unreachable'],
  ['resource-constraint', 'far-constrained'],
  ['internal-server-error', 'far-fault'],
  ['unexpected-request', 'far-pending'],
]);
