// What a command of the command line is: a name, its words, its options, and what it does.
import type { ParseArgsOptionsConfig } from 'node:util';

export type Terminal = {
  /** A line of the answer, on standard output. */
  readonly say: (line: string) => void;
  /** A line about what is wrong, on standard error. */
  readonly complain: (line: string) => void;
};

/** Option values as parseArgs gives them: text, switch, or a list of texts for what may be repeated. */
export type Options = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

export type Command = {
  /** The words that choose it: `init proxy`. */
  readonly name: string;
  readonly summary: string;
  /** What `--help` prints below the summary. */
  readonly help: readonly string[];
  readonly options: ParseArgsOptionsConfig;
  /** How many words follow the name, and what they are called; `[WORD]` may be left out, and stands last. */
  readonly words: readonly string[];
  /** Returns the exit code: 0 good, 1 the answer is bad, 2 the question is. */
  readonly run: (words: readonly string[], options: Options, terminal: Terminal) => Promise<number>;
};

/** A text option, or undefined. */
export function textOption(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

/** A text option that may be repeated; empty where it is absent. */
export function listOption(options: Options, name: string): readonly string[] {
  const value = options[name];
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

/** What the operator asked for cannot be done; the message is one line and the exit code is 2. */
export class WrongQuestion extends Error {}
