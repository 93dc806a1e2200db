// The policy of one process from its start to its end: signed or not, from the folder or over the link.
import type { PolicyEntry } from '../audit.ts';
import type { Log } from '../log.ts';
import { readingTerms } from './content-key.ts';
import type { KeptLine } from './kept-revisions.ts';
import { compilePolicy, type LoadTerms, type PolicyLoaded, type Side } from './load-policy.ts';
import { countOverdue, overdueLines, tellOverdue } from './overdue.ts';
import type { Policy } from './policy.ts';
import { readPolicyFiles } from './policy-files.ts';
import { provePolicy } from './prove-policy.ts';
import { examplesOf, type RevisionStates, tellRevisionStates } from './revision-states.ts';
import { type Activation, closedPolicy, noRevision, openSignedPolicy, type PolicySignatures } from './signed-policy.ts';
import type { SignedRevision } from './signed-revision.ts';
import { watchPolicy } from './watch-policy.ts';

export type PolicyWorld = {
  readonly folder: string;
  readonly side: Side;
  /** Undefined: policies are not signed. */
  readonly signatures: PolicySignatures | undefined;
  /** The key of lists of hashes, if the policy has such lists. */
  readonly contentKeyFile?: string | undefined;
  readonly log: Log;
  readonly now: () => number;
};

export type PolicyInForce = {
  readonly current: () => Policy;
  /** Begins to watch. `onChange` gets the policy before; `current` is the new one by then. */
  readonly watch: (told: {
    readonly onChange: (before: Policy) => void;
    readonly record: (entry: PolicyEntry) => void;
  }) => void;
  /** Looks at once (SIGHUP). */
  readonly reload: () => void;
  /** Takes a signed revision that came by another way than the folder; refused where no keys are configured. */
  readonly offer: (offered: SignedRevision, from: string) => Activation;
  /** The signed bytes of what is in force; undefined where it is not signed. */
  readonly signed: () => SignedRevision | undefined;
  readonly states: () => RevisionStates;
  /** Why the process should get no traffic, in words: there is no policy. */
  readonly trouble: () => string | undefined;
  /** The revisions on disk, the newest first. */
  readonly kept: () => readonly KeptLine[];
  /** What has run out in the policy in force, one line each. */
  readonly overdue: () => readonly string[];
  readonly close: () => void;
};

export type PolicyOpened =
  | { readonly ok: true; readonly policy: PolicyInForce }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Opens the policy. Unsigned it must be good, or the process does not start. Where it must be signed and none ever was
 * good, the process starts and refuses all traffic, so that the first revision can come over the link.
 */
