// What is fuzzed: a name, a claim about any bytes, and how bytes are drawn that get past the first gate.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';

export type Target = {
  /** Also the folder of its corpus. */
  readonly name: string;
  /** Throws when the claim does not hold for these bytes. */
  readonly claim: (input: Buffer) => void;
  /** Pieces that mean something here. */
  readonly words: readonly string[];
};

export type Finding = { readonly file: string; readonly input: Buffer };

const corpus = join(import.meta.dirname, 'corpus');
/** CPU time that one input may take, in ms; what takes longer for so few bytes stops a process that has one thread. */
const longest = 1_000;

/** The committed inputs of a target: seeds, and what was found once. */
export function corpusOf({ name }: Target): readonly Finding[] {
  const folder = join(corpus, name);
  return readdirSync(folder)
    .sort()
    .map((file) => ({ file: join(folder, file), input: readFileSync(join(folder, file)) }));
}

/** Plays one input; throws when the claim does not hold, or when it takes too long. */
export function play({ claim }: Target, input: Buffer): void {
  const before = process.cpuUsage();
  claim(input);
  const { user, system } = process.cpuUsage(before);
  const took = (user + system) / 1_000;
  if (took > longest) throw new Error(`${input.length} bytes took ${took.toFixed(0)} ms`);
}

/** Inputs of the corpus with pieces changed, left out, put in and doubled; and pieces in a row; and any bytes. */
export function inputs(target: Target): fc.Arbitrary<Buffer> {
  const word = fc.constantFrom(...target.words, '\0', '\ud800', '\ufffd', '😀', 'İ', 'ß', '\u200d', 'x'.repeat(300));
  const piece = fc.oneof(
    word.map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
  );
  const change = fc.record({ at: fc.nat(8_000), remove: fc.oneof(fc.nat(8), fc.nat(400)), insert: piece });
  const doubled = fc.record({ at: fc.nat(8_000), length: fc.nat(300), times: fc.integer({ min: 2, max: 12 }) });
  const seeds = corpusOf(target).map(({ input }) => input);
  const changed = fc
    .record({
      seed: fc.constantFrom(...seeds),
      changes: fc.array(change, { maxLength: 6 }),
      copies: fc.array(doubled, { maxLength: 1 }),
    })
    .map(({ seed, changes, copies }) => {
      let bytes = seed;
      for (const { at, remove, insert } of changes) {
        const from = at % (bytes.length + 1);
        bytes = Buffer.concat([bytes.subarray(0, from), insert, bytes.subarray(from + remove)]);
      }
      for (const { at, length, times } of copies) {
        const from = at % (bytes.length + 1);
        const part = bytes.subarray(from, from + length);
        const parts = Array.from({ length: times }, () => part);
        bytes = Buffer.concat([bytes.subarray(0, from), ...parts, bytes.subarray(from)]);
      }
      return bytes;
    });
  const row = fc.array(piece, { maxLength: 40 }).map((pieces) => Buffer.concat(pieces));
  const anything = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
  return fc.oneof({ arbitrary: changed, weight: 8 }, { arbitrary: row, weight: 2 }, { arbitrary: anything, weight: 1 });
}

/** Where the bytes are cut: by their own content, so that one input is one story. */
export function pieces(input: Buffer): readonly Buffer[] {
  const cut: Buffer[] = [];
  for (let at = 0; at < input.length; ) {
    const length = 1 + ((input[at] ?? 0) % 37);
    cut.push(input.subarray(at, at + length));
    at += length;
  }
  return cut;
}
