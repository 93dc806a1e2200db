// Two small networks for the broker's tests: adapters that carry packets to whatever a test says happens to them.
import { parseJid } from '@sallyport/shared/address/jid.ts';
import type { Audit, AuditEntry, PolicyEntry } from '@sallyport/shared/audit.ts';
import { systemClock } from '@sallyport/shared/clock.ts';
import { openLog } from '@sallyport/shared/log.ts';
import type { Content, Packet } from '@sallyport/shared/packet.ts';
import { rulesOfWords } from '@sallyport/shared/policy/content.ts';
import type { Policy } from '@sallyport/shared/policy/policy.ts';
import { compileRates } from '@sallyport/shared/policy/rate-schema.ts';
import type { RefusalCode } from '@sallyport/shared/refusals.ts';
import type { Acceptance, Adapter, Delivery, Network, Origin } from '../adapters/adapter.ts';
import type { Store } from '../store/store.ts';
import { type BrokerWorld, createBroker } from './broker.ts';
import type { DeliveryEnd } from './outbox.ts';

export const delivered: DeliveryEnd = { state: 'delivered' };
export const refusedWith = (code: RefusalCode): DeliveryEnd => ({ state: 'refused', refusal: { code } });

/** A delivery that a test ends when it likes. */
export type Arrival = Delivery & { readonly end: (end: DeliveryEnd) => void };
/** What happens to what arrives: an end at once, or undefined to let the test end it. */
export type Behaviour = (delivery: Delivery) => DeliveryEnd | Promise<DeliveryEnd> | undefined;

export type TestNetwork = { readonly adapter: Adapter; readonly arrivals: Arrival[]; behave: Behaviour };

export function testNetwork(network: Network, behave: Behaviour): TestNetwork {
  const open = new Set<Arrival>();
  const here: TestNetwork = {
    behave,
    arrivals: [],
    adapter: {
      network,
      start: async () => {},
      stop: async () => {
        for (const arrival of open) arrival.end(refusedWith('shutting-down'));
      },
      status: () => [],
      deliver: (delivery) =>
        new Promise((resolve) => {
          const arrival: Arrival = {
            ...delivery,
            end(end) {
              open.delete(arrival);
              resolve(end);
            },
          };
          open.add(arrival);
          here.arrivals.push(arrival);
          const end = here.behave(delivery);
          if (end instanceof Promise) void end.then(arrival.end);
          else if (end !== undefined) arrival.end(end);
        }),
    },
  };
  return here;
}

/** A policy with one partner; the word `treasure` may not leave, the word `curse` may not enter. */
export const policy: Policy = {
  revision: 'r1',
  partners: new Map([
    [
      'out.example',
      {
        domain: 'out.example',
        connect: [],
        trust: [],
        mayTalk: (external) => external.local !== 'mallory',
        rates: compileRates(),
        invalid: 'refuse',
        unknown: 'strip',
      },
    ],
  ]),
  content: rulesOfWords([
    { id: 'no-treasure', direction: 'outward', publicText: 'not this', words: ['treasure'] },
    { id: 'hold-plans', direction: 'both', publicText: 'no plans', words: ['plans'], action: 'quarantine' },
    { id: 'no-curse', direction: 'inward', publicText: 'not this', words: ['curse'] },
  ]),
};

export function memoryAudit(): Audit & { readonly entries: AuditEntry[]; failing: boolean } {
  const entries: AuditEntry[] = [];
  const audit = {
    entries,
    failing: false,
    record: (entry: AuditEntry | PolicyEntry) => void ('direction' in entry && audit.entries.push(entry)),
    recordDurably: async (entry: AuditEntry) => {
      if (audit.failing) throw new Error('the disk of the audit is full');
      await new Promise((resolve) => setImmediate(resolve));
      audit.entries.push(entry);
    },
    works: () => true,
    head: () => ({ file: '', sequence: 0, hash: '' }),
    witness: async () => {},
    close: async () => {},
  };
  return audit;
}

const silent = openLog('test', 'test', 'error');
silent.level = 'silent';

/** A broker between two such networks, which deliver everything at once unless told otherwise. */
export function between(store: Store, more: Partial<BrokerWorld> = {}) {
  const xmpp = testNetwork('xmpp', () => delivered);
  const sip = testNetwork('sip', () => delivered);
  const audit = memoryAudit();
  const broker = createBroker({
    store,
    adapters: [xmpp.adapter, sip.adapter],
    domains: ['in.example'],
    users: ['bob@in.example', 'eve@in.example', ...Array.from({ length: 40 }, (_, i) => `user${i}@in.example`)],
    policy: () => policy,
    audit,
    log: silent,
    clock: systemClock,
    bootId: 'boot-of-this-gateway',
    // Ids stay as they are, so that a test can follow them; sent-ids.test.ts has the real ones.
    sentIds: { idFor: (_from, _to, known) => known, isAnswered: () => true },
    ...more,
  });
  const origin = (network: Network): Origin => ({ network, peer: 'test' });
  return {
    ...{ xmpp, sip, audit, broker },
    /** From the outside in. */
    inward: (packet: Packet) => broker.accept(packet, origin('xmpp')),
    /** From the inside out. */
    outward: (packet: Packet) => broker.accept(packet, origin('sip')),
  };
}

let made = 0;

export function packetFrom(from: string, to: string, content: Content, id = `elsewhere-${++made}`): Packet {
  const [sender, recipient] = [parseJid(from), parseJid(to)];
  if (sender === undefined || recipient === undefined) throw new Error('the test writes bad addresses');
  return { id, from: sender, to: recipient, at: Date.now(), delayed: false, stanzaId: `s-${id}`, lang: '', content };
}

export const text = (body: string): Content => ({ kind: 'message', type: 'chat', body });
export const annToBob = (body: string, id?: string) =>
  packetFrom('ann@out.example/desk', 'bob@in.example', text(body), id);
export const bobToAnn = (body: string, id?: string) => packetFrom('bob@in.example', 'ann@out.example', text(body), id);

export function bodyOf(packet: Packet): string {
  return packet.content.kind === 'message' ? packet.content.body : packet.content.kind;
}

/** The code of a refused acceptance, or `passed`. */
export const said = (acceptance: Acceptance): string => (acceptance.passed ? 'passed' : acceptance.refusal.code);

/** Waits until it is so, for two seconds at most. */
export async function until(what: () => boolean): Promise<void> {
  for (const end = Date.now() + 2_000; !what(); ) {
    if (Date.now() > end) throw new Error(`this did not become true: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
