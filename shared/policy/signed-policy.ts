// The policy where it must be signed: judges each revision that is offered, keeps what it takes, and refuses all traffic
// while there never was one (I3).
import { readFileSync } from 'node:fs';
import type { PolicyEntry } from '../audit.ts';
import { fileTrouble } from '../file-trouble.ts';
import type { Log } from '../log.ts';
import { type Kept, type KeptRevisions, openKeptRevisions, rootOf } from './kept-revisions.ts';
import { compilePolicy, type LoadTerms, type PolicyLoaded, type Side } from './load-policy.ts';
import { type Operators, readOperators, signersTrouble } from './operators.ts';
import type { Policy } from './policy.ts';
import type { PolicyFiles } from './policy-files.ts';
import { type PolicyProof, provePolicy } from './prove-policy.ts';
import { readRevisionFolder } from './revision-folder.ts';
import { type Manifest, readManifest } from './revision-manifest.ts';
import { examplesOf, type RevisionMark, type RevisionStates } from './revision-states.ts';
import { byteProblems, judgeRevision, operatorsOf, policyFilesOf, type SignedRevision } from './signed-revision.ts';

export type PolicySignatures = {
  readonly operatorsFile: string;
  readonly required: 1 | 2;
  readonly folder: string;
  readonly keep: number;
};

export type SignedPolicyWorld = {
  /** The watched folder, into which operators put revisions; it holds the revocation lists too. */
  readonly folder: string;
  readonly side: Side;
  readonly signatures: PolicySignatures;
  /** Asked for each policy that is compiled: the key of hash lists may have changed. */
  readonly terms?: () => LoadTerms;
  readonly record: (entry: PolicyEntry) => void;
  readonly log: Log;
  readonly now: () => number;
};

/** What became of an offer. */
export type Activation = { readonly active: boolean; readonly problems: readonly string[] };

export type SignedPolicy = {
  /** Looks into the folder, takes what is new and good in it, and returns what is in force with the present revocation lists. */
  readonly look: () => PolicyLoaded;
  /** Takes a revision that came by another way; `from` says which, for the log. */
  readonly offer: (offered: SignedRevision, from: string) => Activation;
  /** The signed bytes of what is in force. */
  readonly active: () => SignedRevision | undefined;
  readonly states: () => RevisionStates;
  readonly kept: KeptRevisions['list'];
};

const lastTime = 'the revision that was in force when the process last ran';

type InForce = { readonly kept: Kept; readonly manifest: Manifest };
type Root =
  | { readonly ok: true; readonly name: string; readonly operators: Operators }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Opens what is kept. Throws with a sentence where the operators file or the folder of the kept ones cannot be used. */
