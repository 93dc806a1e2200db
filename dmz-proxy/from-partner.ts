// What is done with each element that a partner sends on an authenticated stream: it goes inside, is answered,
// refused or dropped, and the audit gets its line.
import { hash } from 'node:crypto';
import { parseJid } from '@sallyport/shared/address/jid.ts';
import type { AuditEntry } from '@sallyport/shared/audit.ts';
import { bounceOf, withIncident } from '@sallyport/shared/bounce.ts';
import type { Clock } from '@sallyport/shared/clock.ts';
import type { Tails } from '@sallyport/shared/content/tails.ts';
import type { Watcher } from '@sallyport/shared/judge.ts';
import { counter } from '@sallyport/shared/metrics.ts';
import type { Packet, PacketId } from '@sallyport/shared/packet.ts';
import type { Policy } from '@sallyport/shared/policy/policy.ts';
import type { Refusal } from '@sallyport/shared/refusals.ts';
import { textsOf } from '@sallyport/shared/texts-of.ts';
import { type Admitted, admit } from './inbound.ts';
import type { Allowance } from './link/allowance.ts';
import type { InsideSettled, ToInside } from './link/to-inside.ts';
import type { PartnerAccounts } from './partner-accounts.ts';
import type { Faults, FlowAccount } from './situation.ts';
import { overdrawnMs } from './stages/check-rate.ts';
import { createFaults } from './stages/count-faults.ts';
import { packetToStanza } from './stanza/packet-to-stanza.ts';
import { identifier } from './stanza/vocabulary.ts';
import type { ServedStream } from './stream/facts.ts';
import type { XmlElement } from './xml/element.ts';

export type FromPartnerWorld = {
  readonly policy: () => Policy;
  readonly domains: ReadonlySet<string>;
  readonly bodyCharacters: number;
  readonly newId: () => PacketId;
  readonly toInside: ToInside;
  readonly allowance: Allowance;
  readonly accounts: PartnerAccounts;
  /** Ships a stanza of our own (an answer, an error); `said`: it is written, or will never be. */
  readonly reply: (localDomain: string, remoteDomain: string, xml: string, said: () => void) => void;
  readonly pingAnswered: (from: string, to: string, id: string) => boolean;
  readonly audit: (entry: AuditEntry) => void;
  /** Whether what is admitted can be written down. */
  readonly recording: () => boolean;
  readonly onRefused: (refusal: Refusal, from: string, to: string) => void;
  readonly watcher?: Watcher;
  /** What was said last, for content rules. */
  readonly tails?: Tails;
  readonly clock: Clock;
};

/** By which policy, and which content rules had something to say. */
type Told = Pick<AuditEntry, 'revision' | 'noticed'>;

/** What is alike for all stanzas of a stream. */
type StreamAccount = {
  readonly flow: FlowAccount;
  readonly faults: Faults;
  readonly onProbing: (from: string) => void;
};

/** A stream that is too fast is not read for at least so long, so that it does not stop and go with every stanza. */
const leastPauseMs = 20;

const stanzasIn = counter('stanzas_in', 'Stanzas from partners, by what became of them at the door', ['outcome']);
// Looked up once: a label costs more to find than the stanza to count.
const outcomes = {
  packet: stanzasIn.labels('packet'),
  reply: stanzasIn.labels('reply'),
  'our-ping-answered': stanzasIn.labels('our-ping-answered'),
  dropped: stanzasIn.labels('dropped'),
  refused: stanzasIn.labels('refused'),
} as const;
const refusedIn = counter('refused_in', 'Stanzas from partners that were refused', ['code']);
const rateExceeded = counter('rate_exceeded', 'Stanzas that were refused for their rate, by the limit', ['limit']);
const probed = counter('probing_outside', 'People of partners whom content rules refused as often as is allowed');
const pauses = counter('streams_slowed', 'Times that a stream was not read for a while, to hold it to its rate');

