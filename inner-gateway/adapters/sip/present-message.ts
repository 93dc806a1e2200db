// What a Skype user reads: a packet of XMPP, which says more than text, as plain text (xmpp-boundary §2.1, XEP-0066,
// 0258, 0308, 0424, 0444). Words of ours stand in square brackets.
import type { Instant } from '@sallyport/shared/clock.ts';
import type { Message, PacketOf } from '@sallyport/shared/packet.ts';
import { filled } from '@sallyport/shared/policy/texts.ts';
import type { TextName } from '@sallyport/shared/user-texts.ts';

export type Presentable = PacketOf<'message' | 'reactions' | 'retraction' | 'invitation'>['content'];

// The wall carries no more than these; who presents does not rely on it.
const linksShown = 16;
const emojisShown = 10;

/** A text that took no longer than this is not late. */
const lateAfterMs = 60_000;

/** When something was said, and when it is shown. */
export type Times = { readonly at: Instant; readonly delayed: boolean; readonly now: Instant };

/** The words of ours: texts of the policy, and the line that tells the marking of a message, or nothing. */
export type Words = { readonly text: (name: TextName) => string; readonly marking: string };

/**
 * The text of what was said; empty where nothing is to be shown. The name that a sender gives himself is left out,
 * since it could be anybody's, and so are ids, which say nothing to a reader. What its sender's server had kept says
 * when it was said (XEP-0203), in UTC, since nobody here knows the reader's clock.
 */
export function presentMessage(content: Presentable, times: Times, { text, marking }: Words): string {
  switch (content.kind) {
    case 'message':
      return textOf(content, sentAt(times, text), text, marking);
    case 'reactions': {
      const emojis = content.emojis.slice(0, emojisShown).join(' ');
      return emojis === '' ? text('unreacted') : filled(text('reacted'), { emojis });
    }
    case 'retraction':
      return text('retracted');
    case 'invitation': {
      const invitation = filled(text('invited'), { room: content.room.bare });
      return content.reason === '' ? invitation : `${invitation} ${content.reason}`;
    }
    default:
      return content satisfies never;
  }
}

function sentAt({ at, delayed, now }: Times, text: Words['text']): string {
  if (!delayed || now - at < lateAfterMs) return '';
  return filled(text('sent'), { time: new Date(at).toISOString().slice(0, 16).replace('T', ' ') });
}

function textOf(
  { body, subject, replaces, links }: Message,
  sent: string,
  text: Words['text'],
  marking: string,
): string {
  const said = body === '' ? '' : `${sent}${replaces === undefined ? '' : text('correction')}${body}`;
  // By far the most messages.
  if (subject === undefined && links === undefined && marking === '') return said;
  const lines = [
    marking,
    onOneLine(subject ?? ''),
    said,
    ...(links ?? []).slice(0, linksShown).map((link) => lineOf(link, body)),
  ];
  return lines
    .filter((line) => line !== '')
    .join('\n')
    .trimEnd();
}

// An address that the text says already is not said twice; its description is.
function lineOf({ url, description }: NonNullable<Message['links']>[number], body: string): string {
  const words = onOneLine(description);
  if (body.split(/\s+/).includes(url)) return words;
  return words === '' ? url : `${words}: ${url}`;
}

function onOneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
