// Signs the policy in a folder: makes the manifest where there is none that fits, else adds a signature to it.
import { randomBytes } from 'node:crypto';
import { renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { checkYaml } from '@sallyport/shared/checked-yaml.ts';
import { contentFile } from '@sallyport/shared/policy/content-schema.ts';
import { examplesFile } from '@sallyport/shared/policy/example-schema.ts';
import { compilePolicy, loadPolicy } from '@sallyport/shared/policy/load-policy.ts';
import { isExample } from '@sallyport/shared/policy/policy-files.ts';
import {
  manifestName,
  readRevisionFolder,
  saltName,
  signaturesName,
  writeDurably,
} from '@sallyport/shared/policy/revision-folder.ts';
import {
  digestOf,
  type Manifest,
  manifestOf,
  printManifest,
  readManifest,
} from '@sallyport/shared/policy/revision-manifest.ts';
import { printSignatures, readSignatures, signManifest } from '@sallyport/shared/policy/revision-signatures.ts';
import {
  byteProblems,
  cutForDmz,
  operatorsOf,
  policyFilesOf,
  type SignedRevision,
} from '@sallyport/shared/policy/signed-revision.ts';
import { openOperatorKey } from './keys.ts';

export type Signing =
  | {
      readonly ok: true;
      readonly manifest: Manifest;
      /** Whose signatures are under it now. */
      readonly names: readonly string[];
      /** True: this is a new revision; false: a signature was added to one that was there. */
      readonly isNew: boolean;
    }
  | { readonly ok: false; readonly problems: readonly string[] };

// Whoever signs looks at the form of hash lists; their key stays with the processes.
const anyKey = { contentKey: new Uint8Array(32) };

/**
 * Signs what lies in the folder, as `as` or as the operator of its operators.yaml who has this key. A policy that is
 * not good, in either copy, is not signed. `isAnew` makes a new manifest even where the old one fits (a roll-back).
 */
export function signFolder(
  folder: string,
  keyFile: string,
  as: string | undefined,
  now: number,
  isAnew = false,
): Signing {
  const { key, open } = openOperatorKey(keyFile);
  const good = loadPolicy(folder, 'inside', anyKey);
  if (!good.ok) return good;
  const read = readRevisionFolder(folder);
  if (read.signed === undefined || read.problems.length > 0) return { ok: false, problems: read.problems };
  const operators = operatorsOf(read.signed);
  const entries = operators?.ok === true ? operators.operators.operators : [];
  const name = as ?? entries.find((each) => each.key === open)?.name;
  if (name === undefined) {
    return {
      ok: false,
      problems: [`${folder}/operators.yaml: nobody there has the key of ${keyFile}; write --as NAME`],
    };
  }
  const entry = entries.find((each) => each.name === name);
  if (entry !== undefined && entry.key !== open) {
    return { ok: false, problems: [`${folder}/operators.yaml: ${name} has another key than that of ${keyFile}`] };
  }
  const found = readManifest(read.signed.manifest);
  // From a clock that went wrong; nobody would take what follows it.
  const before = found !== undefined && found.time > now + 600_000 ? undefined : found;
  const fits = before !== undefined && !isAnew && byteProblems(before, read.signed, 'inside').length === 0;
  const signed = fits ? read.signed : fresh(read.signed, before, name, now);
  const manifest = readManifest(signed.manifest);
  if (manifest === undefined) return { ok: false, problems: [`${folder}: a name in it cannot stand in a manifest`] };
  const cut = compilePolicy(folder, 'dmz', policyFilesOf(cutForDmz(signed), manifest, read.revocation), anyKey);
  if (!cut.ok) return { ok: false, problems: cut.problems.map((problem) => `the copy of the proxy: ${problem}`) };
  const others = (readSignatures(signed.signatures) ?? []).filter((each) => each.name !== name);
  const signatures = [...others, signManifest(signed.manifest, name, key)];
  replace(folder, saltName, signed.salt === '' ? '' : `${signed.salt}\n`, 0o644);
  replace(folder, manifestName, signed.manifest, 0o644);
  replace(folder, signaturesName, printSignatures(signatures), 0o644);
  return { ok: true, manifest, names: signatures.map((each) => each.name), isNew: !fits };
}

// The salt stays the same while it is there, so that files that go back get their old name back.
function fresh(read: SignedRevision, before: Manifest | undefined, author: string, now: number): SignedRevision {
  const inside = insideFiles(read.files.get('content.yaml'));
  const isAllShared =
    inside.size === 0 && ![...read.files].some(([name, bytes]) => isExample(name) && !isForBoth(bytes));
  const salt = isAllShared ? '' : /^[0-9a-f]{64}$/.test(read.salt) ? read.salt : randomBytes(32).toString('hex');
  const entries = [...read.files].map(([name, bytes]) => {
    const where = inside.has(name) || (isExample(name) && !isForBoth(bytes)) ? ('inside' as const) : ('both' as const);
    return { path: name, where, digest: digestOf(where, bytes, salt) };
  });
  // Later than the one that it replaces, whatever this machine's clock says.
  const time = Math.max(now, (before?.time ?? 0) + 1);
  const manifest = manifestOf(entries, { author, time, previous: before?.revision });
  return { ...read, salt, manifest: printManifest(manifest), signatures: '' };
}

// The files that a list or a detector names with where: inside.
function insideFiles(content: Buffer | undefined): ReadonlySet<string> {
  const checked = checkYaml('content.yaml', content?.toString('utf8') ?? '', contentFile);
  const { lists = [], detectors = [] } = checked.ok ? checked.value : {};
  const named = [...lists, ...detectors].filter((each) => each.where === 'inside');
  return new Set(
    named.flatMap((each) => ('file' in each ? [each.file] : [each.terms, each.hashes].flatMap((file) => file ?? []))),
  );
}

function isForBoth(bytes: Buffer): boolean {
  const checked = checkYaml('examples', bytes.toString('utf8'), examplesFile);
  return checked.ok && checked.value.where === 'both';
}

function replace(folder: string, name: string, text: string, mode: number): void {
  const place = path.join(folder, name);
  if (text === '') {
    rmSync(place, { force: true });
    return;
  }
  const draft = `${place}~`;
  rmSync(draft, { force: true });
  writeDurably(draft, text, mode);
  renameSync(draft, place);
}