/**
 * The receiver of all inbound streams. The promise it returns is the back-pressure: the stream is read on after it.
 * `handled` is called when a gateway has kept the packet, its sender's answer or error is written (or cannot be), or it
 * is dropped: from then on nothing is lost with this process (invariant I1, B6).
 */
export function createFromPartner(
  world: FromPartnerWorld,
): (element: XmlElement, bytes: number, stream: ServedStream, handled: () => void) => Promise<void> | undefined {
  let noticed: string | undefined;
  const notice = (text: string) => {
    noticed = text;
  };
  const limits = { bodyCharacters: world.bodyCharacters };
  const accounts = new WeakMap<ServedStream, StreamAccount>();

  function accountOf(stream: ServedStream): StreamAccount {
    const known = accounts.get(stream);
    if (known !== undefined) return known;
    const onProbing = (from: string): void => {
      probed.inc();
      const entry = { direction: 'inward', from, to: stream.localDomain, kind: 'stanza' } as const;
      world.audit({ ...entry, event: 'probing', revision: world.policy().revision });
    };
    const fresh = { flow: { stanzas: 0, bytes: 0 }, faults: createFaults(), onProbing };
    accounts.set(stream, fresh);
    return fresh;
  }

  return (element, bytes, stream, handled) => {
    const policy = world.policy();
    const partner = policy.partners.get(stream.remoteDomain);
    if (partner === undefined) {
      stream.close('policy-violation');
      return undefined;
    }
    const account = accountOf(stream);
    const { flow, people } = world.accounts.of(stream.remoteDomain);
    const situation = {
      stream,
      partner,
      policy,
      rates: { stream: account.flow, partner: flow, people },
      faults: account.faults,
      now: world.clock.now(),
      recording: world.recording(),
      limits,
      domains: world.domains,
      noticed: notice,
      onProbing: account.onProbing,
      tails: world.tails,
    };
    noticed = undefined;
    const admitted = admit(element, bytes, situation, world.newId, world.watcher);
    outcomes[admitted.kind].inc();
    const told = { revision: policy.revision, noticed };
    const waits = takeOn(world, admitted, stream, bytes, told, handled);
    const pause = overdrawnMs(situation);
    return pause === 0 ? waits : slower(pause, waits);
  };
}

// First the stream is read slower (L7): this is one timer for a stream that waits, and none for one that does not.
async function slower(pause: number, waits: Promise<void> | undefined): Promise<void> {
  pauses.inc();
  await new Promise((resolve) => setTimeout(resolve, Math.max(pause, leastPauseMs)));
  await waits;
}

function takeOn(
  world: FromPartnerWorld,
  admitted: Admitted,
  stream: ServedStream,
  bytes: number,
  told: Told,
  handled: () => void,
): Promise<void> | undefined {
  switch (admitted.kind) {
    case 'packet':
      return sendInside(world, admitted.packet, bytes, stream, told, handled);
    case 'reply':
      world.reply(stream.localDomain, stream.remoteDomain, admitted.xml, handled);
      return undefined;
    case 'our-ping-answered':
      world.pingAnswered(admitted.from, admitted.to, admitted.id);
      handled();
      return undefined;
    case 'dropped':
      refusedIn.inc({ code: admitted.refusal.code });
      handled();
      return undefined;
    case 'refused':
      refuseAtTheDoor(world, admitted, stream, bytes, told, handled);
      return undefined;
    default:
      return admitted satisfies never;
  }
}

