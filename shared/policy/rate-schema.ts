// What may stand under `rate` in partners.yaml and under `rates` in limits.yaml, and the paces that come of both (L7).
import { z } from 'zod';
import { type Pace, paceOf } from '../rate.ts';

const stanzasPerSecond = z.number().min(0.01).max(100_000);
const burst = z.int().min(1).max(1_000_000);
const bytesPerSecond = z.int().min(10_000).max(1_073_741_824);

const inMinute = (what: string) =>
  z.strictObject({
    perMinute: z.number().min(0.01).max(6_000_000).describe(`${what}, in a minute`),
    burst: burst.describe('so many at once'),
  });

const personal = {
  sender: inMinute('messages of one person outside'),
  recipient: inMinute('messages for one person inside, from all of this partner'),
  chatStates: inMinute('typing notices of one person outside'),
  newContacts: inMinute('people to whom one person outside writes for the first time'),
  unknownRecipients: inMinute('messages of one person that were refused because nobody may be reached there'),
  contentRefusals: inMinute('messages of one person that content rules refused'),
};
const together = z.strictObject({
  stanzasPerSecond: stanzasPerSecond
    .optional()
    .describe('stanzas a second of all its streams; four times that of a stream unless told'),
  burst: burst.optional().describe('so many at once; four times that of a stream unless told'),
  bytesPerSecond: bytesPerSecond
    .optional()
    .describe('bytes a second of all its streams; four times that of a stream unless told'),
  newContacts: inMinute('first messages between two people')
    .optional()
    .describe('to how many new people all of them together may write'),
  unknownRecipients: inMinute('messages that were refused because nobody may be reached there')
    .optional()
    .describe('how often all of them together may guess wrong'),
});

/** The rates of one partner: whatever is left out is as limits.yaml says. */
export const partnerRate = z.strictObject({
  stanzasPerSecond: stanzasPerSecond.optional().describe('stanzas a second, of each stream; beyond it we read slower'),
  burst: burst.optional().describe('so many at once'),
  bytesPerSecond: bytesPerSecond.optional().describe('bytes a second, of each stream; four times as many at once'),
  sender: personal.sender.optional().describe('how much one person outside may write'),
  recipient: personal.recipient.optional().describe('how much one person inside gets'),
  chatStates: personal.chatStates.optional().describe('typing notices; those beyond it are dropped'),
  newContacts: personal.newContacts.optional().describe('to how many new people one person may write'),
  unknownRecipients: personal.unknownRecipients
    .optional()
    .describe('how often one person may guess wrong; beyond it only known contacts are reached'),
  contentRefusals: personal.contentRefusals
    .optional()
    .describe('how often content rules may refuse one person, outside or inside; beyond it nothing of him is judged'),
  partner: together.optional().describe('all streams and people of the partner together'),
});

export const limitsFile = z
  .strictObject({
    rates: partnerRate
      .optional()
      .describe('the rates of every partner whose entry says nothing else; with the same keys as its `rate`'),
  })
  .describe('limits.yaml');

export type RateEntry = z.infer<typeof partnerRate>;

export type Flow = { readonly stanzas: Pace; readonly bytes: Pace };

/** Every limit of one partner (xmpp-boundary L7, XEP-0205). */
export type PartnerRates = {
  /** Of each stream, and of all of its streams together. */
  readonly stream: Flow;
  readonly partner: Flow;
  /** Of each person outside; `recipient` of each person inside. */
  readonly sender: Pace;
  readonly recipient: Pace;
  readonly chatStates: Pace;
  readonly newContacts: Pace;
  readonly unknownRecipients: Pace;
  /** Also of each person inside who writes to it. */
  readonly contentRefusals: Pace;
  /** Of all its people together. */
  readonly allNewContacts: Pace;
  readonly allUnknownRecipients: Pace;
};

/** What holds where neither the entry nor limits.yaml says anything. */
export const usualRates = {
  stanzasPerSecond: 200,
  burst: 800,
  bytesPerSecond: 1_048_576,
  sender: { perMinute: 120, burst: 60 },
  recipient: { perMinute: 240, burst: 120 },
  chatStates: { perMinute: 120, burst: 30 },
  newContacts: { perMinute: 10, burst: 30 },
  unknownRecipients: { perMinute: 2, burst: 10 },
  contentRefusals: { perMinute: 2, burst: 10 },
  partner: { newContacts: { perMinute: 300, burst: 1_000 }, unknownRecipients: { perMinute: 30, burst: 200 } },
} as const satisfies RateEntry;

const burstOfBytes = 4;
const streamsOfPartner = 4;

/** The paces of a partner: key by key what its entry says, else limits.yaml, else what is usual. */
export function compileRates(entry: RateEntry = {}, limits: RateEntry = {}): PartnerRates {
  const own = { ...usualRates, ...told(limits), ...told(entry) };
  const all = { ...usualRates.partner, ...told(limits.partner ?? {}), ...told(entry.partner ?? {}) };
  const {
    stanzasPerSecond = streamsOfPartner * own.stanzasPerSecond,
    burst = streamsOfPartner * own.burst,
    bytesPerSecond = streamsOfPartner * own.bytesPerSecond,
  }: NonNullable<RateEntry['partner']> = all;
  return {
    stream: flow(own.stanzasPerSecond, own.burst, own.bytesPerSecond),
    partner: flow(stanzasPerSecond, burst, bytesPerSecond),
    sender: byMinute(own.sender),
    recipient: byMinute(own.recipient),
    chatStates: byMinute(own.chatStates),
    newContacts: byMinute(own.newContacts),
    unknownRecipients: byMinute(own.unknownRecipients),
    contentRefusals: byMinute(own.contentRefusals),
    allNewContacts: byMinute(all.newContacts),
    allUnknownRecipients: byMinute(all.unknownRecipients),
  };
}

type Told<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

// Keys that the reader of YAML left undefined say nothing, and must not hide what was said elsewhere.
function told<T extends object>(entry: T): Told<T> {
  const said: Told<T> = {};
  for (const key in entry) {
    const value = entry[key];
    if (value !== undefined) Object.assign(said, { [key]: value });
  }
  return said;
}

function flow(stanzas: number, burst: number, bytes: number): Flow {
  return { stanzas: paceOf(stanzas, burst), bytes: paceOf(bytes, bytes * burstOfBytes) };
}

function byMinute({ perMinute, burst }: { readonly perMinute: number; readonly burst: number }): Pace {
  return paceOf(perMinute / 60, burst);
}
