// The load: every conversation has one message under way, and writes the next one when that has arrived.

import type { SkypeUser } from '../fakes/skype-front-end/user.ts';
import type { XmppUser } from '../fakes/xmpp-partner/xmpp-user.ts';
import type { Neighbours } from '../lab/neighbours.ts';
import type { Conversation } from './busy-site.ts';

export type Direction = 'inward' | 'outward';

export type Times = { readonly seconds: number; readonly p50: number; readonly p99: number };

export type Load = {
  /** Sends that many messages one way and resolves when the last has arrived. Rejects after 120 s, or on a refusal. */
  readonly send: (direction: Direction, messages: number) => Promise<Times>;
};

type Talk = {
  readonly ann: XmppUser;
  readonly bob: SkypeUser;
  sentAt: number;
  arrived: () => void;
};

const patienceMs = 120_000;
// With a number behind it, 80 characters.
const text = 'The minutes of the meeting are in the usual place; read them before noon. ';
const extraXml = "<active xmlns='http://jabber.org/protocol/chatstates'/><request xmlns='urn:xmpp:receipts'/>";

/** Connects the conversations with their neighbours. Only one round may run at a time. */
export function prepareLoad(neighbours: Neighbours, conversations: readonly Conversation[]): Load {
  const talks = conversations.map(({ outside, inside }): Talk => {
    const partner = neighbours.partners.get(outside.slice(outside.indexOf('@') + 1));
    if (partner === undefined) throw new Error(`${outside} is at no partner`);
    const talk = { ann: partner.user(outside), bob: neighbours.frontEnd().user(inside), sentAt: 0, arrived() {} };
    talk.ann.listen(({ type, body, raw }) => {
      if (type === 'error') fail(new Error(`refused: ${raw}`));
      else if (body !== undefined) talk.arrived();
    });
    talk.bob.listen((item) => {
      if (item.kind === 'message') talk.arrived();
    });
    return talk;
  });
  let fail = (_error: Error) => {};

  async function inward({ ann, bob }: Talk, number: number): Promise<void> {
    const body = `${text}${String(number).padStart(6, '0')}`;
    await ann.send(bob.address, body, { id: `m${number}`, lang: 'en', extraXml });
  }

  async function outward({ ann, bob }: Talk, number: number): Promise<void> {
    const answer = await bob.say(ann.address, `${text}${String(number).padStart(6, '0')}`);
    if (answer.status !== 200) throw new Error(`refused: ${answer.status} ${answer.reason}`);
  }

  async function send(direction: Direction, messages: number): Promise<Times> {
    const took = new Float64Array(messages);
    const write = direction === 'inward' ? inward : outward;
    const failed = Promise.withResolvers<never>();
    fail = failed.reject;
    let next = 0;
    let arrivals = 0;

    async function talkOn(talk: Talk): Promise<void> {
      while (next < messages) {
        const number = next++;
        const arrived = new Promise<void>((resolve) => {
          talk.arrived = () => {
            took[arrivals++] = performance.now() - talk.sentAt;
            resolve();
          };
        });
        talk.sentAt = performance.now();
        await Promise.all([write(talk, number), arrived]);
      }
    }

    const late = setTimeout(
      () => failed.reject(new Error(`${arrivals} of ${messages} messages arrived within ${patienceMs / 1000} s`)),
      patienceMs,
    );
    const startedAt = performance.now();
    try {
      await Promise.race([Promise.all(talks.map(talkOn)), failed.promise]);
    } finally {
      clearTimeout(late);
    }
    const seconds = (performance.now() - startedAt) / 1000;
    took.sort();
    const at = (share: number) => took[Math.floor(messages * share)] ?? 0;
    return { seconds, p50: at(0.5), p99: at(0.99) };
  }

  return { send };
}
