// A SIP message as plain data (RFC 3261 §7): what the reader yields and everything else in this folder works on.
import { allValues, firstValue, type HeaderLines } from './header-lines.ts';

type Common = {
  /** All header lines; `header`, `headers` and `listed` read them. */
  readonly lines: HeaderLines;
  /** From and To as they came, and their tags (empty where there is none). */
  readonly from: string;
  readonly fromTag: string;
  readonly to: string;
  readonly toTag: string;
  readonly callId: string;
  readonly cseq: number;
  readonly cseqMethod: string;
  /** The branch of the topmost Via; where that has none, one made from Call-ID, tag, CSeq and Via (sip-dialect §3.3). */
  readonly branch: string;
  /** The sent-by of the topmost Via. */
  readonly sentBy: string;
  readonly body: Uint8Array;
};

export type SipRequest = Common & {
  readonly kind: 'request';
  readonly method: string;
  readonly uri: string;
  /** By which a retransmission is known (RFC 3261 §17.2.3): branch, sent-by and method. */
  readonly transaction: string;
};
export type SipResponse = Common & { readonly kind: 'response'; readonly status: number; readonly reason: string };
export type SipMessage = SipRequest | SipResponse;

/** The first value of a header, unfolded and trimmed; `name` is the long form in lower case. */
export function header({ lines }: SipMessage, name: string): string | undefined {
  return firstValue(lines, name);
}

/** All values of a header, one for each line that it came in. */
export function headers({ lines }: SipMessage, name: string): string[] {
  return allValues(lines, name);
}

/** All members of a header that is a list (Route, Record-Route), split at the commas between them. */
export function listed(message: SipMessage, name: string): string[] {
  const members: string[] = [];
  for (const value of headers(message, name)) members.push(...splitList(value));
  return members;
}

/** Whether a header that lists option tags (Supported, Require) has this one; tags are compared without case. */
export function hasOption(message: SipMessage, name: string, tag: string): boolean {
  return listed(message, name).some((each) => each.toLowerCase() === tag);
}

/**
 * A copy of a text from a message. The engine makes a part of a string a view of the whole, so whatever lives longer
 * than its message has to be copied, or a short address keeps 64 KiB of headers in memory.
 */
export function detached(text: string): string {
  return Buffer.from(text).toString();
}

/** Splits at commas that stand outside of quotes and angle brackets (RFC 3261 §7.3.1). */
export function splitList(value: string): string[] {
  if (!value.includes(',')) return value === '' ? [] : [value];
  const members: string[] = [];
  let start = 0;
  let quoted = false;
  let bracketed = false;
  for (let i = 0; i < value.length; i++) {
    const c = value[i];
    if (quoted) {
      if (c === '\\') i++;
      else if (c === '"') quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === '<') bracketed = true;
    else if (c === '>') bracketed = false;
    else if (c === ',' && !bracketed) {
      members.push(value.slice(start, i).trim());
      start = i + 1;
    }
  }
  members.push(value.slice(start).trim());
  return members.filter((member) => member !== '');
}
