// Counts work that is under way, so that whoever stops can wait until there is none.

export type UnderWay = {
  /** `work` never rejects. */
  readonly track: (work: Promise<unknown>) => void;
  /** Resolves when nothing is under way. */
  readonly none: () => Promise<void>;
};

export function createUnderWay(): UnderWay {
  let count = 0;
  let waiting: (() => void)[] = [];

  function ended(): void {
    count -= 1;
    if (count > 0) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  }

  return {
    track(work) {
      count += 1;
      void work.then(ended);
    },
    async none() {
      if (count > 0) await new Promise<void>((resolve) => waiting.push(resolve));
    },
  };
}
