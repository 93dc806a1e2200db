// People of real servers and people inside who write to each other without pause, and the account of what became of it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Count, inWords, numberIn, openTally, type Tally } from '../journeys/killed/tally.ts';
import type { PartnerInPlace, Road, SiteWithServers } from './site-with-servers.ts';
import type { XmppClient } from './xmpp-client.ts';

// By the kind of TLS on which their domain is reached.
const insidersBy = {
  starttls: ['bob@in.example', 'carol@in.example'],
  direct: ['heidi@hq.example', 'ivan@hq.example'],
} as const;

export type Account = {
  readonly inward: Count;
  readonly outward: Count;
  /** Lost on our side, the ids: inward, what our proxy saw; outward, what it released and never saw the end of. */
  readonly lostByUs: readonly string[];
  /** Outward, how many the partner confirmed, delivered to nobody and refused to nobody. */
  readonly lostByPartner: number;
};

export type Traffic = {
  /** Their server is going away: its people stop writing. */
  readonly hush: (partner: PartnerInPlace) => void;
  /** Its people are logged in again, and go on. */
  readonly resume: (partner: PartnerInPlace) => void;
  /** Everybody stops writing, once; resolves when each message has an end, or after 30 s, with the account of each partner. */
  readonly end: () => Promise<ReadonlyMap<PartnerInPlace, Account>>;
};

/**
 * Every person of every partner writes to both people inside every `paceMs`, and is written to by both, until `end`. `tls`
 * is that of the road.
 */
export function startTraffic(
  { site, partners }: SiteWithServers,
  paceMs: number,
  tls: Road['tls'] = 'starttls',
): Traffic {
  const insiders = insidersBy[tls];
  const earlier = auditOf(site.lab.audit.proxy).length;
  let going = true;
  let number = 0;
  const writing: Promise<void>[] = [];
  const books = new Map(partners.map((partner) => [partner, openBook()]));
  const hushed = new Set<PartnerInPlace>();
  const owners = new Map<string, Book>();

  const hear = (partner: PartnerInPlace) => {
    const book = books.get(partner);
    if (book === undefined) return;
    for (const person of partner.people()) {
      owners.set(person.address, book);
      person.listen(({ id, body, error, delay }) => {
        const got = numberIn(body ?? '');
        if (error !== undefined) book.inward.refused(Number(id));
        else if (got !== undefined) book.outward.delivered(got.number, delay !== undefined);
      });
    }
  };
  for (const address of insiders) {
    site.insider(address).listen((item) => {
      if (item.kind !== 'message') return;
      const book = owners.get(item.from);
      const got = numberIn(item.text);
      if (got !== undefined) book?.inward.delivered(got.number, got.marked);
    });
  }
  const writeIn = async (partner: PartnerInPlace, book: Book, which: 0 | 1, insider: string) => {
    for (; going; await pause(paceMs)) {
      if (hushed.has(partner)) continue;
      const mine = ++number;
      // Only what the server's socket took is said.
      book.inward.said(mine);
      await partner
        .people()
        [which].send(insider, `number ${mine}`, `${mine}`)
        .catch(() => book.inward.refused(mine));
    }
  };
  const writeOut = async (person: XmppClient, book: Book, insider: string) => {
    for (; going; await pause(paceMs)) {
      const mine = ++number;
      book.outward.said(mine);
      const { status } = await site.insider(insider).say(person.address, `number ${mine}`);
      if (status !== 200) book.outward.refused(mine);
    }
  };
  for (const [partner, book] of books) {
    hear(partner);
    for (const insider of insiders) {
      for (const which of [0, 1] as const) {
        writing.push(writeIn(partner, book, which, insider), writeOut(partner.people()[which], book, insider));
      }
    }
  }
  let ended: ReturnType<Traffic['end']> | undefined;
  const end = async () => {
    going = false;
    await Promise.all(writing);
    // What comes twice comes soon after; what a server lost never comes.
    await pause(2_000);
    for (let waited = 2_000; ; waited += 500) {
      const lines = auditOf(site.lab.audit.proxy).slice(earlier);
      const accounts = new Map(
        [...books].map(([partner, book]) => [partner, accountOf(partner.kind.domain, book, lines)]),
      );
      const all = [...accounts.values()];
      const isOpen =
        all.some(({ lostByUs }) => lostByUs.length > 0) ||
        (waited < 8_000 && all.some(({ inward, lostByPartner }) => inward.lost.length + lostByPartner > 0));
      if (!isOpen || waited >= 30_000) return accounts;
      await pause(500);
    }
  };
  return {
    hush: (partner) => void hushed.add(partner),
    resume: (partner) => {
      hear(partner);
      hushed.delete(partner);
    },
    end: () => {
      ended ??= end();
      return ended;
    },
  };
}

