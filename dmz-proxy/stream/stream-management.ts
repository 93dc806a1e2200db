// The words of stream management between servers, and the count of what has been handled (XEP-0198; xmpp-boundary B4, B5).
import type { XmlElement } from '../xml/element.ts';
import { type Ending, streamError } from './ending.ts';

export const managementNs = 'urn:xmpp:sm:3';

/** The feature, offered after authentication alone. urn:xmpp:sm:2 is not spoken. */
export const managementFeature = `<sm xmlns="${managementNs}"/>`;
export const enable = `<enable xmlns="${managementNs}"/>`;
/** Without id and resume: a stream between servers is not resumed. */
export const enabled = `<enabled xmlns="${managementNs}"/>`;
export const request = `<r xmlns="${managementNs}"/>`;
export const resumeFailed =
  `<failed xmlns="${managementNs}">` +
  '<feature-not-implemented xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></failed>';

const modulus = 2 ** 32;

/** `handled` is the whole count; on the wire it is modulo 2^32. */
export function printAnswer(handled: number): string {
  return `<a xmlns="${managementNs}" h="${handled % modulus}"/>`;
}

/** The `h` of an answer; undefined where it is missing, negative, no whole number or too long for 32 bits. */
export function readHandled(answer: XmlElement): number | undefined {
  const text = answer.attributes.h ?? '';
  const h = /^\d{1,10}$/.test(text) ? Number(text) : modulus;
  return h < modulus ? h : undefined;
}

/** The whole count that an `h` stands for, the first one from `acknowledged` on; undefined: so much was never sent. */
export function wholeCount(h: number, acknowledged: number, sent: number): number | undefined {
  const whole = acknowledged + ((h - (acknowledged % modulus) + modulus) % modulus);
  return whole <= sent ? whole : undefined;
}

/** The end of a stream whose peer answers without a usable count (B5). */
export function noCount(): Ending {
  return streamError('invalid-xml', 'an answer of stream management without a count');
}

/** The end of a stream whose peer says to have handled more than it was sent (B5). */
export function countTooHigh(h: number, sent: number): Ending {
  const detail = `<handled-count-too-high xmlns="${managementNs}" h="${h}" send-count="${sent % modulus}"/>`;
  return streamError('undefined-condition', `the peer says to have handled ${h} of ${sent} stanzas`, { detail });
}

export type HandledCount = {
  /** One more has come. Calling what is returned says that it is handled; again, nothing. */
  readonly arrived: () => () => void;
  /** The longest run of handled stanzas, from the first on: what may be acknowledged. */
  readonly handled: () => number;
  readonly arrivals: () => number;
};

/** Stanzas are handled in any order, but acknowledged in theirs. What is ahead is bounded by what is under way. */
export function createHandledCount(onMoved: () => void = () => {}): HandledCount {
  const ahead = new Set<number>();
  let arrivals = 0;
  let handled = 0;

  function handle(number: number): void {
    if (number <= handled) return;
    if (number !== handled + 1) {
      ahead.add(number);
      return;
    }
    handled = number;
    while (ahead.size > 0 && ahead.delete(handled + 1)) handled += 1;
    onMoved();
  }

  return {
    arrived() {
      arrivals += 1;
      const number = arrivals;
      return () => handle(number);
    },
    handled: () => handled,
    arrivals: () => arrivals,
  };
}
