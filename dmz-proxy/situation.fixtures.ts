// What the tests of the way in and the way out start from: a partner, a policy, a situation.
import { type Jid, parseJid } from '@sallyport/shared/address/jid.ts';
import type { Packet } from '@sallyport/shared/packet.ts';
import { rulesOfWords } from '@sallyport/shared/policy/content.ts';
import type { Partner, Policy } from '@sallyport/shared/policy/policy.ts';
import { compileRates } from '@sallyport/shared/policy/rate-schema.ts';
import { createPeople } from './people.ts';
import type { Rates, ReleaseSituation, Situation } from './situation.ts';
import type { Envelope } from './stanza/stanza.ts';
import type { XmlElement } from './xml/element.ts';
import { createXmlReader } from './xml/read-elements.ts';

const header = "<s:stream xmlns:s='http://etherx.jabber.org/streams' xmlns='jabber:server'>";

export function jid(text: string): Jid {
  const parsed = parseJid(text);
  if (parsed === undefined) throw new Error(`not an address: ${text}`);
  return parsed;
}

/** The partner out.example, with which everybody may talk but for mallory@. */
export const partner: Partner = {
  domain: 'out.example',
  connect: [],
  trust: [],
  mayTalk: (external) => external.local !== 'mallory',
  rates: compileRates(),
  invalid: 'refuse',
  unknown: 'strip',
};

/** A policy with one rule in each direction: the words `dirty` inward and `secret` outward. */
export const policy: Policy = {
  revision: 'test',
  partners: new Map([[partner.domain, partner]]),
  content: rulesOfWords([
    { id: 'dirty', direction: 'inward', publicText: 'Mind your words.', words: ['dirty'] },
    { id: 'secret', direction: 'outward', publicText: 'Mind your words.', words: ['secret'] },
  ]),
};

/** Nothing is used up yet. */
export function freshRates(): Rates {
  return { stream: { stanzas: 0, bytes: 0 }, partner: { stanzas: 0, bytes: 0 }, people: createPeople() };
}

export function situation(changes: Partial<Situation> = {}): Situation {
  return {
    stream: { id: 's1', localDomain: 'in.example', remoteDomain: 'out.example', lang: '' },
    partner,
    policy,
    rates: freshRates(),
    now: 1_700_000_000_000,
    recording: true,
    limits: { bodyCharacters: 1000 },
    domains: new Set(['in.example', 'two.in.example']),
    ...changes,
  };
}

export function releaseSituation(changes: Partial<ReleaseSituation> = {}): ReleaseSituation {
  const { policy, now, limits, domains } = situation();
  return { partner, policy, now, limits, domains, ...changes };
}

export function envelope(changes: Partial<Envelope> = {}): Envelope {
  return {
    name: 'message',
    from: jid('ann@out.example/phone'),
    to: jid('bob@in.example'),
    id: 'm1',
    type: 'chat',
    lang: '',
    bytes: 100,
    ...changes,
  };
}

/** An outbound message from bob to ann. */
export function packet(changes: Partial<Packet> = {}): Packet {
  return {
    id: 'boot-1',
    from: jid('bob@in.example'),
    to: jid('ann@out.example'),
    at: 1_700_000_000_000,
    delayed: false,
    stanzaId: 'call-1',
    lang: '',
    content: { kind: 'message', type: 'chat', body: 'Good morning' },
    ...changes,
  };
}

/** The one element of this text, read as a stream brings it. */
export function element(text: string): XmlElement {
  const reader = createXmlReader({ firstLevelBytes: 100_000 });
  reader.read(Buffer.from(header));
  const [event] = reader.read(Buffer.from(text));
  if (event?.kind !== 'element') throw new Error(`not an element: ${text.slice(0, 100)}`);
  return event.element;
}
