// What reached a Skype user, kept in order, and handed to who waits for it.

export type Received =
  | {
      readonly kind: 'message';
      /** Bare address of the sender, as on the wire. */
      readonly from: string;
      readonly text: string;
      readonly contentType: string;
      readonly headers: ReadonlyMap<string, string>;
      readonly inDialog: boolean;
    }
  | {
      readonly kind: 'typing';
      readonly from: string;
      readonly state: 'type' | 'idle';
      readonly headers: ReadonlyMap<string, string>;
    }
  | {
      readonly kind: 'invite';
      readonly from: string;
      /** What the toast shows: the text in Ms-Text-Format, or ''. */
      readonly preview: string;
      readonly headers: ReadonlyMap<string, string>;
    }
  | { readonly kind: 'bye'; readonly from: string; readonly headers: ReadonlyMap<string, string> };

export type ReceivedOf<K extends Received['kind']> = Extract<Received, { kind: K }>;

export type Wanted = {
  /** Milliseconds; 5,000 if not given. */
  readonly within?: number;
  readonly from?: string;
};

const keptAtMost = 10_000;

export type Inbox = ReturnType<typeof newInbox>;

/** Everything is kept for `all` (the last 10,000), and once for `next`. */
export function newInbox(owner: string) {
  let history: Received[] = [];
  const unread: Received[] = [];
  const waiting: { kind: Received['kind']; from: string | undefined; take: (item: Received) => void }[] = [];
  let tap: ((item: Received) => void) | undefined;
  const timers = new Set<NodeJS.Timeout>();

  const put = (item: Received) => {
    if (tap !== undefined) return tap(item);
    history.push(item);
    if (history.length > 2 * keptAtMost) history = history.slice(-keptAtMost);
    const at = waiting.findIndex((one) => fits(item, one.kind, one.from));
    if (at >= 0) {
      waiting.splice(at, 1)[0]?.take(item);
      return;
    }
    unread.push(item);
    if (unread.length > 2 * keptAtMost) unread.splice(0, keptAtMost);
  };

  /** The oldest one that nobody has taken yet, or the next to come. Rejects when none came in time. */
  const next = <K extends Received['kind']>(kind: K, wanted: Wanted = {}): Promise<ReceivedOf<K>> => {
    const within = wanted.within ?? 5000;
    const from = wanted.from?.toLowerCase();
    const at = unread.findIndex((item) => fits(item, kind, from));
    const found = at < 0 ? undefined : unread.splice(at, 1)[0];
    if (isOf(found, kind)) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        timers.delete(timer);
        waiting.splice(waiting.indexOf(waiter), 1);
        reject(
          new Error(`${owner} received no ${kind}${from === undefined ? '' : ` from ${from}`} within ${within} ms`),
        );
      }, within);
      timers.add(timer);
      const waiter = {
        kind,
        from,
        take: (item: Received) => {
          clearTimeout(timer);
          timers.delete(timer);
          if (isOf(item, kind)) resolve(item);
        },
      };
      waiting.push(waiter);
    });
  };

  return {
    put,
    next,
    all: (): readonly Received[] => history.slice(-keptAtMost),
    /** From now on everything goes to `listener` and is not kept; undefined ends that. For a bench. */
    listen: (listener: ((item: Received) => void) | undefined): void => {
      tap = listener;
    },
    close: (): void => {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}

function isOf<K extends Received['kind']>(item: Received | undefined, kind: K): item is ReceivedOf<K> {
  return item?.kind === kind;
}

function fits(item: Received, kind: Received['kind'], from: string | undefined): boolean {
  return item.kind === kind && (from === undefined || item.from === from);
}
