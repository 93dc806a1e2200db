// The partner doctor: examines one partner from where the network is, question after question, and says in plain words what
// is wrong and who mends it. It dials nobody who is not a partner, and nothing of users passes through it.
import { parseDomain } from '@sallyport/shared/address/jid.ts';
import type { AuditEntry } from '@sallyport/shared/audit.ts';
import { readCertificate } from '@sallyport/shared/certificates/read-certificate.ts';
import type { Clock } from '@sallyport/shared/clock.ts';
import type { Finding } from '@sallyport/shared/finding.ts';
import type { Log } from '@sallyport/shared/log.ts';
import type { Partner, Policy } from '@sallyport/shared/policy/policy.ts';
import { charged, excessMs, paceOf } from '@sallyport/shared/rate.ts';
import type { DialbackKeys } from '../dialback/keys.ts';
import type { Dns } from '../dns/ask-dns.ts';
import type { ProxySettings } from '../settings.ts';
import { placeOf } from '../stream/connect-tcp.ts';
import type { StreamFacts } from '../stream/facts.ts';
import type { Caller } from '../stream/negotiate-outbound.ts';
import { advertisedLimits, type Times, timesOf } from '../stream/times.ts';
import type { CredentialsOf } from '../tls/own-credentials.ts';
import type { Attempts } from './attempts.ts';
import { lackOfClientAuth } from './certificate-words.ts';
import { examineDns, type Place } from './examine-dns.ts';
import { bestWalk, type Examined, examinePlace, sentChain } from './examine-place.ts';
import { explainConnections, explainFirstWords } from './explain-address.ts';
import { explainWayIn, explainWayOut } from './explain-authentication.ts';
import { explainCertificate } from './explain-certificate.ts';
import { explainInbound } from './explain-inbound.ts';
import { explainOurCertificate } from './explain-our-certificate.ts';
import { explainPing, explainStream } from './explain-stream.ts';
import { explainTls } from './explain-tls.ts';
import { found, merged } from './findings.ts';
import { createPings, type PingResult, type Pings } from './ping.ts';

export type DoctorWorld = {
  readonly settings: Pick<ProxySettings, 'domains' | 'limits'>;
  readonly policy: () => Policy;
  readonly credentials: CredentialsOf;
  readonly keys: DialbackKeys;
  /** Opens questions to DNS for one visit; nothing that another visit learnt is believed. */
  readonly openDns: () => Dns;
  /** The live streams, both directions. */
  readonly streams: () => readonly StreamFacts[];
  readonly attempts: Pick<Attempts, 'of'>;
  readonly audit: (entry: AuditEntry) => void;
  readonly log: Log;
  readonly clock: Clock;
  /** Tests make times shorter. */
  readonly times?: Partial<Times>;
  readonly bounds?: Partial<Bounds>;
};

export type Doctor = {
  /**
   * Examines `domain` as `from`, our first domain where it is empty. `by` is who asked, for the audit. Bounds: two visits
   * at once, one a partner, six in a moment and one in 5 s after that; 8 addresses; 35 s, and
   * then what was begun is finished, half a minute at most.
   */
  readonly examine: (question: Question, by: string) => AsyncGenerator<Finding, void>;
  readonly pingAnswered: Pings['answered'];
};

export type Question = { readonly domain: string; readonly from: string };

type Bounds = {
  readonly placesAtMost: number;
  readonly placesAtOnce: number;
  readonly visitMs: number;
  readonly pingMs: number;
  readonly visitsAtOnce: number;
  readonly burst: number;
};
const usual: Bounds = {
  placesAtMost: 8,
  placesAtOnce: 2,
  // What was begun is finished, and one address may take half a minute.
  visitMs: 35_000,
  pingMs: 10_000,
  visitsAtOnce: 2,
  burst: 6,
};