/**
 * Says the account of each partner, and fails where something was lost that need not be. `serversEnd`: the servers of the
 * partners were ended, so that what they had in their hands then is their own to lose.
 */
export function assertNothingLost(
  accounts: ReadonlyMap<PartnerInPlace, Account>,
  t: TestContext,
  { serversEnd }: { readonly serversEnd: boolean },
): void {
  for (const [{ kind }, { inward, outward, lostByPartner }] of accounts) {
    t.diagnostic(`${kind.name}, inward: ${inWords(inward)}`);
    t.diagnostic(`${kind.name}, outward: ${inWords(outward)}; ${lostByPartner} of them by the partner`);
  }
  for (const [{ kind }, { inward, outward, lostByUs, lostByPartner }] of accounts) {
    const { name, losesAtEndOfStream } = kind;
    assert.ok(inward.delivered > 20 && outward.delivered > 20, `${name}: there was traffic`);
    assert.deepEqual(lostByUs, [], `${name}: lost on our side`);
    assert.deepEqual([inward.doubled, outward.doubled], [[], []], `${name}: came twice without a mark`);
    if (serversEnd) continue;
    assert.equal(lostByPartner, 0, `${name}: it confirmed them and lost them`);
    if (!losesAtEndOfStream) assert.deepEqual(inward.lost, [], `${name}: it never sent them, and said nothing`);
  }
}

type Book = { readonly inward: Tally; readonly outward: Tally };

function openBook(): Book {
  return { inward: openTally(), outward: openTally() };
}

function accountOf(domain: string, book: Book, all: readonly AuditLine[]): Account {
  const [inward, outward] = [book.inward.count(), book.outward.count()];
  const lines = all.filter(
    ({ from, to, kind }) => (kind === 'message' || kind === 'bounce') && `${from} ${to} `.includes(`@${domain} `),
  );
  const idsOf = (fits: (line: AuditLine) => boolean) => new Set(lines.filter(fits).map(({ stanzaId }) => stanzaId));
  const admitted = idsOf(({ event, direction }) => event === 'admitted' && direction === 'inward');
  const released = idsOf(({ event }) => event === 'released');
  const confirmed = idsOf(({ event, direction }) => event === 'delivered' && direction === 'outward');
  const told = idsOf(
    ({ event, direction, kind }) => kind === 'bounce' || (event === 'refused' && direction === 'outward'),
  );
  // The texts are not in the audit, so a number has no id there; that as many left us as were taken from their writers has.
  const taken = outward.said - outward.refused - outward.both;
  return {
    ...{ inward, outward },
    lostByUs: [
      ...inward.lost.map((number) => `${number}`).filter((id) => admitted.has(id)),
      ...[...released].filter((id) => !confirmed.has(id) && !told.has(id)),
      ...(released.size < taken ? [`${taken - released.size} that were never released`] : []),
    ],
    lostByPartner: Math.max(0, outward.lost.length - told.size),
  };
}

type AuditLine = Readonly<Record<'event' | 'direction' | 'kind' | 'from' | 'to' | 'stanzaId', string>>;

function auditOf(file: string): readonly AuditLine[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}
