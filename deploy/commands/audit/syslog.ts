// An audit record as a message of syslog (RFC 5424), and how such messages are framed over TLS (RFC 5425).
import { hostname } from 'node:os';
import type { AuditRecord } from './records.ts';

// Facility 13, log audit (RFC 5424 §6.2.1).
const facility = 13;
const informational = 6;
const warning = 4;

/** One message; its text is the record as it was written, so that its seal can still be checked. */
export function syslogOf(text: string, { ts, event }: AuditRecord): string {
  const severity = event.includes('refused') || event === 'bounced' || event === 'audit-lost' ? warning : informational;
  const host =
    hostname()
      .replaceAll(/[^!-~]/g, '')
      .slice(0, 255) || '-';
  const messageId = event.replaceAll(/[^!-~]/g, '').slice(0, 32) || '-';
  return `<${facility * 8 + severity}>1 ${ts} ${host} sallyport - ${messageId} - ${text}`;
}

/** With its length in bytes before it, as TLS carries it. */
export function framed(message: string): string {
  return `${Buffer.byteLength(message)} ${message}`;
}
