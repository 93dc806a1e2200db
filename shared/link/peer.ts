// The other half of the product as this half sees it: one peer, link after link. A link may be cut or made anew at
// any moment; what was under way is asked for on the next one, so that nothing is lost and nothing comes twice.
import type { Hello__Output } from '@sallyport/proto/generated/sallyport/boundary/v1/Hello.ts';
import type { Clock, Instant } from '../clock.ts';
import { shownText } from '../finding.ts';
import type { Log } from '../log.ts';
import type { PacketId } from '../packet.ts';
import { createAgreement } from './agreement.ts';
import { createArrivals, type Receive } from './arrivals.ts';
import { type FrameRead, type LinkStream, protocolVersion } from './frame.ts';
import { createHeads, type HeadsWorld } from './heads.ts';
import { createIncoming, type Incoming } from './incoming.ts';
import { createOffers, type Offer } from './offers.ts';
import { createOutgoing, type Outgoing } from './outgoing.ts';

export type PeerWorld = {
  /** Who we are; the clock is read at each hello. */
  readonly introduction: () => {
    readonly software: string;
    readonly node: string;
    readonly boot: string;
    readonly policyRevision: string;
  };
  readonly receive: Receive;
  readonly lookUp?: Parameters<typeof createArrivals>[0]['lookUp'];
  readonly onUnreadable?: Parameters<typeof createArrivals>[0]['onUnreadable'];
  readonly marks?: Parameters<typeof createArrivals>[0]['marks'];
  readonly afterTaken: 'forget' | 'offer-again';
  readonly onUp?: (hello: Hello__Output) => void;
  readonly onDown?: () => void;
  readonly audit?: HeadsWorld;
  readonly clock: Clock;
  readonly log: Log;
};

export type PeerFacts = {
  readonly up: boolean;
  readonly since: Instant;
  readonly node: string;
  readonly software: string;
  /** The one in force there now, as they say. */
  readonly policyRevision: string;
  readonly boot: string;
  /** Their clock minus ours when they said hello, in ms. */
  readonly skewMs: number;
};

export type Peer = {
  readonly offer: (offer: Offer) => void;
  /** As Offers.withdraw. */
  readonly withdraw: (id: PacketId, offeredToo?: boolean) => boolean;
  /**
   * Runs one link over a stream that is authenticated already, until it ends; says in words why it ended.
   * `entered` is called when hellos were said and its predecessor has ended: from then on it carries packets.
   */
  readonly attend: (stream: LinkStream, entered?: () => void) => Promise<string>;
  /** Ends the present link politely. */
  readonly farewell: (reason: string) => void;
  readonly facts: () => PeerFacts;
  readonly waiting: () => number;
  readonly unsettled: () => number;
};

const credit = 4_000;
// More than all that credit allows in both directions together, each with its two answers.
const backlogAtMost = 20_000;
const helloWithinMs = 10_000;
// A cut that neither end hears of must be noticed before stanzas give up waiting for the inside (10 s).
const heartbeatMs = 1_500;
const silentMs = 5_000;
const predecessorEndsWithinMs = 3_000;
const goodbyeWithinMs = 2_000;

type ActiveLink = { readonly stream: LinkStream; readonly outgoing: Outgoing; readonly ended: Promise<void> };