function sendInside(
  world: FromPartnerWorld,
  packet: Packet,
  bytes: number,
  stream: ServedStream,
  told: Told,
  handled: () => void,
): Promise<void> | undefined {
  const said = auditEntryOf(packet);
  // It may be admitted as what is held: the gateway's audit goes on from here by the id of the packet.
  const held = packet.quarantine?.state === 'held' ? packet.quarantine : undefined;
  // Field by field: it is made for each message, and spreads would cost as much as the rest of the record.
  world.audit({
    event: 'admitted',
    direction: 'inward',
    packet: said.packet,
    from: said.from,
    to: said.to,
    kind: said.kind,
    stanzaId: said.stanzaId,
    digest: said.digest,
    bytes,
    code: held === undefined ? undefined : 'content-held',
    stage: held === undefined ? undefined : 'checkContent',
    rule: held?.rule,
    noticed: told.noticed,
    incident: held?.incident,
    revision: told.revision,
  });
  const pause = world.allowance.enter(stream.remoteDomain, packet.from.bare, packet.to.bare, bytes);
  const settled: InsideSettled = (settlement, taken) => {
    world.allowance.leave(stream.remoteDomain, packet.from.bare, packet.to.bare, bytes);
    // A gateway that has kept the packet tells its sender by a packet of its own.
    if (settlement.state === 'delivered' || taken) {
      handled();
      return;
    }
    const refusal = withIncident(settlement.refusal);
    world.accounts.refusedInside(packet, refusal.code);
    refusedIn.inc({ code: refusal.code });
    world.audit({ ...said, ...told, ...auditRefusal(refusal), event: 'refused', direction: 'inward', bytes });
    world.onRefused(refusal, packet.from.bare, packet.to.bare);
    const bounce = bounceOf(packet, refusal, world.newId(), world.clock.now());
    const xml = bounce === undefined ? undefined : packetToStanza(bounce, false, world.policy());
    if (xml === undefined) handled();
    else world.reply(stream.localDomain, stream.remoteDomain, xml, handled);
  };
  world.toInside.send(packet, settled, handled);
  return pause;
}

function refuseAtTheDoor(
  world: FromPartnerWorld,
  refused: Extract<Admitted, { kind: 'refused' }>,
  stream: ServedStream,
  bytes: number,
  told: Told,
  handled: () => void,
): void {
  const { refusal } = refused;
  const from = addressForRecords(refused.from) ?? stream.remoteDomain;
  const to = addressForRecords(refused.to) ?? stream.localDomain;
  refusedIn.inc({ code: refusal.code });
  if (refusal.code === 'rate-exceeded') rateExceeded.inc({ limit: refusal.note ?? 'other' });
  world.audit({
    ...{ event: 'refused', direction: 'inward', kind: 'stanza', bytes, ...told, from, to },
    ...auditRefusal(refusal),
    stanzaId: refused.stanzaId !== undefined && identifier.test(refused.stanzaId) ? refused.stanzaId : undefined,
  });
  world.onRefused(refusal, from, to);
  if (refused.reply === undefined) handled();
  else world.reply(stream.localDomain, stream.remoteDomain, refused.reply, handled);
  if (refused.close !== undefined) stream.close(refused.close);
}

// What is no address may be any text at all, and is not written down (I6).
function addressForRecords(text: string | undefined): string | undefined {
  return text === undefined ? undefined : (parseJid(text)?.bare ?? '(not an address)');
}

/** What the audit says of any packet: who, what kind, and a digest of its texts. */
export function auditEntryOf(
  packet: Packet,
): Pick<AuditEntry, 'packet' | 'from' | 'to' | 'kind' | 'stanzaId' | 'digest'> {
  return {
    packet: packet.id,
    from: packet.from.bare,
    to: packet.to.bare,
    kind: packet.content.kind,
    stanzaId: packet.stanzaId === '' ? undefined : packet.stanzaId,
    digest: digestOf(textsOf(packet)),
  };
}

/** What the audit says of a refusal. */
export function auditRefusal(refusal: Refusal): Pick<AuditEntry, 'code' | 'stage' | 'rule' | 'note' | 'incident'> {
  const { code, stage, rule, note, incident } = refusal;
  return { code, stage, rule, note, incident };
}

function digestOf(texts: readonly string[]): string | undefined {
  if (texts.length === 0) return undefined;
  return hash('sha256', texts.length === 1 ? (texts[0] ?? '') : texts.join('\n')).slice(0, 32);
}
