// What is said alike of the partner's certificate and of our own.
import type { ReadCertificate } from '@sallyport/shared/certificates/read-certificate.ts';

const day = 86_400_000;

/** A certificate that expires sooner is worth a note. */
export const soonMs = 14 * day;

export function dayOf(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}

/** Seconds below two minutes, minutes below two hours, hours below two days, then days. */
export function spanOf(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} days`;
}

const anyUsage = '2.5.29.37.0';
const serverAuth = '1.3.6.1.5.5.7.3.1';
const clientAuth = '1.3.6.1.5.5.7.3.2';

/** In words, where extended key usage is there, has serverAuth and leaves clientAuth out (RFC 5280 §4.2.1.12). */
export function lackOfClientAuth({ usages = [] }: Pick<ReadCertificate, 'usages'>): string | undefined {
  if (!usages.includes(serverAuth) || usages.includes(clientAuth) || usages.includes(anyUsage)) return undefined;
  return 'the certificate may be used by servers alone (serverAuth without clientAuth)';
}
