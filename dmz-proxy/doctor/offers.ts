// What a partner's features say beyond what a stream of ours needs to know (XEP-0220, XEP-0288, XEP-0478).
import { readFeatures } from '../stream/features.ts';
import type { XmlElement } from '../xml/element.ts';

export type Offers = {
  readonly startTls: boolean;
  readonly external: boolean;
  readonly dialback: boolean;
  readonly bidi: boolean;
  readonly streamManagement: boolean;
  readonly maxBytes: number | undefined;
  readonly idleSeconds: number | undefined;
};

/** Nothing where no features came. */
export function offersOf(features: XmlElement | undefined): Offers {
  const read = features === undefined ? undefined : readFeatures(features);
  const has = (ns: string, name: string): boolean =>
    features?.children.some((each) => each.ns === ns && each.name === name) ?? false;
  return {
    startTls: read?.startTls ?? false,
    external: read?.external ?? false,
    dialback: has('urn:xmpp:features:dialback', 'dialback'),
    bidi: read?.bidi ?? false,
    streamManagement: read?.streamManagement ?? false,
    maxBytes: read?.limits.maxBytes,
    idleSeconds: read?.limits.idleSeconds,
  };
}
