// What the probes of the perimeter's tests may hear, and when the tests may be left out.
import assert from 'node:assert/strict';
import type { Answer } from './probe.ts';

export const everyPort = [[1, 65_535]] as const;

/** Those of services that a network inside is full of. */
export const usualPorts = [
  ...[7, 21, 22, 23, 25, 53, 80, 88, 111, 135, 139, 143, 389, 443, 445, 464, 587, 636, 993, 1433, 1521, 2049, 2375],
  ...[3268, 3269, 3306, 3389, 5060, 5432, 5900, 5985, 6379, 8080, 8443, 9090, 9100, 9200, 10_250, 27_017, 50_051],
];

/** The text of a skip, or false where the tests must run and fail: in CI and with REQUIRE_PEERS=1. */
export function mayBeLeftOut(problem: string | undefined): string | false {
  const mustRun = process.env.REQUIRE_PEERS === '1' || process.env.CI !== undefined;
  return problem === undefined || mustRun ? false : problem;
}

/** Nothing came back; EPERM is the sender's own wall, which lets it not even try. */
export function nothingHeard({ open, refused, other }: Answer, what: string): void {
  const unexpected = other.filter((each) => !each.startsWith('EPERM '));
  assert.deepEqual({ open, refused, other: unexpected }, { open: [], refused: [], other: [] }, what);
}
