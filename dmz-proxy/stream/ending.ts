// How a stream ends: by our error, by a closing tag, or by the loss of its transport (RFC 6120 §4.4, §4.9).
import type { RefusalCode, StreamCondition } from '@sallyport/shared/refusals.ts';
import { escapeText } from '../xml/print.ts';

export type Ending =
  | {
      readonly kind: 'error';
      readonly condition: StreamCondition;
      /** What the peer reads; only where it needs to know (L11). */
      readonly text?: string;
      /** An application condition of urn:xmpp:errors (XEP-0205), such as `stanza-too-big`. */
      readonly application?: string;
      /** An application condition that is more than a name, as XML. */
      readonly detail?: string;
      /** For our own log and audit. */
      readonly note: string;
      /** Audited as a refused stream under this code. */
      readonly refusal?: RefusalCode;
    }
  /** `by` the peer: with its closing tag, after `condition` where that was an error. By us: with ours. */
  | {
      readonly kind: 'closed';
      readonly by: 'peer' | 'us';
      readonly note: string;
      readonly condition?: string;
      /** Audited as a refused stream under this code. */
      readonly refusal?: RefusalCode;
    }
  /** No XML may be said any more: the transport is gone, or must not be trusted. `quiet`: not worth a log line. */
  | { readonly kind: 'cut'; readonly note: string; readonly quiet?: boolean };

/** A stream error of ours. `note` is for the log. */
export function streamError(
  condition: StreamCondition,
  note: string,
  more: { text?: string; application?: string; detail?: string; refusal?: RefusalCode } = {},
): Ending {
  return { kind: 'error', condition, note, ...more };
}

/** What a step of the negotiation came to: its value, or the end of the stream. */
export type Step<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly ending: Ending };

export function went<T>(value: T): Step<T> {
  return { ok: true, value };
}

export function ended(ending: Ending): { readonly ok: false; readonly ending: Ending } {
  return { ok: false, ending };
}

/** The stream error as XML (RFC 6120 §4.9.2), without the closing tag. The prefix `stream` is bound on our root. */
export function printStreamError(ending: Extract<Ending, { kind: 'error' }>): string {
  const ns = 'urn:ietf:params:xml:ns:xmpp-streams';
  const text = ending.text === undefined ? '' : `<text xmlns="${ns}" xml:lang="en">${escapeText(ending.text)}</text>`;
  const application = ending.application === undefined ? '' : `<${ending.application} xmlns="urn:xmpp:errors"/>`;
  return `<stream:error><${ending.condition} xmlns="${ns}"/>${text}${application}${ending.detail ?? ''}</stream:error>`;
}

/** One line about an ending, for an operator. */
export function describeEnding(ending: Ending): string {
  switch (ending.kind) {
    case 'error':
      return `${ending.condition}: ${ending.note}`;
    case 'closed':
      return ending.note;
    case 'cut':
      return ending.note;
    default:
      return ending satisfies never;
  }
}
