// Prints what a process says of itself as a table for people.
import { z } from 'zod';

const moment = z.union([z.number(), z.string()]).nullish();
const scalar = z.union([z.string(), z.number(), z.boolean()]).nullish();
type Cell = z.infer<typeof scalar>;
const neighbour = z.object({ peer: z.string(), state: z.string(), since: moment, detail: scalar });

/** One live stream with a partner; the proxy alone has them. */
const stream = z.object({
  partner: z.string(),
  domain: scalar,
  direction: z.string(),
  bidi: z.boolean(),
  address: scalar,
  since: moment,
  tls: scalar,
  provedBy: scalar,
  certificateUntil: moment,
  managed: z.boolean(),
  heardAt: moment,
  missedPings: z.number(),
  stanzasIn: scalar,
  stanzasOut: scalar,
});

/** The answer to `{ ask: 'status' }`: each process fills what it has, so nearly everything may be absent. */
const statusAnswer = z.object({
  program: z.string(),
  node: z.string(),
  since: moment,
  link: z.array(neighbour).optional(),
  partners: z
    .array(
      z.object({
        domain: z.string(),
        inbound: scalar,
        outbound: scalar,
        waiting: scalar,
        people: scalar,
        lastError: scalar,
        lastErrorAt: moment,
        lastRefused: scalar,
        lastRefusedAt: moment,
        policy: z
          .object({ published: z.string(), received: z.string(), verified: z.string(), active: z.string() })
          .optional(),
      }),
    )
    .optional(),
  certificate: z.object({ until: moment, faults: z.array(z.string()) }).optional(),
  streams: z.array(stream).optional(),
  peers: z.array(neighbour).optional(),
  outbox: z.object({ kept: z.number(), oldest: moment }).optional(),
  quarantine: z.object({ items: z.number(), oldest: moment }).optional(),
  refusals: z.array(z.object({ at: moment, code: z.string(), stage: scalar, from: scalar, to: scalar })).optional(),
  policy: z
    .object({
      revision: scalar,
      signed: z.boolean().optional(),
      trouble: z.array(z.string()).optional(),
      overdue: z.array(z.string()).optional(),
    })
    .optional(),
});

export type Status = z.infer<typeof statusAnswer>;

/** The most refusals that are shown, the newest ones. */
const REFUSALS_SHOWN = 10;

/** What a process answered, or undefined where it is no status. */
export function readStatus(answer: unknown): Status | undefined {
  const read = statusAnswer.safeParse(answer);
  return read.success ? read.data : undefined;
}

/** The lines of the table. `now`, in milliseconds of Unix time, is what durations are counted to. */
export function statusTable(status: Status, now: number): readonly string[] {
  const { link, partners, streams, peers, outbox, quarantine, refusals, policy } = status;
  const revision = policy === undefined ? '' : `, policy ${clean(policy.revision ?? 'none yet')}`;
  return [
    `${clean(status.program)} ${clean(status.node)}, up ${durationSince(status.since, now)}${revision}`,
    ...policyLines(policy),
    ...(policy?.overdue ?? []).map((line) => `  ${clean(line)}`),
    ...section('Link', 'nobody', link, ['peer', 'state', 'for', ''], (each) => neighbourCells(each, now)),
    ...section('Partners', 'none', partners, partnerHeads(partners), (each) => [
      each.domain,
      each.inbound,
      each.outbound,
      each.waiting,
      ...(knowsPeople(partners) ? [each.people] : []),
      ...(knowsRefused(partners) ? [troubleWords(each.lastRefused, each.lastRefusedAt, now)] : []),
      troubleWords(each.lastError, each.lastErrorAt, now),
    ]),
    ...section('Streams', 'none', streams, streamHeads, (each) => streamCells(each, now)),
    ...certificateLines(status.certificate, now),
    ...section('Peers', 'none', peers, ['peer', 'state', 'for', ''], (each) => neighbourCells(each, now)),
    ...(outbox === undefined ? [] : ['', `Outbox: ${outboxWords(outbox, now)}`]),
    ...(quarantine === undefined ? [] : ['', `Quarantine: ${quarantineWords(quarantine, now)}`]),
    ...section(
      'Last refusals',
      'none',
      refusals?.slice(-REFUSALS_SHOWN),
      ['ago', 'code', 'stage', 'from', 'to'],
      (each) => [durationSince(each.at, now), each.code, each.stage, each.from, each.to],
    ),
  ];
}

