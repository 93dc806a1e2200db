// The policy in force, as stages see it: one whole revision, compiled, never changed.
import type { Jid } from '../address/jid.ts';
import type { Instant } from '../clock.ts';
import type { Detected } from '../content/detect.ts';
import type { Redacted } from '../content/redact.ts';
import type { Action, Evaluation, Subject } from '../content/rules.ts';
import type { Labels } from './label-schema.ts';
import type { Operators } from './operators.ts';
import type { PartnerRates } from './rate-schema.ts';
import type { Said, Texts } from './texts.ts';
import type { Vocabulary } from './vocabulary.ts';

export type Direction = 'inward' | 'outward';

export type Policy = {
  /** SHA-256 over the sorted list of (path, SHA-256 of its bytes) of every policy file, in hex. */
  readonly revision: string;
  readonly partners: ReadonlyMap<string, Partner>;
  readonly content: ContentRules;
  /** What labels and markings mean for each partner; nobody is cleared for anything where it is left out. */
  readonly labels?: Labels;
  /** Who may sign what; nobody where it is left out. */
  readonly operators?: Operators;
  /** What users are told; what is usual where it is left out. */
  readonly texts?: Texts;
  /** SHA-256 of the revocation lists, which are no part of the revision: their CAs sign them, and renew them daily. */
  readonly revocation?: string;
  /** SHA-256 of the key of hash lists, which is no part of the revision; it names the key and is shown to nobody. */
  readonly keyed?: string;
};

export type TlsVersion = '1.2' | '1.3';

/** A remote XMPP domain that we federate with, and on what terms. */
export type Partner = {
  readonly domain: string;
  /** Where we dial it: these IP addresses in this order, and nothing is asked of DNS; or what DNS says (N9). */
  readonly connect: readonly PinnedAddress[] | 'dns';
  /** With `dns`: private, loopback and own addresses are good too (N8). */
  readonly allowPrivate?: boolean;
  /** The lowest and the highest TLS version that it may speak, in both directions; 1.2 to 1.3 where it says nothing. */
  readonly tls?: { readonly min: TlsVersion; readonly max: TlsVersion };
  /** One stream may carry both directions, whoever dialled it (XEP-0288). */
  readonly bidi?: boolean;
  /** The CA certificates that its certificate must lead to, PEM. Empty with `pinsOnly`. */
  readonly trust: readonly string[];
  /** SHA-256 of the public key (SPKI, DER) of its certificate, in hex: one of these it must be (T15). */
  readonly pins?: readonly string[];
  /** Its certificate need not lead to any CA: the pin stands for it. Dates, names, key and use count all the same. */
  readonly pinsOnly?: boolean;
  /**
   * Revocation lists of its CAs, PEM; on the proxy alone. `required`: a certificate that no list in date speaks for is
   * refused (T14). `due`: when the first of them is out of date.
   */
  readonly crl?: { readonly lists: readonly string[]; readonly required: boolean; readonly due?: Instant };
  /** Whether its certificate speaks by SASL EXTERNAL: it must (where nothing is said), it is tried first, or it is not asked. */
  readonly external?: 'required' | 'optional' | 'never';
  /**
   * Server dialback inside TLS (XEP-0220, D1), where it is allowed: with any certificate, or with the very one that its
   * own server shows (XEP-0344). `trust` and `pins` hold for every server that we dial all the same (C12).
   */
  readonly dialback?: 'tls-only' | 'tls+same-cert';
  /** Whether this internal user may talk with this external one; both bare or full. */
  readonly mayTalk: (external: Jid, internal: Jid) => boolean;
  /** Every limit of it: streams, people, new contacts, unknown recipients (L7). */
  readonly rates: PartnerRates;
  /** What a stanza that breaks the grammar does: refuse it (and close after repeated ones), or close at the first. */
  readonly invalid: 'refuse' | 'close';
  /** Unknown children of messages and presence: strip them and count, or refuse the stanza. */
  readonly unknown: 'strip' | 'refuse';
  /** Which extensions are spoken with it; `im-standard` where it says nothing. */
  readonly vocabulary?: Vocabulary;
  /** The rooms that it may invite people to, as bare addresses; none where it says nothing. */
  readonly rooms?: ReadonlySet<string>;
};

/** `starttls` where nothing is said. Direct TLS is never followed by plain text on the same port (N10). */
export type PinnedAddress = { readonly host: string; readonly port: number; readonly tls?: 'starttls' | 'direct' };

/** The content rules, compiled (shared/content); one for each thread, since its buffers are inside. */
export type ContentRules = {
  /** Judges all texts of a packet at once. Never throws; a fault of ours blocks. */
  readonly evaluate: (subject: Subject, seen?: (detected: Detected) => void) => Evaluation;
  /** What was looked for, so that what was found can be judged anew by other rules. */
  readonly lookedFor: () => LookedFor;
  /** Takes out what redacting rules found, and looks again; not possible is refused. */
  readonly redact: (subject: Subject, evaluation: Evaluation) => Redacted;
  /** What people may know of each rule of the file, also of those that this copy cannot judge. */
  readonly rules: ReadonlyMap<string, RuleNotes>;
  /** The detectors whose words stay inside. */
  readonly secret: ReadonlySet<string>;
  /** Some rule looks at ids and resources; else nobody need gather them. */
  readonly asksForIds: boolean;
  /** The ends that have passed: rules that only watch for too long, exceptions that hold no more. */
  readonly overdue: (now: Instant) => readonly Overdue[];
};

export type LookedFor = {
  /** Each detector by a digest of all that it says, lists included: of equal digests, both find the same. */
  readonly detectors: ReadonlyMap<string, string>;
  /** The schemes of markings that were looked for; none where no rule and no detector asks for markings. */
  readonly schemes: readonly string[];
  /** Whether ids and resources were among the texts. */
  readonly ids: boolean;
};

export type RuleNotes = {
  readonly title: string;
  readonly action: Action;
  readonly why?: string;
  readonly owner?: string;
  readonly severity: 'low' | 'medium' | 'high' | 'critical';
  /** What the sender may read, in this language or in English; undefined where the rule says nothing. `lang` is empty where the rule has one text for all. */
  readonly textFor: (lang: string) => Said | undefined;
  readonly ends: readonly { readonly what: 'monitor' | 'exception'; readonly at: Instant }[];
};

export type Overdue = { readonly rule: string; readonly what: 'monitor' | 'exception'; readonly since: Instant };
