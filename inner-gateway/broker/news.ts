// Who waits to hear what became of a packet, and for how long. One sweep for all of them, no timer each.
import type { Outcome } from '@sallyport/shared/packet.ts';

export type News = Outcome | { readonly state: 'kept' };

/** What there is to tell of one packet. */
export type Story = {
  written: boolean;
  /** Who tells the sender of its refusal is settled. */
  decided: boolean;
  end: News | undefined;
  /** Made when somebody waits: of most packets nobody asks before their end. */
  waits: readonly Wait[] | undefined;
  whenEnded: (() => void)[] | undefined;
};

/** Who asks: is told of `written` once, and then of the end. */
export type Asker = { toldWritten: boolean };

type Wait = {
  readonly asker: Asker;
  readonly story: Story;
  readonly until: number;
  readonly tell: (news: News) => void;
  /** Where it stands among those with a limit; none: -1. */
  place: number;
};

export type NewsDesk = {
  readonly open: () => Story;
  /** The next news for this asker; `kept` when `withinMs` have passed, or when there is nothing to tell it any more. */
  readonly ask: (story: Story, asker: Asker, withinMs: number) => Promise<News>;
  readonly written: (story: Story) => void;
  /**
   * Decides who tells the sender of a refusal: true where somebody is waiting. That one waits from now on without
   * limit, since nobody else will tell; whoever asks later hears `kept`.
   */
  readonly claim: (story: Story) => boolean;
  readonly end: (story: Story, news: News) => void;
  readonly ended: (story: Story) => Promise<void>;
  /** Whoever waits with a limit, or asks so from now on, hears `kept` at once. */
  readonly close: () => void;
};

const sweepMs = 100;
const kept: News = { state: 'kept' };
const written: News = { state: 'written' };

export function createNewsDesk(): NewsDesk {
  // Without an order, so that whoever leaves is replaced by the last one (slot-map.ts says what a Set would cost).
  const timed: Wait[] = [];
  let sweeping: NodeJS.Timeout | undefined;
  let closed = false;

  function sweep(): void {
    const now = performance.now();
    for (const wait of timed.filter(({ until }) => until <= now)) answer(wait, kept);
    if (timed.length > 0 || sweeping === undefined) return;
    clearInterval(sweeping);
    sweeping = undefined;
  }

  function untime(wait: Wait): void {
    const last = timed.at(-1);
    if (wait.place < 0 || last === undefined) return;
    timed[wait.place] = last;
    last.place = wait.place;
    timed.pop();
    wait.place = -1;
  }

  function answer(wait: Wait, news: News): void {
    untime(wait);
    const { story } = wait;
    story.waits = without(story.waits, wait);
    if (news.state === 'written') wait.asker.toldWritten = true;
    wait.tell(news);
  }

  return {
    open: () => ({ written: false, decided: false, end: undefined, waits: undefined, whenEnded: undefined }),
    ask(story, asker, withinMs) {
      if (story.end !== undefined) return Promise.resolve(story.end);
      if (story.decided && !isAwaited(story)) return Promise.resolve(kept);
      if (story.written && !asker.toldWritten) {
        asker.toldWritten = true;
        return Promise.resolve(written);
      }
      if (closed && !story.decided && Number.isFinite(withinMs)) return Promise.resolve(kept);
      return new Promise((tell) => {
        const wait = { asker, story, until: performance.now() + withinMs, tell, place: -1 };
        story.waits = story.waits === undefined ? [wait] : [...story.waits, wait];
        if (story.decided || !Number.isFinite(withinMs)) return;
        wait.place = timed.push(wait) - 1;
        sweeping ??= setInterval(sweep, sweepMs).unref();
      });
    },
    written(story) {
      story.written = true;
      if (story.waits === undefined) return;
      for (const wait of story.waits) if (!wait.asker.toldWritten) answer(wait, written);
    },
    claim(story) {
      story.decided = true;
      for (const wait of story.waits ?? []) untime(wait);
      return isAwaited(story);
    },
    end(story, news) {
      if (story.end !== undefined) return;
      story.end = news.state === 'refused' ? kept : news;
      if (story.waits !== undefined) for (const wait of story.waits) answer(wait, news);
      if (story.whenEnded !== undefined) for (const resolve of story.whenEnded) resolve();
    },
    ended(story) {
      if (story.end !== undefined) return Promise.resolve();
      return new Promise((resolve) => {
        story.whenEnded ??= [];
        story.whenEnded.push(resolve);
      });
    },
    close() {
      closed = true;
      for (const wait of [...timed]) answer(wait, kept);
      clearInterval(sweeping);
      sweeping = undefined;
    },
  };
}

function isAwaited({ waits }: Story): boolean {
  return waits !== undefined && waits.length > 0;
}

// Hardly anything is asked about twice.
function without(waits: Story['waits'], wait: Wait): Story['waits'] {
  if (waits === undefined || (waits.length === 1 && waits[0] === wait)) return undefined;
  return waits.filter((other) => other !== wait);
}
