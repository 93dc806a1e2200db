// The audit: one record per decision, hash-chained, digests only. Its own writer, never the log's.
import type { PacketId, PacketKind } from './packet.ts';
import type { RefusalCode } from './refusals.ts';

/** One decision about one packet (or about a stream). Never content. */
export type AuditEntry = {
  /** admitted, released: by the proxy. accepted: by the gateway. delivered, refused: the end of it. bounced: told. examined: by the doctor, for an operator. */
  readonly event:
    | 'admitted'
    | 'released'
    | 'accepted'
    | 'delivered'
    | 'refused'
    | 'bounced'
    | 'stream-refused'
    | 'examined';
  readonly direction: 'inward' | 'outward';
  readonly packet?: PacketId;
  readonly from?: string;
  readonly to?: string;
  readonly kind?: PacketKind | 'stanza' | 'stream';
  readonly stanzaId?: string;
  /** SHA-256 of the text, first 16 bytes in hex: equal texts can be found, no text can be read. */
  readonly digest?: string;
  readonly bytes?: number;
  readonly code?: RefusalCode;
  readonly stage?: string;
  readonly rule?: string;
  readonly note?: string;
  readonly incident?: string;
  readonly revision?: string;
};

export type Audit = {
  /** Writes the entry soon. */
  readonly record: (entry: AuditEntry) => void;
  /** Resolves when the entry is on disk; rejects when it cannot be, and then the packet must not leave. */
  readonly recordDurably: (entry: AuditEntry) => Promise<void>;
  readonly head: () => { readonly file: string; readonly sequence: number; readonly hash: string };
  readonly close: () => Promise<void>;
};
