// Answers that a test has ordered beforehand, and the plain ones.
import type { Answer } from './dialog.ts';

export type Canned = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** How often it is given before the usual answer comes back. */
  times: number;
};

export type Orders = {
  readonly invites: Map<string, Canned>;
  readonly messages: Map<string, Canned>;
  delay: number;
  textFormatTaken: boolean;
};

const reasons: Readonly<Record<number, string>> = {
  403: 'Forbidden',
  404: 'Not Found',
  408: 'Request Timeout',
  415: 'Unsupported Media Type',
  480: 'Temporarily Unavailable',
  481: 'Call Leg/Transaction Does Not Exist',
  486: 'Busy Here',
  488: 'Not Acceptable Here',
  500: 'Server Internal Error',
  503: 'Service Unavailable',
  504: 'Server Time-Out',
  603: 'Decline',
  606: 'Not Acceptable',
};

/** The order for this address, counted down, or undefined. */
export function take(orders: Map<string, Canned>, address: string): Canned | undefined {
  const canned = orders.get(address);
  if (canned === undefined) return undefined;
  canned.times -= 1;
  if (canned.times <= 0) orders.delete(address);
  return canned;
}

export function plain(status: number): Answer {
  return { status, reason: status === 200 ? 'OK' : (reasons[status] ?? 'Refused') };
}

export function cannedAnswer(canned: Canned): Answer {
  return { ...plain(canned.status), more: Object.entries(canned.headers).map(([name, value]) => `${name}: ${value}`) };
}