export function createDoctor(world: DoctorWorld): Doctor {
  const { clock, settings } = world;
  const bounds = { ...usual, ...world.bounds };
  const pings = createPings(clock, bounds.pingMs);
  const pace = paceOf(0.2, bounds.burst);
  let paidUntil = 0;
  const visiting = new Set<string>();
  // A probe that hangs must not take the whole visit with it.
  const times = timesOf(settings.limits, {
    header: 5_000,
    handshake: 5_000,
    negotiation: 10_000,
    attempt: 5_000,
    dialback: 10_000,
    ...world.times,
  });

  async function* examine(question: Question, by: string): AsyncGenerator<Finding, void> {
    const ours = question.from === '' ? settings.domains[0] : parseDomain(question.from);
    const theirs = parseDomain(question.domain);
    if (visiting.size >= bounds.visitsAtOnce || visiting.has(theirs ?? '') || !mayVisit()) {
      yield found('doctor-busy', 'the doctor has too many visits at the moment, and examined nothing');
      return;
    }
    if (theirs === undefined) yield found('not-a-domain', `${question.domain} is not a domain`);
    else if (ours === undefined || !settings.domains.includes(ours)) {
      yield found('not-our-domain', `${question.from} is none of our domains: ${settings.domains.join(', ')}`);
    } else if (settings.domains.includes(theirs)) yield found('our-own-domain', `${theirs} is our own domain`);
    else {
      visiting.add(theirs);
      const codes: string[] = [];
      try {
        for await (const finding of examineDomain(theirs, ours)) {
          if (finding.level === 'wrong') codes.push(finding.code);
          yield finding;
        }
      } finally {
        visiting.delete(theirs);
        record(theirs, ours, by, codes);
      }
    }
  }

  function mayVisit(): boolean {
    const due = charged(paidUntil, clock.now(), 1, pace);
    if (excessMs(due, clock.now(), pace) > 0) return false;
    paidUntil = due;
    return true;
  }

  function record(theirs: string, ours: string, by: string, codes: readonly string[]): void {
    const note = `asked by ${by}; ${codes.length === 0 ? 'nothing wrong' : [...new Set(codes)].join(' ')}`;
    world.audit({
      ...{ event: 'examined', direction: 'outward', kind: 'stream', stage: 'doctor' },
      ...{ from: ours, to: theirs, note, revision: world.policy().revision },
    });
    world.log.info({ to: theirs, note }, 'the doctor has examined a partner');
  }

  async function* examineDomain(theirs: string, ours: string): AsyncGenerator<Finding, void> {
    // INVARIANT: nothing is looked up and nobody dialled for a domain that is no partner (N9).
    const partner = world.policy().partners.get(theirs);
    if (partner === undefined) {
      yield found('not-on-our-list', `${theirs} is no partner of ours: nothing was looked up, nobody dialled`);
      const attempts = world.attempts.of(theirs);
      if (attempts.length > 0) yield* explainInbound(attempts, [], clock.now());
      return;
    }
    yield found('on-our-list', `a partner, examined as ${ours}: ${termsOf(partner)}`);
    const until = clock.now() + bounds.visitMs;
    const dns = world.openDns();
    try {
      const places = yield* examineDns(partner, dns, () => clock.now() < until);
      yield* examinePlaces(partner, ours, places, until);
    } finally {
      dns.close();
    }
    const streams = world.streams().filter(({ remoteDomain }) => remoteDomain === theirs);
    yield* explainInbound(world.attempts.of(theirs), streams, clock.now());
  }

  async function* examinePlaces(
    partner: Partner,
    ours: string,
    places: readonly Place[],
    until: number,
  ): AsyncGenerator<Finding, void> {
    const credentials = world.credentials(ours);
    const { keys } = world;
    const caller = {
      localDomain: ours,
      // Nobody would take stanzas that came back on a stream of the doctor's.
      partner: { ...partner, bidi: false },
      credentials,
      keys,
      clock,
      times,
      advertised: advertisedLimits(settings.limits),
    };
    const chosen = places.slice(0, bounds.placesAtMost);
    const { examined, ping } = await walkAll(caller, chosen, until);
    const ourLeaf = readCertificate(credentials.leaf);
    const ourSide = { domain: ours, lacksClientAuth: ourLeaf !== undefined && lackOfClientAuth(ourLeaf) !== undefined };

    yield* merged([...explainConnections(examined)]);
    yield* merged(examined.flatMap((each) => [...explainFirstWords(each, { ours, theirs: partner.domain })]));
    yield* merged(examined.flatMap((each) => [...explainTls(each, partner)]));
    const certificates = await explainCertificates(examined, partner);
    yield* merged(certificates.findings);
    if (chosen.length > 0) yield* explainOurCertificate(credentials.leaf, ours, clock.now());
    yield* merged(examined.flatMap((each) => [...explainWayOut(each, partner, ourSide)]));
    if (certificates.believed !== undefined) yield* explainWayIn(certificates.believed, partner);
    yield* merged(examined.flatMap((each) => [...explainStream(each, settings.limits.stanzaBytes)]));
    yield* explainPing(ping);
    if (examined.length < places.length) {
      yield found('not-finished', `${examined.length} of ${places.length} addresses were examined`);
    }
  }

  /** The places in their order, a few at once; the first stream that lives carries the ping. */
  async function walkAll(
    caller: Caller,
    places: readonly Place[],
    until: number,
  ): Promise<{ readonly examined: readonly Examined[]; readonly ping: PingResult | undefined }> {
    const pair = { localDomain: caller.localDomain, remoteDomain: caller.partner.domain };
    const mayGoOn = () => clock.now() < until;
    const results = new Map<Place, Examined>();
    const waiting = [...places];
    let pinging = false;
    let ping: PingResult | undefined;

    async function workThrough(): Promise<void> {
      for (let place = waiting.shift(); place !== undefined && mayGoOn(); place = waiting.shift()) {
        const at = placeOf(place.address, place.port);
        results.set(
          place,
          await examinePlace(caller, place, mayGoOn, async (channel) => {
            if (pinging) return undefined;
            pinging = true;
            return pings.send(pair, at, channel, (result) => {
              ping = result;
            });
          }),
        );
      }
    }
    await Promise.all(Array.from({ length: bounds.placesAtOnce }, workThrough));
    return { examined: places.flatMap((place) => results.get(place) ?? []), ping };
  }

  async function explainCertificates(
    examined: readonly Examined[],
    partner: Partner,
  ): Promise<{ readonly findings: readonly Finding[]; readonly believed: boolean | undefined }> {
    const findings: Finding[] = [];
    let believed: boolean | undefined;
    for (const each of examined) {
      const walk = bestWalk(each);
      const shaken = walk?.shaken ?? each.only['1.2']?.shaken ?? each.only['1.3']?.shaken;
      if (shaken === undefined) continue;
      const explained = await explainCertificate({ chain: shaken.chain, sent: sentChain(each) }, partner, clock.now());
      believed = (believed ?? true) && explained.believed;
      findings.push(...explained.findings.map((finding) => ({ ...finding, at: each.at })));
    }
    return { findings, believed };
  }

  return { examine, pingAnswered: pings.answered };
}

function termsOf({ connect, tls, trust, pins, pinsOnly, dialback }: Partner): string {
  const cas = trust.length === 0 ? 'no CA' : trust.length === 1 ? '1 CA file' : `${trust.length} CA files`;
  return [
    connect === 'dns' ? 'found by DNS' : 'pinned addresses',
    tls === undefined ? 'TLS 1.2 to 1.3' : `TLS ${tls.min} to ${tls.max}`,
    pinsOnly === true ? 'pinned keys only' : `${cas}${pins === undefined ? '' : ' and pinned keys'}`,
    ...(dialback === undefined ? [] : [`dialback (${dialback})`]),
  ].join(', ');
}
