// What of a batch of writes takes effect, in the order in which it was asked: decided before anything is written, so
// that a commit that fails leaves nothing to undo in memory.
import { type BounceWrite, fieldsPerEnd, type Writes } from './sqlite-messages.ts';

export type Plan = {
  /** The places of the keeps that were known already. */
  readonly known: readonly number[];
  /** What is kept, and has no end in the same batch. */
  readonly ids: readonly string[];
  readonly keptAts: readonly number[];
  readonly lines: string;
  /** Ends that take effect; also of ids that were never kept here, so that they are not taken for new afterwards. */
  readonly ended: ReadonlySet<string>;
  /** Those of them that are more than a plain delivery. */
  readonly others: readonly OtherEnd[];
};

/** Id, state, code or '', and whether its sender was told by a bounce. */
export type OtherEnd = readonly [id: string, state: string, code: string, bounced: boolean];

/** What is known before: `isOpen` of what is kept without an end, `past` of ends among the ids that were asked about. */
export type Knowledge = { readonly isOpen: (id: string) => boolean; readonly past: ReadonlySet<string> };

/** `keepsToo` is false where there is no room: then only the ends, and the bounces that belong to them, are taken. */
export function planWrites(writes: Writes, { isOpen, past }: Knowledge, keepsToo = true): Plan {
  const { ids, ends, bounces } = writes;
  const known: number[] = [];
  const fresh = new Map<string, number>();
  const ended = new Set<string>();
  const others: OtherEnd[] = [];
  const bounced = new Map<string, BounceWrite>();
  const isKnown = (id: string) => isOpen(id) || past.has(id) || ended.has(id) || fresh.has(id) || bounced.has(id);
  let place = 0;
  let nextBounce = 0;

  function takeKeeps(until: number): void {
    for (; keepsToo && place < until; place++) {
      const id = ids[place] ?? '';
      if (isKnown(id)) known.push(place);
      else fresh.set(id, place);
    }
  }

  for (let at = 0, number = 0; at < ends.length; at += fieldsPerEnd, number++) {
    takeKeeps(Number(ends[at + 3]));
    const id = String(ends[at]);
    const takesEffect = !ended.has(id) && !past.has(id);
    const bounce = bounces[nextBounce]?.ofEnd === number ? bounces[nextBounce++] : undefined;
    if (!takesEffect) continue;
    ended.add(id);
    const [state, code] = [String(ends[at + 1]), String(ends[at + 2])];
    if (state !== 'delivered' || bounce !== undefined) others.push([id, state, code, bounce !== undefined]);
    if (bounce !== undefined && !isKnown(bounce.id)) bounced.set(bounce.id, bounce);
  }
  takeKeeps(ids.length);

  const whole = fresh.size === ids.length && bounced.size === 0 && !meet(ended, fresh);
  if (whole) return { known, ids, keptAts: writes.keptAts, lines: writes.lines, ended, others };
  return { known, ...picked(writes, fresh, ended, bounced), ended, others };
}

function meet(ended: ReadonlySet<string>, fresh: ReadonlyMap<string, number>): boolean {
  for (const id of ended) if (fresh.has(id)) return true;
  return false;
}

function picked(
  { keptAts, lines }: Writes,
  fresh: ReadonlyMap<string, number>,
  ended: ReadonlySet<string>,
  bounced: ReadonlyMap<string, BounceWrite>,
): Pick<Plan, 'ids' | 'keptAts' | 'lines'> {
  const each = lines.split('\n');
  const kept = [
    ...[...fresh].map(([id, place]) => ({ id, keptAt: keptAts[place] ?? 0, line: each[place] ?? '' })),
    ...bounced.values(),
  ].filter(({ id }) => !ended.has(id));
  return {
    ids: kept.map(({ id }) => id),
    keptAts: kept.map(({ keptAt }) => keptAt),
    lines: kept.map(({ line }) => line).join('\n'),
  };
}
