// Runs the stages in their order. Fails closed, here and only here (I3): a stage that throws or stalls refuses.
import { refuse, type Verdict } from './verdict.ts';

/** One check: a plain function, one file. Its name is the stage's name in the audit. */
export type Stage<S, Situation> = (subject: S, situation: Situation) => Verdict<S> | Promise<Verdict<S>>;

/** Told of each stage's verdict, for those who watch; it decides nothing. */
export type Watcher = (stage: string, verdict: Verdict<unknown>) => void;

const stallMs = 5_000;

/**
 * Lets the stages judge the subject, each taking what the last returned; the first refusal ends it and carries the
 * stage's name. Answers at once where no stage waits for anything, so that the hot path makes no promise.
 * A stage that throws, or takes longer than 5 s, refuses with `internal-fault`.
 */
export function judge<S, Situation>(
  stages: readonly Stage<S, Situation>[],
  subject: S,
  situation: Situation,
  watcher?: Watcher,
): Verdict<S> | Promise<Verdict<S>> {
  return judgeFrom(0, stages, subject, situation, watcher);
}

function judgeFrom<S, Situation>(
  first: number,
  stages: readonly Stage<S, Situation>[],
  subject: S,
  situation: Situation,
  watcher: Watcher | undefined,
): Verdict<S> | Promise<Verdict<S>> {
  let current = subject;
  for (let i = first; i < stages.length; i++) {
    const stage = stages[i];
    if (stage === undefined) continue;
    const verdict = run(stage, current, situation);
    if (verdict instanceof Promise) {
      return withinTime(verdict).then((late) => {
        const named = nameStage(late, stage.name);
        watcher?.(stage.name, named);
        return named.passed ? judgeFrom(i + 1, stages, named.subject, situation, watcher) : named;
      });
    }
    const named = nameStage(verdict, stage.name);
    watcher?.(stage.name, named);
    if (!named.passed) return named;
    current = named.subject;
  }
  return { passed: true, subject: current };
}

function run<S, Situation>(
  stage: Stage<S, Situation>,
  subject: S,
  situation: Situation,
): Verdict<S> | Promise<Verdict<S>> {
  try {
    return stage(subject, situation);
  } catch (error) {
    return fault(error);
  }
}

function nameStage<S>(verdict: Verdict<S>, stage: string): Verdict<S> {
  if (verdict.passed || verdict.refusal.stage !== undefined) return verdict;
  return { passed: false, refusal: { ...verdict.refusal, stage } };
}

function withinTime<S>(verdict: Promise<Verdict<S>>): Promise<Verdict<S>> {
  return new Promise((resolve) => {
    const timer = setTimeout(
      () => resolve(refuse('internal-fault', { note: `no verdict within ${stallMs} ms` })),
      stallMs,
    );
    verdict.then(
      (late) => {
        clearTimeout(timer);
        resolve(late);
      },
      (error: unknown) => {
        clearTimeout(timer);
        resolve(fault(error));
      },
    );
  });
}

// The message of an exception may quote what it choked on, so only its type goes into the audit (I6).
function fault<S>(error: unknown): Verdict<S> {
  return refuse('internal-fault', { note: `the stage threw ${error instanceof Error ? error.name : typeof error}` });
}
