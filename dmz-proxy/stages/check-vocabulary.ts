// Is this said in words that the partner's vocabulary has? (xmpp-boundary §2) For what leaves; the grammar sees to the rest.
import type { Content, Message, Packet, Presence } from '@sallyport/shared/packet.ts';
import { defaultVocabulary, type Vocabulary, type VocabularyWord } from '@sallyport/shared/policy/vocabulary.ts';
import { pass, refuse, type Verdict } from '@sallyport/shared/verdict.ts';
import type { ReleaseSituation } from '../situation.ts';

/** Takes out of messages and presence what is not spoken with this partner; refuses the rest with `not-carried`. */
export function checkVocabulary(packet: Packet, { partner }: ReleaseSituation): Verdict<Packet> {
  const { content } = packet;
  const words = partner.vocabulary ?? defaultVocabulary;
  const word = wordOf(content);
  if (word !== undefined && !words.has(word)) return refuse('not-carried', { note: `${word} is not spoken with it` });
  const spoken = inWords(content, words);
  const late = packet.delayed && !words.has('delays');
  if (spoken === content && !late) return pass(packet);
  return pass({ ...packet, content: spoken, delayed: packet.delayed && !late });
}

function wordOf(content: Content): VocabularyWord | undefined {
  switch (content.kind) {
    case 'chat-state':
      return 'chat-states';
    case 'receipt':
      return content.what === 'received' ? 'receipts' : 'markers';
    case 'presence':
    case 'subscription':
    case 'probe':
      return 'presence';
    case 'card-query':
    case 'card':
      return 'cards';
    case 'avatar-query':
    case 'avatar':
      return 'avatars';
    case 'reactions':
      return 'reactions';
    case 'retraction':
      return 'retractions';
    case 'message':
    case 'bounce':
    case 'invitation':
      return undefined;
    default:
      return content satisfies never;
  }
}

function inWords(content: Content, words: Vocabulary): Content {
  if (content.kind === 'message') return messageIn(content, words);
  return content.kind === 'presence' ? presenceIn(content, words) : content;
}

function messageIn(message: Message, words: Vocabulary): Message {
  const { chatState, receiptRequested, markable, label } = message;
  const noState = chatState !== undefined && !words.has('chat-states');
  const noReceipt = receiptRequested === true && !words.has('receipts');
  const noMarker = markable === true && !words.has('markers');
  const noLabel = label !== undefined && !words.has('labels');
  if (!noState && !noReceipt && !noMarker && !noLabel) return message;
  const { chatState: _, receiptRequested: _r, markable: _m, label: _l, ...rest } = message;
  return {
    ...rest,
    ...(chatState === undefined || noState ? {} : { chatState }),
    ...(receiptRequested === undefined || noReceipt ? {} : { receiptRequested }),
    ...(markable === undefined || noMarker ? {} : { markable }),
    ...(label === undefined || noLabel ? {} : { label }),
  };
}

function presenceIn(presence: Presence, words: Vocabulary): Presence {
  const { idleSince, avatarHash, ...rest } = presence;
  return {
    ...rest,
    statuses: words.has('statuses') ? presence.statuses : [],
    ...(idleSince === undefined || !words.has('idle') ? {} : { idleSince }),
    ...(avatarHash === undefined || !words.has('avatars') ? {} : { avatarHash }),
  };
}
