// Is what leaves no larger than what we would let in? (xmpp-boundary §0.2, H21)
import type { Content, Packet } from '@sallyport/shared/packet.ts';
import { pass, refuse, type Verdict } from '@sallyport/shared/verdict.ts';
import type { ReleaseSituation } from '../situation.ts';

const subjectCharacters = 256;
const threadCharacters = 255;
const idCharacters = 256;

/** Refuses with `too-large`, in characters: the body as the settings say, subject 256, thread 255, id 256. */
export function checkSize(packet: Packet, { limits }: ReleaseSituation): Verdict<Packet> {
  if (isLonger(packet.stanzaId, idCharacters)) return refuse('too-large', { note: 'the id' });
  return isTooLarge(packet.content, limits.bodyCharacters) ? refuse('too-large') : pass(packet);
}

function isTooLarge(content: Content, bodyCharacters: number): boolean {
  if (content.kind === 'chat-state') return isLonger(content.thread ?? '', threadCharacters);
  if (content.kind !== 'message') return false;
  return (
    isLonger(content.body, bodyCharacters) ||
    isLonger(content.subject ?? '', subjectCharacters) ||
    isLonger(content.thread ?? '', threadCharacters)
  );
}

function isLonger(text: string, characters: number): boolean {
  return text.length > characters && Array.from(text).length > characters;
}
