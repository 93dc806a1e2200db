// Events of a partner's nodes (XEP-0060, XEP-0163): of all nodes two are known, which picture somebody has (XEP-0084)
// and what somebody is called (XEP-0172); xmpp-boundary §2.4.
import type { Avatar, Content } from '@sallyport/shared/packet.ts';
import type { Vocabulary } from '@sallyport/shared/policy/vocabulary.ts';
import type { XmlElement } from '../xml/element.ts';
import { avatarMetadataNs, nickNs } from './namespaces.ts';
import { readNick } from './read-extensions.ts';

const largestAvatar = 65_536;
const widestAvatar = 4_096;

/** What an event says, or undefined for one that we do not know, or not with this partner. */
export function readEvent(event: XmlElement, vocabulary: Vocabulary): Content | undefined {
  const items = child(event, event.ns, 'items');
  const item = items === undefined ? undefined : child(items, event.ns, 'item');
  if (items === undefined || item === undefined) return undefined;
  switch (items.attributes.node) {
    case avatarMetadataNs:
      return vocabulary.has('avatars') ? readMetadata(child(item, avatarMetadataNs, 'metadata')) : undefined;
    case nickNs: {
      const nick = vocabulary.has('nicknames') ? readNick(child(item, nickNs, 'nick')) : undefined;
      return nick === undefined ? undefined : { kind: 'message', type: 'headline', body: '', nick };
    }
    default:
      return undefined;
  }
}

// The first form of the picture that we could show. Where it can be fetched is never looked at.
function readMetadata(metadata: XmlElement | undefined): Avatar | undefined {
  for (const info of metadata?.children ?? []) {
    const { id = '', type = '', bytes = '', width = '0', height = '0' } = info.attributes;
    if (info.ns !== avatarMetadataNs || info.name !== 'info' || !/^[0-9a-f]{40}$/i.test(id)) continue;
    if (type !== 'image/png' && type !== 'image/jpeg') continue;
    if (![bytes, width, height].every((text) => /^\d{1,6}$/.test(text))) continue;
    if (Number(bytes) > largestAvatar || Number(width) > widestAvatar || Number(height) > widestAvatar) continue;
    return {
      kind: 'avatar',
      hash: Buffer.from(id, 'hex'),
      mediaType: type,
      data: Buffer.alloc(0),
      width: Number(width),
      height: Number(height),
    };
  }
  return undefined;
}

function child(of: XmlElement, ns: string, name: string): XmlElement | undefined {
  return of.children.find((each) => each.ns === ns && each.name === name);
}