export function openPolicy(world: PolicyWorld): PolicyOpened {
  const { folder, side, signatures, log } = world;
  const early: PolicyEntry[] = [];
  let record = (entry: PolicyEntry): void => {
    early.push(entry);
  };
  let desk: ReturnType<typeof openSignedPolicy> | undefined;
  let keyTrouble: readonly string[] = [];
  let terms: () => LoadTerms;
  try {
    const read = readingTerms(world);
    terms = () => {
      const { terms: now, problem } = read();
      if (problem !== undefined && keyTrouble.length === 0) log.error({ problem }, 'the key of hash lists is not good');
      keyTrouble = problem === undefined ? [] : [problem];
      return now;
    };
    desk =
      signatures === undefined
        ? undefined
        : openSignedPolicy({ folder, side, signatures, terms, log, now: world.now, record: (entry) => record(entry) });
  } catch (error) {
    return { ok: false, problems: [error instanceof Error ? error.message : 'the policy cannot be opened'] };
  }
  let trouble: readonly string[] = [];
  let examples: RevisionStates['examples'];
  // Where policies are signed, the desk does the same with what it has not taken before.
  const loadProved = (): PolicyLoaded => {
    const files = readPolicyFiles(folder);
    const compiled = compilePolicy(folder, side, files, terms());
    if (!compiled.ok) return compiled;
    const proof = provePolicy(folder, side, files, compiled.policy);
    examples = examplesOf(proof);
    return proof.problems.length > 0 ? { ok: false, problems: proof.problems } : compiled;
  };
  const load = (): PolicyLoaded => {
    const loaded = desk === undefined ? loadProved() : desk.look();
    trouble = loaded.ok ? [] : loaded.problems;
    return loaded;
  };
  const first = load();
  if (!first.ok && desk === undefined) return { ok: false, problems: first.problems };
  let policy = first.ok ? first.policy : closedPolicy(side);
  for (const problem of trouble) log.error({ problem }, 'the policy is not good, and nothing passes');
  if (desk === undefined) {
    log.warn(
      { revision: policy.revision },
      'the policy is not signed: whoever can write to its folder decides what passes',
    );
  }
  const states = (): RevisionStates => {
    if (desk === undefined)
      return { ...unsignedStates(policy, [...keyTrouble, ...trouble]), ...(examples && { examples }) };
    const { active, ...said } = desk.states();
    const others = { ...said, trouble: [...keyTrouble, ...said.trouble] };
    // What is kept may be unusable at the start: a revocation list that it names is gone.
    return policy.revision === noRevision || active === undefined ? others : { ...others, active };
  };
  tellRevisionStates(states);
  tellOverdue(policy, world.now(), log);
  countOverdue(() => policy, world.now);
  let watch: ReturnType<typeof watchPolicy> | undefined;

  return {
    ok: true,
    policy: {
      current: () => policy,
      watch({ onChange, record: write }) {
        record = write;
        const state = policy.revision === noRevision ? 'there is none, and nothing passes' : 'signed';
        const note = `at the start; ${desk === undefined ? 'not signed' : state}`;
        write({ event: 'policy-activated', revision: policy.revision, note });
        for (const entry of early.splice(0)) write(entry);
        const changed = (next: Policy) => {
          const before = policy;
          policy = next;
          tellOverdue(policy, world.now(), log);
          if (next.keyed !== before.keyed && next.revision === before.revision) {
            write({ event: 'policy-activated', revision: next.revision, note: 'with another key of hash lists' });
          }
          if (desk === undefined && next.revision !== before.revision) {
            write({ event: 'policy-activated', revision: next.revision, note: 'from the folder; not signed' });
          }
          onChange(before);
        };
        // Where policies are signed the desk has recorded it.
        const refused = (problems: readonly string[]) => {
          if (desk !== undefined) return;
          const note = `${problems[0] ?? 'it is not good'}; from ${folder}`;
          write({ event: 'policy-refused', revision: 'unsigned', note: note.slice(0, 500) });
        };
        const besides = [signatures?.operatorsFile, world.contentKeyFile].filter((file) => file !== undefined);
        watch = watchPolicy({ folder, besides }, load, policy, { changed, refused }, log);
        // A gateway may have been quicker than we are.
        if ((desk?.states().active?.revision ?? policy.revision) !== policy.revision) watch.reload();
      },
      reload: () => void watch?.reload(),
      offer(offered, from) {
        if (desk === undefined) {
          return {
            active: false,
            problems: [
              'policySignatures is not set here: a policy comes by its folder alone (sallyport policy activate --at)',
            ],
          };
        }
        const taken = desk.offer(offered, from);
        if (taken.active) watch?.reload();
        return taken;
      },
      signed: () => desk?.active(),
      states,
      trouble: () => (policy.revision === noRevision ? 'there is no good policy: nothing passes' : undefined),
      kept: () => desk?.kept() ?? [],
      overdue: () => overdueLines(policy, world.now()),
      close: () => watch?.close(),
    },
  };
}

function unsignedStates({ revision }: Policy, trouble: readonly string[]): RevisionStates {
  const mark = { revision };
  return { signed: false, published: mark, received: mark, verified: mark, active: mark, trouble };
}
