// The audit: one record per decision, hash-chained, digests only. Its own writer, never the log's.
import type { PacketId, PacketKind } from './packet.ts';
import type { RefusalCode } from './refusals.ts';

/** One decision about one packet (or about a stream). Never content. What is undefined is not written. */
export type AuditEntry = {
  /** admitted, released: by the proxy. accepted: by the gateway. delivered, refused: the end of it. bounced: told. examined: by the doctor, for an operator. probing: somebody finds out by trying what content rules refuse. held…: what the gateway's quarantine took, and what became of it. */
  readonly event:
    | 'admitted'
    | 'released'
    | 'accepted'
    | 'delivered'
    | 'refused'
    | 'bounced'
    | 'stream-refused'
    | 'examined'
    | 'probing'
    | 'held'
    | 'held-shown'
    | 'held-released'
    | 'held-refused'
    | 'held-expired';
  readonly direction: 'inward' | 'outward';
  readonly packet?: PacketId | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly kind?: PacketKind | 'stanza' | 'stream' | undefined;
  readonly stanzaId?: string | undefined;
  /** How the same message is known in SIP: its Call-ID and the number of its CSeq. */
  readonly callId?: string | undefined;
  /** SHA-256 of the text, first 16 bytes in hex: equal texts can be found, no text can be read. */
  readonly digest?: string | undefined;
  readonly bytes?: number | undefined;
  readonly code?: RefusalCode | undefined;
  readonly stage?: string | undefined;
  readonly rule?: string | undefined;
  readonly note?: string | undefined;
  /** Which content rules fired, or would have: `PII-03 redact, UK-1 would block`. Never content. */
  readonly noticed?: string | undefined;
  readonly incident?: string | undefined;
  readonly revision?: string | undefined;
};

/** Which policy is in force from here on, or which one was offered and not taken. */
export type PolicyEntry = {
  readonly event: 'policy-activated' | 'policy-refused';
  readonly revision: string;
  /** Who signed it and how it came, or why it was not taken. */
  readonly note: string;
};

export type Audit = {
  /** Writes the entry soon. */
  readonly record: (entry: AuditEntry | PolicyEntry) => void;
  /** Resolves when the entry is on disk; rejects when it cannot be, and then the packet must not leave. */
  readonly recordDurably: (entry: AuditEntry) => Promise<void>;
  /** False while the last attempt to write has failed: nothing new is let pass then, unless the settings say so. */
  readonly works: () => boolean;
  /** Where the chain stands on disk. */
  readonly head: () => AuditHead;
  /** Records durably where the audit of another node stood: cut off behind that, it can be told. */
  readonly witness: (node: string, head: AuditHead) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** The last seal of an audit: the name of its file, the number of the record that holds it, and the hash in hex. */
export type AuditHead = { readonly file: string; readonly sequence: number; readonly hash: string };
