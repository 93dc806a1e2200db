// Prints one record of the audit as the text of a JSON line, without its end, so that a seal can still be added.
import type { AuditEntry } from '../audit.ts';

/** What the writer says about the audit itself. */
export type OwnEntry = {
  readonly event:
    | 'audit-opened'
    | 'audit-repaired'
    | 'audit-lost'
    | 'audit-resumed'
    | 'audit-continued'
    | 'checkpoint'
    | 'countersigned'
    | 'policy-activated'
    | 'policy-refused';
  /** policy-activated, policy-refused: which policy. */
  readonly revision?: string;
  readonly note?: string;
  /** countersigned: the node whose audit it is, and the name of its file there. */
  readonly node?: string;
  readonly file?: string;
  /** checkpoint, countersigned: the number of the record that sealed what is signed, and that seal. */
  readonly of?: number;
  readonly head?: string;
  /** checkpoint: which key signed, and its signature. */
  readonly key?: string;
  readonly signature?: string;
};

/** `{"seq":…,"ts":…` and the fields of the entry; the caller adds what seals it, and the closing brace. */
export function printRecord(seq: number, ms: number, entry: AuditEntry | OwnEntry): string {
  const text = `{"seq":${seq},"ts":"${timestamp(ms)}","event":"${entry.event}"`;
  return 'direction' in entry ? printDecision(text, entry) : printOwn(text, entry);
}

// Field by field: this is written several times for each message, and a walk over the keys costs three times as much.
function printDecision(begun: string, entry: AuditEntry): string {
  let text = `${begun},"direction":"${entry.direction}"`;
  if (entry.packet !== undefined) text += `,"packet":${quoted(entry.packet)}`;
  if (entry.from !== undefined) text += `,"from":${quoted(entry.from)}`;
  if (entry.to !== undefined) text += `,"to":${quoted(entry.to)}`;
  if (entry.kind !== undefined) text += `,"kind":"${entry.kind}"`;
  if (entry.stanzaId !== undefined) text += `,"stanzaId":${quoted(entry.stanzaId)}`;
  if (entry.callId !== undefined) text += `,"callId":${quoted(entry.callId)}`;
  if (entry.digest !== undefined) text += `,"digest":${quoted(entry.digest)}`;
  if (entry.bytes !== undefined) text += `,"bytes":${entry.bytes}`;
  if (entry.code !== undefined) text += `,"code":"${entry.code}"`;
  if (entry.stage !== undefined) text += `,"stage":${quoted(entry.stage)}`;
  if (entry.rule !== undefined) text += `,"rule":${quoted(entry.rule)}`;
  if (entry.note !== undefined) text += `,"note":${quoted(entry.note)}`;
  if (entry.noticed !== undefined) text += `,"noticed":${quoted(entry.noticed)}`;
  if (entry.incident !== undefined) text += `,"incident":${quoted(entry.incident)}`;
  if (entry.revision !== undefined) text += `,"revision":${quoted(entry.revision)}`;
  return text;
}

function printOwn(begun: string, entry: OwnEntry): string {
  let text = begun;
  if (entry.revision !== undefined) text += `,"revision":${quoted(entry.revision)}`;
  if (entry.note !== undefined) text += `,"note":${quoted(entry.note)}`;
  if (entry.node !== undefined) text += `,"node":${quoted(entry.node)}`;
  if (entry.file !== undefined) text += `,"file":${quoted(entry.file)}`;
  if (entry.of !== undefined) text += `,"of":${entry.of}`;
  if (entry.head !== undefined) text += `,"head":${quoted(entry.head)}`;
  if (entry.key !== undefined) text += `,"key":${quoted(entry.key)}`;
  if (entry.signature !== undefined) text += `,"signature":${quoted(entry.signature)}`;
  return text;
}

const plainText = /^[ !#-[\]-~]*$/;

function quoted(text: string): string {
  return plainText.test(text) ? `"${text}"` : escaped(text);
}

// JSON leaves some characters as they are that a terminal obeys or that reorder what is read: they are written as escapes.
function escaped(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

let lastMs = 0;
let lastText = '';
function timestamp(ms: number): string {
  if (ms !== lastMs) {
    lastMs = ms;
    lastText = new Date(ms).toISOString();
  }
  return lastText;
}
