// Reads what the two audits decided since a moment, for whoever wants to show or assert it.
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { Lab } from './lab-site.ts';

export type Decision = {
  readonly by: 'proxy' | 'gateway';
  readonly event: string;
  readonly from: string;
  readonly to: string;
  readonly kind: string;
  readonly code: string;
  readonly stage: string;
};

export type Decisions = {
  /** All since the last `mark`. */
  readonly all: () => readonly Decision[];
  /** Resolves with the first that fits, since the last `mark`. */
  readonly await: (what: Partial<Decision>, withinMs?: number) => Promise<Decision>;
  readonly mark: () => void;
};

export function openDecisions(lab: Lab): Decisions {
  let seen = { proxy: 0, gateway: 0 };
  const lines = (half: 'proxy' | 'gateway') =>
    existsSync(lab.audit[half]) ? readFileSync(lab.audit[half], 'utf8').split('\n').slice(0, -1) : [];
  const all = () =>
    (['proxy', 'gateway'] as const).flatMap((half) =>
      lines(half)
        .slice(seen[half])
        .map((line) => decisionOf(half, line)),
    );
  return {
    all,
    async await(what, withinMs = 5_000) {
      const until = Date.now() + withinMs;
      for (;;) {
        const found = all().find((each) => fits(each, what));
        if (found !== undefined) return found;
        if (Date.now() > until)
          throw new Error(`the audit does not say ${JSON.stringify(what)}, but ${JSON.stringify(all())}`);
        await wait(20);
      }
    },
    mark() {
      seen = { proxy: lines('proxy').length, gateway: lines('gateway').length };
    },
  };
}

function fits(decision: Decision, what: Partial<Decision>): boolean {
  return (Object.keys(what) as (keyof Decision)[]).every((key) => decision[key] === what[key]);
}

function decisionOf(by: 'proxy' | 'gateway', line: string): Decision {
  const record: Record<string, unknown> = JSON.parse(line);
  const text = (key: string) => (typeof record[key] === 'string' ? record[key] : '');
  return {
    by,
    event: text('event'),
    from: text('from'),
    to: text('to'),
    kind: text('kind'),
    code: text('code'),
    stage: text('stage'),
  };
}
