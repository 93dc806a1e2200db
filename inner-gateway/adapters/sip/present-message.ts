// What a Skype user reads: a packet of XMPP, which says more than text, as plain text (xmpp-boundary §2.1, XEP-0066,
// 0258, 0308, 0424, 0444). Words of ours stand in square brackets.
import type { Instant } from '@sallyport/shared/clock.ts';
import type { Message, PacketOf } from '@sallyport/shared/packet.ts';

export type Presentable = PacketOf<'message' | 'reactions' | 'retraction' | 'invitation'>['content'];

// The wall carries no more than these; who presents does not rely on it.
const linksShown = 16;
const emojisShown = 10;

/** A text that took no longer than this is not late. */
const lateAfterMs = 60_000;

/** When something was said, and when it is shown. */
export type Times = { readonly at: Instant; readonly delayed: boolean; readonly now: Instant };

/**
 * The text of what was said; empty where nothing is to be shown. The name that a sender gives himself is left out,
 * since it could be anybody's, and so are ids, which say nothing to a reader. What its sender's server had kept says
 * when it was said (XEP-0203), in UTC, since nobody here knows the reader's clock.
 */
export function presentMessage(content: Presentable, times: Times): string {
  switch (content.kind) {
    case 'message':
      return textOf(content, sentAt(times));
    case 'reactions': {
      const emojis = content.emojis.slice(0, emojisShown).join(' ');
      return emojis === '' ? '[took back a reaction to a message]' : `[reacted ${emojis} to a message]`;
    }
    case 'retraction':
      return '[took back a message; what was delivered stays]';
    case 'invitation': {
      const invitation = `[invites you to the group chat ${content.room.bare}, which cannot be joined from here]`;
      return content.reason === '' ? invitation : `${invitation} ${content.reason}`;
    }
    default:
      return content satisfies never;
  }
}

function sentAt({ at, delayed, now }: Times): string {
  if (!delayed || now - at < lateAfterMs) return '';
  return `[sent ${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC] `;
}

function textOf({ body, subject, replaces, links, label }: Message, sent: string): string {
  const said = body === '' ? '' : `${sent}${replaces === undefined ? '' : '[correction] '}${body}`;
  // By far the most messages.
  if (subject === undefined && links === undefined && label === undefined) return said;
  const lines = [
    label === undefined || label.display === '' ? '' : `[${onOneLine(label.display)}]`,
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
