// An error of the partner becomes the refusal of what we sent (RFC 6120 §8.3; S8, S14): only what it means goes on.
import type { BouncedKind } from '@sallyport/shared/packet.ts';
import { refusalFromStanzaError } from '@sallyport/shared/refusals.ts';
import { pass, refuse, type Verdict } from '@sallyport/shared/verdict.ts';
import type { XmlElement } from '../xml/element.ts';
import { stanzaErrorsNs } from './namespaces.ts';
import type { Envelope, UserStanza } from './stanza.ts';

/**
 * The bounce that an error stanza is. It may bring back what it refuses; nothing of that is looked at, and the text of a
 * stranger goes no further. Refuses one that names nothing with `answer-not-asked`; what it answers is known inside.
 */
export function parseError(element: XmlElement, envelope: Envelope, ofKind: BouncedKind): Verdict<UserStanza> {
  if (envelope.id === '') return refuse('answer-not-asked', { note: 'an error without id' });
  const error = element.children.find(({ ns, name }) => ns === element.ns && name === 'error');
  const condition = error?.children.find(({ ns, name }) => ns === stanzaErrorsNs && name !== 'text');
  return pass({
    ...envelope,
    kind: 'user',
    content: {
      kind: 'bounce',
      ofId: envelope.id,
      ofKind,
      code: refusalFromStanzaError(condition?.name ?? ''),
      publicText: '',
      incident: '',
    },
  });
}
