// The policy journal: features of past decisions, so that a new policy can be tried on them; no content, bounded, optional.
import { createWriteStream, openSync, renameSync, statSync, type WriteStream } from 'node:fs';
import type { Detected } from '../content/detect.ts';
import type { Log } from '../log.ts';
import { decisionOf, headOf, printLine, quietLine } from './journal-line.ts';
import type { Side } from './load-policy.ts';
import type { Policy } from './policy.ts';

export type PolicyJournal = {
  /** The same policies, whose decisions are written down. It never changes a decision. */
  readonly recording: (policy: () => Policy) => () => Policy;
  readonly close: () => Promise<void>;
};

const waitingAtMost = 4_194_304;
const gatherAtMost = 65_536;
const gatherMs = 50;

/**
 * Opens the journal for appending, readable by its owner alone. A file of half of `megabytes` is left as FILE.1, in place
 * of the one before, so that both together stay below. What the disk is too slow for, or cannot take, is counted as lost:
 * a journal is no audit, and stops nothing.
 */
export function openJournal(file: string, megabytes: number, side: Side, log: Log): PolicyJournal {
  const bytesAtMost = (megabytes * 1_048_576) / 2;
  let stream: WriteStream | undefined;
  let written = sizeOf(file);
  let headed: Policy | undefined;
  let lost = 0;
  // What was decided in the last moment, so that the disk is asked once for many lines.
  let gathered = '';
  let gathering: NodeJS.Timeout | undefined;
  let earlier = Promise.resolve();
  const recorded = new WeakMap<Policy, Policy>();
  stream = open();

  function open(): WriteStream | undefined {
    try {
      // Open at once, so that what waits in memory goes into this file whatever it is called by then.
      const made = createWriteStream(file, { fd: openSync(file, 'a', 0o600) });
      made.on('error', ({ message }) => giveUp(message));
      return made;
    } catch (error) {
      giveUp(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  function giveUp(why: string): void {
    log.warn({ file, why }, 'the policy journal cannot be written, and is left out from now on');
    stream = undefined;
  }

  function write(line: string): void {
    gathered += line;
    gathering ??= setTimeout(flush, gatherMs);
    if (gathered.length > gatherAtMost) flush();
  }

  function flush(): void {
    clearTimeout(gathering);
    gathering = undefined;
    const bytes = Buffer.from(gathered);
    gathered = '';
    written += bytes.length;
    stream?.write(bytes);
  }

  function turn(): void {
    flush();
    const before = stream;
    if (before !== undefined) earlier = Promise.all([earlier, ended(before)]).then(() => undefined);
    try {
      renameSync(file, `${file}.1`);
      written = 0;
      headed = undefined;
      stream = open();
    } catch (error) {
      giveUp(error instanceof Error ? error.message : String(error));
    }
  }

  function record(policy: Policy, line: () => string): void {
    if (stream === undefined) return;
    if (stream.writableLength > waitingAtMost) {
      lost++;
      return;
    }
    if (written + gathered.length > bytesAtMost) turn();
    if (headed !== policy) write(printLine(headOf(policy, side)));
    headed = policy;
    if (lost > 0) write(printLine({ lost }));
    lost = 0;
    write(line());
  }

  function withJournal(policy: Policy): Policy {
    const names = [...policy.content.lookedFor().detectors.keys()];
    const { evaluate } = policy.content;
    return {
      ...policy,
      content: {
        ...policy.content,
        evaluate(subject, seen) {
          const heard: Detected[] = [];
          const evaluation = evaluate(subject, (detected) => {
            seen?.(detected);
            heard.push(detected);
          });
          for (const detected of heard) {
            record(
              policy,
              () =>
                quietLine(subject, detected, evaluation) ??
                printLine(decisionOf(subject, detected, evaluation, names, policy)),
            );
          }
          return evaluation;
        },
      },
    };
  }

  return {
    recording: (policy) => () => {
      const current = policy();
      const known = recorded.get(current);
      if (known !== undefined) return known;
      const made = withJournal(current);
      recorded.set(current, made);
      return made;
    },
    async close() {
      flush();
      await earlier;
      if (stream !== undefined) await ended(stream);
    },
  };
}

function ended(stream: WriteStream): Promise<void> {
  return new Promise((done) => {
    stream.once('error', () => done());
    stream.end(() => done());
  });
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
