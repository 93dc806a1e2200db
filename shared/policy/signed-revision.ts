// One signed revision, as bytes that somebody offers: read from a folder as hostile, cut for the proxy, judged.
import { timingSafeEqual } from 'node:crypto';
import { shownText } from '../finding.ts';
import type { Side } from './load-policy.ts';
import { type Operators, type OperatorsRead, readOperators } from './operators.ts';
import type { PolicyFiles } from './policy-files.ts';
import { digestOf, type Manifest, readManifest } from './revision-manifest.ts';
import { countSignatures, readSignatures } from './revision-signatures.ts';

export type SignedRevision = {
  /** The texts of revision.manifest and revision.signatures, not yet believed. */
  readonly manifest: string;
  readonly signatures: string;
  /** revision.salt: it stays inside with the files whose digests it hides. */
  readonly salt: string;
  readonly files: ReadonlyMap<string, Buffer>;
};

/** How far a revision came, and why no further. */
export type Judged = {
  readonly manifest: Manifest | undefined;
  /** All bytes are there, and are those of the manifest. */
  readonly received: boolean;
  readonly verified: boolean;
  /** Whose signatures are good. */
  readonly signers: readonly string[];
  /** The operators who judge what comes after it: its own, or where it names none those who judged it. */
  readonly successors: Operators;
  readonly problems: readonly string[];
};

const aheadMs = 600_000;

/**
 * Judges what somebody offers: the form, every byte, the signatures, and that it is later than `after` (ms), so that
 * nobody can bring back an old revision by its old signatures.
 */
export function judgeRevision(
  offered: SignedRevision,
  judge: {
    readonly side: Side;
    readonly trust: Operators;
    /** The least number of signatures that the settings ask for. */
    readonly required: number;
    readonly now: number;
    readonly after: number | undefined;
  },
): Judged {
  const manifest = readManifest(offered.manifest);
  const nothing = { manifest, received: false, verified: false, signers: [], successors: judge.trust };
  if (manifest === undefined) {
    return { ...nothing, problems: ['revision.manifest: this is no manifest; sign the policy again'] };
  }
  const bytes = byteProblems(manifest, offered, judge.side);
  if (bytes.length > 0) return { ...nothing, problems: bytes };
  const received = { ...nothing, received: true };
  const signatures = readSignatures(offered.signatures);
  if (signatures === undefined) {
    return { ...received, problems: ['revision.signatures: these are no signatures; sign the policy again'] };
  }
  const counted = countSignatures(manifest, offered.manifest, signatures, judge.trust, judge.required);
  if (counted.problems.length > 0) return { ...received, problems: counted.problems };
  const late = orderProblem(manifest, judge.now, judge.after);
  if (late !== undefined) return { ...received, problems: [late] };
  const successors = operatorsOf(offered);
  if (successors?.ok === false) return { ...received, problems: successors.problems };
  return {
    ...received,
    verified: true,
    signers: [...counted.good],
    successors: successors?.operators ?? judge.trust,
    problems: [],
  };
}

/** The operators that a revision names for what comes after it; undefined where it names none. */
export function operatorsOf({ files }: Pick<SignedRevision, 'files'>): OperatorsRead | undefined {
  const bytes = files.get('operators.yaml');
  return bytes === undefined ? undefined : readOperators('operators.yaml', bytes.toString('utf8'));
}

/** The copy that the proxy may hold: without the salt and without what stays inside, under the same signatures. */
export function cutForDmz(signed: SignedRevision): SignedRevision {
  const inside = new Set(
    readManifest(signed.manifest)?.entries.flatMap((each) => (each.where === 'inside' ? each.path : [])),
  );
  return { ...signed, salt: '', files: new Map([...signed.files].filter(([name]) => !inside.has(name))) };
}

/** Its files as loadPolicy takes them, with the revocation lists of the folder, which are no part of a revision. */
export function policyFilesOf(
  { files }: SignedRevision,
  { entries }: Manifest,
  revocation: ReadonlyMap<string, Buffer>,
): PolicyFiles {
  return {
    files: new Map([...revocation, ...files]),
    heldElsewhere: new Map(entries.flatMap(({ path, digest }) => (files.has(path) ? [] : [[path, digest] as const]))),
    problems: [],
  };
}

/** What is not as the manifest says, one line each. */
export function byteProblems(manifest: Manifest, { files, salt }: SignedRevision, side: Side): string[] {
  const problems: string[] = [];
  const named = new Set<string>();
  for (const { path, where, digest } of manifest.entries) {
    named.add(path);
    const bytes = files.get(path);
    if (where === 'inside' && side === 'dmz') {
      if (bytes !== undefined)
        problems.push(`${path}: it must not be in the DMZ; give the proxy what sallyport policy cut makes`);
    } else if (bytes === undefined)
      problems.push(`${path}: it was signed and is not there; put it back, or sign again`);
    else if (!isEqual(digestOf(where, bytes, salt), digest)) {
      problems.push(`${path}: it is not what was signed; put the signed one back, or sign again`);
    }
  }
  for (const path of files.keys()) {
    if (!named.has(path)) problems.push(`${shownText(path, 200)}: it was not signed; remove it, or sign again`);
  }
  return problems;
}

function orderProblem({ time }: Manifest, now: number, after: number | undefined): string | undefined {
  const at = new Date(time).toISOString();
  if (time > now + aheadMs) return `it was signed at ${at}, which is yet to come; look at the clocks, and sign again`;
  if (after === undefined || time > after) return undefined;
  return `it was signed at ${at}, not after the one in force (${new Date(after).toISOString()}); to go back, use sallyport policy rollback`;
}

function isEqual(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
