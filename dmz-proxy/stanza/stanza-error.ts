// The error stanza that tells a sender of a refusal (RFC 6120 §8.3, xmpp-boundary S11): addresses swapped, the same
// id, the condition of the table, and nothing of what was refused.
import { readable, type Texts } from '@sallyport/shared/policy/texts.ts';
import { type Refusal, refusalRow } from '@sallyport/shared/refusals.ts';
import { type Element, xml } from '@xmpp/xml';
import { printBuilt } from '../xml/print.ts';
import { errorsNs, stanzaErrorsNs } from './namespaces.ts';
import type { StanzaName } from './stanza.ts';

export type ErrorAddress = {
  readonly stanza: StanzaName;
  /** Of the error: the one who was written to, or our domain where that is not an address of ours. */
  readonly from: string;
  /** Of the error: the sender of what was refused. */
  readonly to: string;
  /** The id of what was refused; empty where it had none. */
  readonly id: string;
  /** Our domain of the pair. */
  readonly by: string;
};

/** The canonical text of the error stanza, in the words of the policy's table of texts, for a stream whose content namespace is `jabber:server`. */
export function stanzaError(address: ErrorAddress, refusal: Refusal, texts?: Texts): string {
  const { stanza, from, to, id, by } = address;
  const { condition, type } = refusalRow(refusal.code).xmpp;
  const { text, lang } = readable(refusal, texts);
  return printBuilt(
    xml(
      stanza,
      { from, to, ...(id === '' ? {} : { id }), type: 'error' },
      xml(
        'error',
        { type, by },
        xml(condition, { xmlns: stanzaErrorsNs }),
        text === '' ? undefined : xml('text', { xmlns: stanzaErrorsNs, 'xml:lang': lang }, text),
        applicationCondition(refusal),
      ),
    ),
  );
}

// XEP-0205 §3: says that it is the rate, which resource-constraint alone does not.
function applicationCondition({ code }: Refusal): Element | undefined {
  return code === 'rate-exceeded' ? xml('too-many-stanzas', { xmlns: errorsNs }) : undefined;
}
