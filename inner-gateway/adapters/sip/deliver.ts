// Delivers packets to Skype users: a MESSAGE in the dialog that there is, else a new dialog (sip-dialect §5.3, §5.4).
import { type Jid, jidText } from '@sallyport/shared/address/jid.ts';
import { jidToSip } from '@sallyport/shared/address/sip-uri.ts';
import type { ChatStateKind, Outcome } from '@sallyport/shared/packet.ts';
import type { RefusalCode } from '@sallyport/shared/refusals.ts';
import type { Delivery } from '../adapter.ts';
import { refusalOf, retryAfter } from './answers.ts';
import { printTyping } from './bodies/typing.ts';
import type { Peers } from './connections/peers.ts';
import { type Conversation, type Conversations, type Dialog, newestDialog } from './conversations.ts';
import type { Invites } from './invites.ts';
import { lateFailureText } from './late-failure.ts';
import { presentMessage } from './present-message.ts';
import type { Requests } from './requests.ts';
import type { Site } from './site.ts';
import { splitText } from './split-text.ts';
import type { Final } from './transactions.ts';
import type { SipResponse } from './wire/message.ts';

type End = Extract<Outcome, { state: 'delivered' | 'refused' }>;
type Addresses = { readonly from: string; readonly to: string };

/** So many messages of one conversation may wait for the one before them; above that they are refused. */
const queuedAtMost = 32;
/** While the other side types, it is said again this often, at most (sip-dialect §5.6). */
const typingPauseMs = 5_000;
/** A far side that says Retry-After is obeyed up to this long; beyond it the sender is told. */
const retryAfterAtMost = 5;

const delivered: End = { state: 'delivered' };

/**
 * Gives the function that delivers one packet. Outcomes: delivered; or refused with `not-carried`, `jid-malformed`,
 * `domain-not-ours`, `queue-full`, `network-away`, `shutting-down` or what the far side's final response means.
 */