/** A peer without a link yet; `attend` gives it one. */
export function createPeer(world: PeerWorld): Peer {
  const offers = createOffers(world.afterTaken);
  const arrivals = createArrivals(
    {
      ...{ receive: world.receive, clock: world.clock },
      ...(world.lookUp === undefined ? {} : { lookUp: world.lookUp }),
      ...(world.onUnreadable === undefined ? {} : { onUnreadable: world.onUnreadable }),
      ...(world.marks === undefined ? {} : { marks: world.marks }),
    },
    credit,
  );
  const agreement = createAgreement(world.log);
  const heads = createHeads(world.audit ?? {});
  let active: ActiveLink | undefined;
  let facts: PeerFacts = {
    up: false,
    since: world.clock.now(),
    node: '',
    software: '',
    policyRevision: '',
    boot: '',
    skewMs: 0,
  };
  // Links enter one after the other.
  let entering: Promise<void> = Promise.resolve();

  async function attend(stream: LinkStream, entered?: () => void): Promise<string> {
    const outgoing = createOutgoing(stream);
    const incoming = createIncoming(stream);
    outgoing.alone({ hello: { ...world.introduction(), protocolVersion, clockMs: world.clock.now(), credit } });
    const first = await incoming.next(helloWithinMs);
    const hello = typeof first === 'string' ? first : acceptableHello(first);
    if (typeof hello === 'string') {
      sayGoodbye(outgoing, hello, false);
      await incoming.drain(goodbyeWithinMs);
      stream.destroy();
      return hello;
    }
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const link = { stream, outgoing, ended };
    entering = entering.then(() => enter(link, hello));
    await entering;
    entered?.();
    const { why, polite } = await readLink(incoming, link);
    // After goodbyes both ways the stream ends by itself; its last frames may still be on their way.
    if (!polite) stream.destroy();
    leave(link);
    end();
    return why;
  }

  async function enter(link: ActiveLink, hello: Hello__Output): Promise<void> {
    if (active !== undefined) await endPredecessor(active);
    active = link;
    const now = world.clock.now();
    facts = {
      up: true,
      since: now,
      node: hello.node.slice(0, 64),
      software: hello.software.slice(0, 64),
      policyRevision: shownText(hello.policyRevision, 64),
      boot: shownText(hello.boot, 64),
      skewMs: hello.clockMs - now,
    };
    arrivals.attach(link.outgoing);
    offers.attach(link.outgoing, hello.boot, Math.min(hello.credit, credit));
    heads.attach();
    world.onUp?.(hello);
  }

  function leave(link: ActiveLink): void {
    if (active !== link) return;
    active = undefined;
    arrivals.detach();
    offers.detach();
    agreement.end();
    facts = { ...facts, up: false, since: world.clock.now() };
    world.onDown?.();
  }

  async function readLink(incoming: Incoming, link: ActiveLink): Promise<{ why: string; polite: boolean }> {
    let heard = world.clock.now();
    let goodbye: string | undefined;
    const heartbeat = setInterval(() => {
      const now = world.clock.now();
      if (now - heard > silentMs) link.stream.destroy(new Error(`silent for ${Math.round((now - heard) / 1000)} s`));
      const { policyRevision } = world.introduction();
      if (now - heard <= silentMs) link.outgoing.alone({ heartbeat: { clockMs: now, policyRevision } });
      if (active !== link) return;
      heads.tick(now, link.outgoing);
      agreement.look(policyRevision, facts.policyRevision, now);
    }, heartbeatMs);
    const why = await incoming.each((frame) => {
      heard = world.clock.now();
      const broken = readFrame(frame) ?? heads.read(frame, heard, link.outgoing);
      if (broken === undefined && frame.goodbye) goodbye = frame.goodbye.reason.slice(0, 200);
      if (broken === undefined && link.outgoing.backlog() > backlogAtMost)
        return 'the other end asks and does not read the answers';
      return broken ?? goodbye;
    });
    clearInterval(heartbeat);
    if (goodbye === undefined) return { why, polite: false };
    sayGoodbye(link.outgoing, 'goodbye', false);
    const polite = await incoming.drain(goodbyeWithinMs);
    return { why: goodbye, polite };
  }

  function readFrame(frame: FrameRead): string | undefined {
    if (frame.hello) return 'the other end said hello twice';
    const policyRevision = shownText(frame.heartbeat?.policyRevision ?? '', 64);
    // A policy changes while the link lives; an older release does not say so.
    if (policyRevision !== '' && policyRevision !== facts.policyRevision) facts = { ...facts, policyRevision };
    for (const taken of frame.taken) if (!offers.onTaken(taken.seq)) return 'the other end took what was never offered';
    for (const settled of frame.settled)
      if (!offers.onSettled(settled)) return 'the other end settled what was never offered';
    for (const asked of frame.asked) if (!arrivals.onAsked(asked)) return 'the other end asked out of order';
    for (const offered of frame.offered)
      if (!arrivals.onOffered(offered)) return 'the other end offered out of order or beyond its credit';
    return undefined;
  }

  return {
    offer: offers.add,
    withdraw: offers.withdraw,
    attend,
    farewell(reason) {
      if (active !== undefined) sayGoodbye(active.outgoing, reason, false);
    },
    facts: () => facts,
    waiting: offers.waiting,
    unsettled: offers.unsettled,
  };
}

// The old link says goodbye and is read to its end before the new one carries anything, so that order is kept.
async function endPredecessor(old: ActiveLink): Promise<void> {
  sayGoodbye(old.outgoing, 'a newer link has taken over', true);
  const timer = setTimeout(() => old.stream.destroy(), predecessorEndsWithinMs);
  await old.ended;
  clearTimeout(timer);
}

function sayGoodbye(outgoing: Outgoing, reason: string, replaced: boolean): void {
  outgoing.alone({ goodbye: { reason, replaced } });
  outgoing.end();
}

function acceptableHello(first: FrameRead): Hello__Output | string {
  if (first.goodbye) return first.goodbye.reason.slice(0, 200);
  const hello = first.hello;
  if (!hello) return 'the other end did not begin with hello';
  if (hello.protocolVersion === protocolVersion) return hello;
  const software = hello.software.slice(0, 64);
  return `${software} speaks version ${hello.protocolVersion} of the boundary and this end version ${protocolVersion}: install the same release on both sides`;
}
