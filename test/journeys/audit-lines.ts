// What both audits say, in the order of time, since a moment: the truth that a journey's last lines ask for.
import { existsSync, readFileSync } from 'node:fs';
import type { Lab } from '../lab/lab-site.ts';
import type { Half } from '../lab/pair.ts';

export type AuditLine = {
  readonly half: Half;
  readonly at: number;
  readonly event: string;
  readonly kind: string;
  readonly from: string;
  readonly to: string;
  readonly code: string;
  readonly stage: string;
  readonly noticed: string;
};

export type AuditLines = {
  /** All since the last `mark`, oldest first. */
  readonly since: () => readonly AuditLine[];
  readonly mark: () => void;
};

const halves = ['proxy', 'gateway'] as const;

/** Reads the files of this site; more than one reader may do so, each with a mark of its own. */
export function openAuditLines(lab: Lab): AuditLines {
  const seen = { proxy: 0, gateway: 0 };
  const linesOf = (half: Half) =>
    existsSync(lab.audit[half]) ? readFileSync(lab.audit[half], 'utf8').split('\n').slice(0, -1) : [];
  return {
    since: () =>
      halves
        .flatMap((half) =>
          linesOf(half)
            .slice(seen[half])
            .map((line) => auditLine(half, line)),
        )
        .sort((a, b) => a.at - b.at),
    mark() {
      for (const half of halves) seen[half] = linesOf(half).length;
    },
  };
}

function auditLine(half: Half, line: string): AuditLine {
  const record: Record<string, unknown> = JSON.parse(line);
  const text = (key: string) => (typeof record[key] === 'string' ? record[key] : '');
  return {
    half,
    at: Date.parse(text('ts')),
    event: text('event'),
    kind: text('kind'),
    from: text('from'),
    to: text('to'),
    code: text('code'),
    stage: text('stage'),
    noticed: text('noticed'),
  };
}
