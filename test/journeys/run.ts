// One journey being played on a site: what its lines share, and how the site is left as it was found.
import { setTimeout as pause } from 'node:timers/promises';
import type { SipAnswer } from '../fakes/skype-front-end/requests.ts';
import type { RawStream } from '../fakes/xmpp-partner/xmpp-partner.ts';
import { type AuditLines, openAuditLines } from './audit-lines.ts';
import { addressesOf } from './people.ts';
import type { Step } from './read-journey.ts';
import type { Site } from './site-under-test.ts';
import type { Numbered } from './steps/numbered-texts.ts';

export type Run = {
  readonly site: Site;
  readonly audit: AuditLines;
  /** When something was last made to happen. */
  actedAt: number;
  readonly startedAt: number;
  /** What the front end has answered each insider, or will. */
  readonly answers: Map<string, Promise<SipAnswer>>;
  /** Numbered texts under way, by the two addresses. */
  readonly numbered: Map<string, Numbered>;
  /** The raw stream that was opened last. */
  stream: RawStream | undefined;
  /** How much each partner had logged when the journey began. */
  readonly heard: Map<string, number>;
};

/** How long a line waits for what it asks, in ms. */
export const patience = 10_000;

export function startRun(site: Site): Run {
  const audit = openAuditLines(site.lab);
  audit.mark();
  const heard = new Map(site.lab.partners.map(({ domain }) => [domain, site.partner(domain).log().length]));
  const now = Date.now();
  return {
    ...{ site, audit, heard, actedAt: now, startedAt: now, stream: undefined },
    answers: new Map(),
    numbered: new Map(),
  };
}

/** Plays one step; the error that it throws begins with the file's line. */
export async function playStep(run: Run, step: Step, file: string): Promise<void> {
  if (step.form.acts === true) {
    run.audit.mark();
    run.actedAt = Date.now();
  }
  try {
    await step.form.play(run, step.words);
  } catch (error) {
    throw new Error(`${file}:${step.line}: ${step.text}\n  ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Ends the conversations and forgets what nobody has asked for, so that the next journey begins with an empty desk. */
export async function tidy(run: Run): Promise<void> {
  const { site } = run;
  run.stream?.destroy();
  for (const address of addressesOf('inside')) {
    const user = site.insider(address);
    site.frontEnd().answerInvitesWith(address, undefined);
    site.frontEnd().answerMessagesWith(address, undefined);
    for (const peer of addressesOf('outside')) await user.hangUp(peer);
    await emptied(() => user.nextMessage({ within: 1 }));
    await emptied(() => user.nextTyping({ within: 1 }));
    await emptied(() => user.nextInvite({ within: 1 }));
    await emptied(() => user.nextBye({ within: 1 }));
  }
  for (const address of addressesOf('outside')) {
    const user = site.outsider(address);
    await emptied(() => user.next({ within: 1 }));
  }
}

async function emptied(next: () => Promise<unknown>): Promise<void> {
  for (;;) {
    const more = await next().then(
      () => true,
      () => false,
    );
    if (!more) return;
  }
}

/** Asks until the answer is not undefined; throws with `say()` after `patience`. */
export async function eventually<T>(ask: () => T | undefined, say: () => string, within = patience): Promise<T> {
  const until = Date.now() + within;
  for (;;) {
    const found = ask();
    if (found !== undefined) return found;
    if (Date.now() > until) throw new Error(say());
    await pause(20);
  }
}

/** Throws unless so many seconds have passed since something was last made to happen, with a second of grace before. */
export function expectAbout(run: Run, seconds: number): void {
  const took = (Date.now() - run.actedAt) / 1000;
  if (took < seconds - 1 || took > seconds + 3) throw new Error(`it took ${took.toFixed(1)} s`);
}
