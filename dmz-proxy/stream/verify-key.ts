// Step 2 of dialback: the key of a peer, asked of the server that its domain really has, on a connection of its own
// (XEP-0220 §2.1.2, XEP-0344; xmpp-boundary D4, D5, D13). This connection never carries a key of ours.
import type { Log } from '@sallyport/shared/log.ts';
import type { Partner } from '@sallyport/shared/policy/policy.ts';
import { type DialbackCondition, printVerify, readDialback } from '../dialback/words.ts';
import type { Dns } from '../dns/ask-dns.ts';
import type { Target } from '../dns/find-partner.ts';
import { bytesBeforeAuthentication, type Channel, openChannel } from './channel.ts';
import { describeEnding, type Ending, ended, type Step, streamError, went } from './ending.ts';
import { farewell } from './farewell.ts';
import { readDomain } from './header.ts';
import { type Caller, openSecured } from './negotiate-outbound.ts';
import { proveServer } from './prove-peer.ts';
import { readStreamError } from './stream-error.ts';
import { type Speak, tryServers } from './try-servers.ts';

/** What a peer has said on its stream to us, to be asked of the server of `partner`. */
export type KeyInQuestion = {
  readonly localDomain: string;
  readonly partner: Partner;
  /** The id that we gave the peer's stream. */
  readonly streamId: string;
  readonly key: string;
  /** With `tls+same-cert`: the certificate of the peer, which the server must show as well. */
  readonly sameAs?: Uint8Array;
};

export type Verified =
  | { readonly answer: 'valid' | 'invalid' }
  | { readonly answer: 'error'; readonly condition: DialbackCondition; readonly note: string };

export type VerifyWorld = Pick<Caller, 'credentials' | 'clock' | 'times'> & { readonly dns: Dns; readonly log: Log };

/** A server may say so many other things before its answer. */
const othersAtMost = 10;

/**
 * Asks for `times.dialback` at most. Never dials but where the entry of a partner leads (N8, N9), and asks on no stream
 * that the peer has anything to do with. `note` is for the log.
 */
export function verifyKey(world: VerifyWorld, question: KeyInQuestion): Promise<Verified> {
  return new Promise((resolve) => {
    let channel: Channel | undefined;
    let over = false;
    const finish = (verified: Verified): void => {
      over = true;
      clearTimeout(timer);
      resolve(verified);
    };
    const timer = setTimeout(() => {
      finish(fault('remote-server-timeout', 'the server of the domain did not answer in time'));
      channel?.interrupt({ kind: 'cut', note: 'too late' });
    }, world.times.dialback);
    const speak: Speak<Verified> = (socket, tls, place) => {
      if (over) socket.destroy();
      channel = openChannel(socket, world.clock, bytesBeforeAuthentication);
      return askOnce(world, question, channel, tls, place);
    };
    const times = { ...world.times, connect: world.times.dialback };
    tryServers({ ...world, times, partner: question.partner }, speak).then(
      (tried) => finish(tried.ok ? tried.stream : tried.reached === true ? timedOut(tried.text) : notReached(tried)),
      (error: unknown) => {
        world.log.error({ err: error }, 'asking the server of a domain fell over a fault of our own');
        finish(fault('remote-connection-failed', 'a fault of our own'));
      },
    );
  });
}

function fault(condition: DialbackCondition, note: string): Verified {
  return { answer: 'error', condition, note };
}

function timedOut(note: string): Verified {
  return fault('remote-server-timeout', note);
}

function notReached({ code, text }: { readonly code: string; readonly text: string }): Verified {
  return fault(code === 'partner-not-found' ? 'remote-server-not-found' : 'remote-connection-failed', text);
}

/** One server, from its header on. What another server could do better is a failure; an answer ends the search. */
async function askOnce(
  world: VerifyWorld,
  question: KeyInQuestion,
  channel: Channel,
  tls: Target['tls'],
  place: string,
): ReturnType<Speak<Verified>> {
  const { localDomain, partner } = question;
  const secured = await openSecured({ ...world, localDomain, partner }, channel, tls);
  const answered = secured.ok ? await ask(world, question, channel, secured.value.chain) : secured;
  const last: Ending = answered.ok ? { kind: 'closed', by: 'us', note: 'the key is judged' } : answered.ending;
  void farewell(channel, last, { ourHeader: '', closeMs: world.times.close });
  if (answered.ok) return { ok: true, stream: answered.value };
  const condition = last.kind === 'closed' ? last.condition : undefined;
  const unknown = condition === 'host-unknown' || condition === 'host-gone';
  return {
    ok: false,
    code: unknown ? 'partner-not-found' : 'partner-unreachable',
    refused: condition !== undefined,
    certificate: false,
    authenticated: false,
    ...(secured.ok && !unknown ? { reached: true } : {}),
    text: `${place}: ${describeEnding(last)}`,
  };
}

async function ask(
  world: VerifyWorld,
  { localDomain, partner, streamId, key, sameAs }: KeyInQuestion,
  channel: Channel,
  chain: readonly Uint8Array[],
): Promise<Step<Verified>> {
  // INVARIANT: who answers has proved as much as its entry asks of any server that we dial (C12).
  const proof = await proveServer(chain, partner, world.clock.now());
  if (!proof.ok) {
    return went(fault('remote-connection-failed', `the certificate of its own server is ${proof.reason}`));
  }
  if (sameAs !== undefined && (chain[0] === undefined || !Buffer.from(sameAs).equals(chain[0]))) {
    return went(fault('not-authorized', 'its own server shows another certificate'));
  }
  // No feature is needed for a question, so none is waited for: Openfire and others send theirs, or do not.
  channel.write(printVerify({ from: localDomain, to: partner.domain }, streamId, key));
  for (let others = 0; others < othersAtMost; ) {
    const event = await channel.next();
    if (event.kind === 'ends') return ended(event.ending);
    if (event.kind !== 'element') return ended({ kind: 'closed', by: 'peer', note: 'it closed without an answer' });
    const said = readStreamError(event.element);
    if (said !== undefined) return ended(said);
    const words = readDialback(event.element);
    const isOurs = words?.name === 'verify' && words.id === streamId;
    // INVARIANT: only the answer to this very question counts, and only here (D5).
    if (!isOurs || !speaksFor(words.from, partner.domain) || !speaksFor(words.to, localDomain)) {
      others += 1;
      continue;
    }
    if (words.type === 'valid' || words.type === 'invalid') return went({ answer: words.type });
    return went(fault('remote-server-not-found', `its own server says: ${words.condition}`));
  }
  return ended(streamError('policy-violation', 'much said, and no answer'));
}

function speaksFor(address: string | undefined, domain: string): boolean {
  const read = address === undefined ? undefined : readDomain(address);
  return typeof read === 'object' && read.domain === domain;
}