export function createDelivery(
  site: Site,
  peers: Peers,
  conversations: Conversations,
  invites: Invites,
  requests: Requests,
  stopping: () => boolean,
): (delivery: Delivery) => Promise<End> {
  function deliver(delivery: Delivery): Promise<End> {
    const { packet, again } = delivery;
    const { content } = packet;
    switch (content.kind) {
      case 'message':
      case 'reactions':
      case 'retraction':
      case 'invitation': {
        const times = { at: packet.at, delayed: packet.delayed, now: site.clock.now() };
        const text = presentMessage(content, times, { text: site.text, marking: site.marking(packet) });
        if (text === '') return Promise.resolve(delivered);
        return deliverText(packet.from, packet.to, again ? repeated(text) : text, delivery.written);
      }
      case 'bounce':
        if (content.ofKind !== 'message') return Promise.resolve(refused('not-carried'));
        return deliverText(packet.from, packet.to, lateFailureText(content, site.text), delivery.written);
      case 'chat-state':
        return Promise.resolve(deliverTyping(packet.from, packet.to, content.state, delivery.written));
      default:
        return Promise.resolve(refused('not-carried'));
    }
  }

  // A process died, or a connection broke, after it was sent and before we knew what became of it (architecture §4.1, 4).
  function repeated(text: string): string {
    const prefix = site.text('repeated');
    return text.startsWith(prefix) ? text : prefix + text;
  }

  async function deliverText(from: Jid, to: Jid, text: string, written: () => void): Promise<End> {
    if (stopping()) return refused('shutting-down');
    const group = peers.serving(to.domain);
    if (group === undefined) return refused('domain-not-ours');
    const addresses = { from: jidToSip(from), to: jidToSip(to) };
    if (addresses.from === undefined || addresses.to === undefined) return refused('jid-malformed');
    const both: Addresses = { from: addresses.from, to: addresses.to };
    const conversation = conversations.of(from, to, group);
    if (conversation.queued >= queuedAtMost) return refused('queue-full');
    conversation.queued++;
    try {
      if (conversation.queued > 1) await new Promise<void>((resolve) => conversation.turns.push(resolve));
      conversation.typing = false;
      const once = onlyOnce(written);
      let last = delivered;
      for (const part of splitText(text)) {
        last = await deliverPart(conversation, both, part, once);
        if (last.state === 'refused') return last;
      }
      return last;
    } catch (error) {
      site.log.error({ error: error instanceof Error ? error.stack : 'unknown' }, 'a delivery threw');
      return refused('internal-fault');
    } finally {
      conversation.queued--;
      conversation.turns.shift()?.();
      conversations.forgetIfIdle(conversation);
    }
  }

  async function deliverPart(
    conversation: Conversation,
    addresses: Addresses,
    part: string,
    written: () => void,
  ): Promise<End> {
    let text = part;
    // One dead dialog, one broken connection, one "later please" are forgiven; each only once.
    let deadOnce = false;
    let waitedOnce = false;
    let invitedOnce = false;
    for (;;) {
      if (stopping()) return refused('shutting-down');
      const dialog = newestDialog(conversation);
      if (dialog === undefined) {
        const opened = await invites.open(conversation, addresses, text, written);
        switch (opened.state) {
          case 'open':
            if (opened.taken) return { state: 'delivered', callId: opened.callId };
            continue;
          case 'gone':
            if (invitedOnce) return refused('partner-unreachable');
            invitedOnce = true;
            // The toast may have shown the text.
            text = repeated(text);
            continue;
          case 'refused': {
            // Glare: they have called in the meantime, and our own call was refused for it.
            if (newestDialog(conversation) !== undefined) continue;
            const pause = pauseFor(opened.status, opened.retryAfter);
            if (pause === undefined || waitedOnce) return refused(opened.code);
            waitedOnce = true;
            await wait(pause);
            continue;
          }
          default:
            return opened satisfies never;
        }
      }
      const final = await requests.send(
        dialog,
        'MESSAGE',
        { type: 'text/plain; charset=UTF-8', text: crlf(text) },
        written,
      );
      if (final === 'unsent') return refused('network-away');
      if (typeof final !== 'string' && final.status < 300) return deliveredBy(final);
      if (typeof final === 'string' || meansDead(final.status)) {
        forget(dialog, final);
        if (deadOnce) return refused(typeof final === 'string' ? 'partner-unreachable' : 'far-away');
        deadOnce = true;
        // Without an answer nobody knows whether it was shown; 481 and 480 say that it was not.
        if (typeof final === 'string' || final.status === 408) text = repeated(text);
        continue;
      }
      const pause = pauseFor(final.status, retryAfter(final));
      if (pause === undefined || waitedOnce) return refused(refusalOf(final));
      waitedOnce = true;
      await wait(pause);
    }
  }

  function deliverTyping(from: Jid, to: Jid, state: ChatStateKind, written: () => void): End {
    const conversation = conversations.find(from, to);
    const dialog = conversation === undefined ? undefined : newestDialog(conversation);
    // Never a call for typing alone, and nothing is lost by leaving it out.
    if (conversation === undefined || dialog === undefined || stopping()) return delivered;
    const now = site.clock.now();
    const typing = state === 'composing';
    const due = typing ? !conversation.typing || now - conversation.typingSaidAt >= typingPauseMs : conversation.typing;
    if (!due || (typing && dialog.asking > 0)) return delivered;
    conversation.typing = typing;
    conversation.typingSaidAt = now;
    const body = { type: 'application/xml', text: printTyping(typing ? 'type' : 'idle') };
    requests.send(dialog, 'INFO', body, written).then((final) => {
      if (typeof final !== 'string' && meansDead(final.status)) forget(dialog, final);
    });
    return delivered;
  }

  function forget(dialog: Dialog, final: Final): void {
    const { external, internal } = dialog.conversation;
    const why = typeof final === 'string' ? final : final.status;
    site.log.info({ from: jidText(external), to: jidText(internal), why }, 'a dialog is dead at the far side');
    if (why !== 481) requests.end(dialog);
    conversations.remove(dialog);
  }

  return deliver;
}

// As the SIP side's own logs know it: the two numbers of the request that was answered.
function deliveredBy({ callId, cseq }: SipResponse): End {
  return { state: 'delivered', callId: `${callId} ${cseq}` };
}

/** Whether the status of a final response to MESSAGE or INFO says that the far side knows nothing of the dialog any more. */
function meansDead(status: number): boolean {
  return status === 481 || status === 408 || status === 480;
}

/** Milliseconds after which it is worth asking once more; undefined: never (errors.md: 491, 503). */
function pauseFor(status: number, seconds: number | undefined): number | undefined {
  if (status === 491) return 200 + Math.random() * 1_800;
  if (status === 503 && seconds !== undefined && seconds <= retryAfterAtMost) return seconds * 1000;
  return undefined;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}

function crlf(text: string): string {
  return text.includes('\n') ? text.replace(/\r?\n/g, '\r\n') : text;
}

function onlyOnce(run: () => void): () => void {
  let ran = false;
  return () => {
    if (ran) return;
    ran = true;
    run();
  };
}

function refused(code: RefusalCode): End {
  return { state: 'refused', refusal: { code } };
}