function policyLines(policy: Status['policy']): readonly string[] {
  const unsigned = 'The policy is not signed: whoever can write to its folder decides what passes.';
  const trouble = policy?.trouble?.map(
    (problem) => `The policy that was offered last is not in force: ${clean(problem)}`,
  );
  return [...(policy?.signed === false ? [unsigned] : []), ...(trouble ?? [])];
}

const streamHeads = [
  'partner',
  'with',
  'dialled by',
  'ways',
  'address',
  'for',
  'TLS',
  'certificate',
  'XEP-0198',
  'heard',
  'in',
  'out',
];

function streamCells(each: z.infer<typeof stream>, now: number): readonly Cell[] {
  const missed = each.missedPings === 0 ? '' : `, ${each.missedPings} ping unanswered`;
  return [
    each.partner,
    each.domain,
    each.direction === 'inbound' ? 'them' : 'us',
    each.bidi ? 'both' : each.direction === 'inbound' ? 'in' : 'out',
    each.address,
    durationSince(each.since, now),
    each.tls,
    // Where dialback has proved the partner, or nothing, that stands here.
    typeof each.certificateUntil === 'number' ? leftUntil(each.certificateUntil, now) : each.provedBy,
    each.managed ? 'on' : 'off',
    `${durationSince(each.heardAt, now)} ago${missed}`,
    each.stanzasIn,
    each.stanzasOut,
  ];
}

function certificateLines(own: Status['certificate'], now: number): readonly string[] {
  if (own === undefined) return [];
  const until = typeof own.until === 'number' ? leftUntil(own.until, now) : '-';
  return ['', `Our certificate: ${until}`, ...own.faults.map((fault) => `  ${clean(fault)}`)];
}

function leftUntil(until: number, now: number): string {
  return until <= now ? 'expired' : `${durationSince(now - (until - now), now)} left`;
}

function troubleWords(text: Cell, at: z.infer<typeof moment>, now: number): Cell {
  return text === '' || text === undefined || text === null || at === undefined || at === null
    ? text
    : `${durationSince(at, now)} ago: ${text}`;
}

// Only the proxy meets those who are not let in.
function knowsRefused(partners: Status['partners']): boolean {
  return partners?.some(({ lastRefused }) => lastRefused !== undefined) === true;
}

// The proxy knows no people.
function knowsPeople(partners: Status['partners']): boolean {
  return partners?.some(({ people }) => people !== undefined) === true;
}

function partnerHeads(partners: Status['partners']): readonly string[] {
  const people = knowsPeople(partners) ? ['people'] : [];
  const refused = knowsRefused(partners) ? ['last turned away'] : [];
  return ['domain', 'in', 'out', 'waiting', ...people, ...refused, 'last error'];
}

function neighbourCells(each: z.infer<typeof neighbour>, now: number) {
  return [each.peer, each.state, durationSince(each.since, now), each.detail ?? ''];
}

function outboxWords(outbox: NonNullable<Status['outbox']>, now: number): string {
  if (outbox.kept === 0) return 'empty';
  return `${outbox.kept} kept, the oldest for ${durationSince(outbox.oldest, now)}`;
}

function quarantineWords({ items, oldest }: NonNullable<Status['quarantine']>, now: number): string {
  if (items === 0) return 'empty';
  return `${items} held, the oldest for ${durationSince(oldest, now)}; see sallyport quarantine list`;
}

function section<R>(
  title: string,
  none: string,
  rows: readonly R[] | undefined,
  heads: readonly string[],
  cells: (row: R) => readonly Cell[],
): readonly string[] {
  if (rows === undefined) return [];
  if (rows.length === 0) return ['', `${title}: ${none}`];
  return ['', `${title}:`, ...columns(heads, rows.map(cells)).map((line) => `  ${line}`)];
}

/** A table: the heads, then the rows, each column as wide as its widest cell. */
export function columns(heads: readonly string[], rows: readonly (readonly Cell[])[]): readonly string[] {
  const table = [heads, ...rows.map((row) => row.map((cell) => clean(cell ?? '-')))];
  const widths = heads.map((_, column) => Math.max(...table.map((row) => (row[column] ?? '').length)));
  return table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Seconds below two minutes, minutes below two hours, hours below two days, then days. */
function durationSince(since: z.infer<typeof moment>, now: number): string {
  const start = typeof since === 'string' ? Date.parse(since) : since;
  if (start === undefined || start === null || Number.isNaN(start)) return '-';
  const seconds = Math.max(0, Math.round((now - start) / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} days`;
}

/** Text from the network must not steer a terminal. */
function clean(value: string | number | boolean): string {
  return String(value)
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?')
    .slice(0, 200);
}