export function openSignedPolicy(world: SignedPolicyWorld): SignedPolicy {
  const { side, signatures, log } = world;
  const store = openKeptRevisions(signatures.folder, signatures.keep);
  const root = readRoot(signatures);
  if (!root.ok) throw new Error(root.problems[0]);
  let inForce: InForce | undefined;
  // Nothing at or before this may be taken, even where the revision itself is lost.
  let after: number | undefined;
  // Why what was taken cannot be compiled with the revocation lists of now.
  let unusable: readonly string[] = [];
  // What the examples say against it with the key of now.
  let doubts: readonly string[] = [];
  let proved: LoadTerms | undefined;
  let states: RevisionStates = { signed: true, trouble: [] };
  resume();

  // What was in force when the process last ran, if it is whole: it is judged by those who judged it then.
  function resume(): void {
    const found = store.active();
    if (!found.ok) {
      after = found.time - 1;
      told(undefined, [found.problem], lastTime);
      return;
    }
    if (found.kept === undefined) return;
    const manifest = readManifest(found.kept.signed.manifest);
    const trust = found.kept.judgedBy;
    const judged = judgeRevision(found.kept.signed, {
      // It was good once: neither a clock that went back nor settings that ask for more take it away.
      ...{ side, trust, required: 1, after: undefined },
      now: Math.max(world.now(), manifest?.time ?? 0),
    });
    after = (manifest?.time ?? 0) - 1;
    if (judged.manifest === undefined || !judged.verified) {
      told(judged.manifest, judged.problems, lastTime);
      return;
    }
    inForce = { kept: found.kept, manifest: judged.manifest };
    after = judged.manifest.time;
    const mark = markOf(judged.manifest);
    states = { signed: true, published: mark, received: mark, verified: mark, active: mark, trouble: [] };
  }

  function offer(signed: SignedRevision, from: string, revocation: ReadonlyMap<string, Buffer>): Activation {
    const trusted = trustNow();
    if (!trusted.ok) return refused(readManifest(signed.manifest), trusted.problems, from);
    if (signed.manifest === inForce?.kept.signed.manifest) {
      const changed = byteProblems(inForce.manifest, signed, side);
      if (changed.length > 0) return refused(inForce.manifest, changed, from);
      states = { ...states, published: markOf(inForce.manifest), trouble: [] };
      return { active: true, problems: [] };
    }
    const judged = judgeRevision(signed, {
      ...{ side, trust: trusted.operators, required: signatures.required, now: world.now(), after },
    });
    const { manifest } = judged;
    if (manifest === undefined) return refused(undefined, judged.problems, from);
    const mark = markOf(manifest);
    states = {
      ...states,
      published: mark,
      ...(judged.received ? { received: mark } : {}),
      ...(judged.verified ? { verified: mark } : {}),
    };
    if (!judged.verified) return refused(manifest, judged.problems, from);
    const files = policyFilesOf(signed, manifest, revocation);
    const terms = world.terms?.() ?? {};
    const compiled = compilePolicy('', side, files, terms);
    if (!compiled.ok) return refused(manifest, compiled.problems, from);
    const proof = provePolicy('', side, files, compiled.policy);
    if (proof.problems.length > 0) return refused(manifest, proof.problems, from, proof);
    const kept = { signed, judgedBy: trusted.operators, root: trusted.name };
    try {
      store.activate(kept, manifest);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown trouble';
      return refused(manifest, [`${signatures.folder}: it cannot be kept there (${code})`], from);
    }
    inForce = { kept, manifest };
    proved = terms;
    doubts = [];
    after = manifest.time;
    states = { ...states, active: mark, examples: examplesOf(proof), trouble: [] };
    const note = `signed by ${judged.signers.join(', ')}, ${new Date(manifest.time).toISOString()}; ${proof.played} examples as they say; from ${from}`;
    world.record({ event: 'policy-activated', revision: manifest.revision, note });
    return { active: true, problems: [] };
  }

  function refused(
    manifest: Manifest | undefined,
    problems: readonly string[],
    from: string,
    proof?: PolicyProof,
  ): Activation {
    told(manifest, problems, from);
    if (proof !== undefined) states = { ...states, examples: examplesOf(proof) };
    return { active: false, problems: problems.slice(0, 20) };
  }

  function told(manifest: Manifest | undefined, problems: readonly string[], from: string): void {
    for (const problem of problems.slice(0, 20)) log.error({ problem, from }, 'the policy is not good');
    const revision = inForce?.manifest.revision ?? noRevision;
    const stays =
      inForce === undefined ? 'there is no good policy: nothing passes' : 'the last good policy stays in force';
    log.error({ revision, problems: problems.length }, stays);
    const note = `${problems[0] ?? 'it is not good'}; from ${from}`;
    world.record({ event: 'policy-refused', revision: manifest?.revision ?? 'unreadable', note: note.slice(0, 500) });
    states = { ...states, trouble: problems.slice(0, 20) };
  }

  function trustNow(): Root {
    const now = readRoot(signatures);
    if (!now.ok || inForce === undefined || inForce.kept.root !== now.name) return now;
    // The operators of what is in force were themselves signed under those before them.
    const own = operatorsOf(inForce.kept.signed);
    return { ...now, operators: own?.ok === true ? own.operators : inForce.kept.judgedBy };
  }

  function look(): PolicyLoaded {
    const read = readRevisionFolder(world.folder);
    lookAt(read);
    if (inForce === undefined) return { ok: true, policy: closedPolicy(side) };
    const files = policyFilesOf(inForce.kept.signed, inForce.manifest, read.revocation);
    const compiled = compileKept(files);
    unusable = [];
    if (compiled.ok) return { ok: true, policy: { ...compiled.policy, revision: inForce.manifest.revision } };
    // A revocation list in the folder is broken or gone, or this version of the program asks for more.
    unusable = compiled.problems.slice(0, 20);
    return compiled;
  }

  // With another key of hash lists the examples show whether the lists were made with it. At a start they only warn: a new
  // release that sees an example otherwise must not stop all traffic.
  function compileKept(files: PolicyFiles): PolicyLoaded {
    const terms = world.terms?.() ?? {};
    const compiled = compilePolicy('', side, files, terms);
    if (!compiled.ok || isSameKey(terms, proved)) return compiled;
    const { problems } = provePolicy('', side, files, compiled.policy);
    const isStart = proved === undefined;
    const because = isStart
      ? 'in force since before the start, but'
      : 'with the present key of hash lists, which is not taken:';
    doubts = problems.slice(0, 20).map((problem) => `${because} ${problem}`);
    for (const problem of doubts) log.error({ problem }, 'the policy does not do what its examples say');
    if (problems.length === 0 || proved === undefined) {
      proved = terms;
      return compiled;
    }
    return compilePolicy('', side, files, proved);
  }

  function lookAt({ signed, problems, revocation }: ReturnType<typeof readRevisionFolder>): void {
    if (signed === undefined || (signed.files.size === 0 && signed.manifest === '' && problems.length === 0)) {
      log.info({ folder: world.folder }, 'there is no policy in the folder; one may come over the link');
    } else if (problems.length > 0) {
      told(readManifest(signed.manifest), problems, world.folder);
    } else if (signed.manifest === '') {
      told(
        undefined,
        [
          'revision.manifest: it is not signed, and this process takes signed policies alone; use sallyport policy sign',
        ],
        world.folder,
      );
    } else if (isOld(signed.manifest)) {
      log.warn({ folder: world.folder }, 'the folder holds a revision that was in force before; it is left alone');
    } else offer(signed, world.folder, revocation);
  }

  // A folder is not emptied when a newer revision comes over the link.
  function isOld(text: string): boolean {
    const manifest = readManifest(text);
    if (manifest === undefined || inForce === undefined || manifest.time >= inForce.manifest.time) return false;
    return store.list().some((each) => each.revision === manifest.revision && each.time === manifest.time);
  }

  return {
    look,
    offer: (signed, from) => offer(signed, from, readRevisionFolder(world.folder).revocation),
    active: () => inForce?.kept.signed,
    states: () => ({ ...states, trouble: [...unusable, ...doubts, ...states.trouble] }),
    kept: store.list,
  };
}

