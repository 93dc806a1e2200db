// Counts what became of every numbered message: each was delivered or refused to its sender, or it is lost.

export type Tally = {
  /** A message with that number was said. */
  readonly said: (number: number) => void;
  readonly delivered: (number: number, marked: boolean) => void;
  /** Its sender was told that it failed. */
  readonly refused: (number: number) => void;
  readonly count: () => Count;
  /** Resolves when all that was said has an end, or after so many ms. */
  readonly settled: (withinMs: number) => Promise<void>;
};

export type Count = {
  readonly said: number;
  readonly delivered: number;
  readonly refused: number;
  /** Delivered, and its sender was told that it failed. */
  readonly both: number;
  /** Neither. */
  readonly lost: readonly number[];
  /** Delivered with the mark of what may have come before. */
  readonly marked: number;
  /** Delivered more than once; the later ones were marked as repeated. */
  readonly repeated: number;
  /** Delivered more than once without a mark. */
  readonly doubled: readonly number[];
};

type Fate = { delivered: number; unmarked: number; refused: boolean };

export function openTally(): Tally {
  const fates = new Map<number, Fate>();
  const fateOf = (number: number): Fate => {
    const fate = fates.get(number) ?? { delivered: 0, unmarked: 0, refused: false };
    fates.set(number, fate);
    return fate;
  };
  const numbersWhere = (is: (fate: Fate) => boolean) =>
    [...fates].filter(([, fate]) => is(fate)).map(([number]) => number);
  const count = (): Count => ({
    said: fates.size,
    delivered: numbersWhere(({ delivered, refused }) => delivered > 0 && !refused).length,
    refused: numbersWhere(({ delivered, refused }) => delivered === 0 && refused).length,
    both: numbersWhere(({ delivered, refused }) => delivered > 0 && refused).length,
    lost: numbersWhere(({ delivered, refused }) => delivered === 0 && !refused),
    marked: numbersWhere(({ delivered, unmarked }) => delivered > unmarked).length,
    repeated: numbersWhere(({ delivered, unmarked }) => delivered > 1 && unmarked <= 1).length,
    doubled: numbersWhere(({ unmarked }) => unmarked > 1),
  });
  return {
    said: (number) => void fateOf(number),
    delivered(number, marked) {
      const fate = fateOf(number);
      fate.delivered += 1;
      if (!marked) fate.unmarked += 1;
    },
    refused(number) {
      fateOf(number).refused = true;
    },
    count,
    async settled(withinMs) {
      const until = Date.now() + withinMs;
      while (count().lost.length > 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
    },
  };
}

/** The counts as one sentence. */
export function inWords(count: Count): string {
  const { said, delivered, refused, both, lost, marked, repeated, doubled } = count;
  return (
    `${said} said: ${delivered} delivered, ${refused} refused to their sender, ${both} both, ${lost.length} lost; ` +
    `${marked} were marked as repeated, ${repeated} of them did come twice, ${doubled.length} came twice without a mark`
  );
}

/** The number in a text, and whether the text is marked as one that may have come before. */
export function numberIn(text: string): { readonly number: number; readonly marked: boolean } | undefined {
  const found = /^(\[repeated\] )?number (\d+)$/.exec(text);
  return found === null ? undefined : { number: Number(found[2]), marked: found[1] !== undefined };
}