function isSameKey(now: LoadTerms, before: LoadTerms | undefined): boolean {
  if (before === undefined) return false;
  const [a, b] = [now.contentKey, before.contentKey];
  return a === b || (a !== undefined && b !== undefined && Buffer.compare(a, b) === 0);
}

function readRoot({ operatorsFile, required }: PolicySignatures): Root {
  let text: string;
  try {
    text = readFileSync(operatorsFile, 'utf8');
  } catch (error) {
    return { ok: false, problems: [fileTrouble(operatorsFile, error)] };
  }
  const read = readOperators(operatorsFile, text);
  if (!read.ok) return read;
  const trouble = signersTrouble(read.operators, required);
  if (trouble !== undefined) return { ok: false, problems: [`${operatorsFile}: ${trouble}`] };
  return { ok: true, name: rootOf(text), operators: read.operators };
}

/** What the policy is called while there is none. */
export const noRevision = 'none';

/** The policy while there is none. No partner and no list: whatever comes is from, or for, somebody who is no partner. */
export function closedPolicy(side: Side): Policy {
  const files = new Map([
    ['partners.yaml', Buffer.from('partners: []\n')],
    ['content.yaml', Buffer.from('lists: []\n')],
  ]);
  const compiled = compilePolicy('', side, { files, heldElsewhere: new Map(), problems: [] });
  if (!compiled.ok) throw new Error(compiled.problems[0]);
  return { ...compiled.policy, revision: noRevision };
}

function markOf({ revision, time }: Manifest): RevisionMark {
  return { revision, time };
}
