// `sallyport policy activate`: asks a running process to put a signed policy in force, or switches the watched folder.
import {
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { askControl } from '@sallyport/shared/control-socket.ts';
import { loadPolicy } from '@sallyport/shared/policy/load-policy.ts';
import { readPolicyFiles } from '@sallyport/shared/policy/policy-files.ts';
import { provePolicy } from '@sallyport/shared/policy/prove-policy.ts';
import { readRevisionFolder, syncFolder, writeRevisionFolder } from '@sallyport/shared/policy/revision-folder.ts';
import { readManifest } from '@sallyport/shared/policy/revision-manifest.ts';
import { z } from 'zod';
import { type Command, textOption, WrongQuestion } from '../command.ts';
import { socketsOf } from '../sockets.ts';

const answerSchema = z.object({ active: z.boolean(), revision: z.string(), problems: z.array(z.string()) });

export const policyActivate: Command = {
  name: 'policy activate',
  summary: 'puts the policy in DIR in force, at once and whole, or says why not',
  help: [
    '  --settings FILE   the settings of inner-gateway (or dmz-proxy), which name its control socket',
    '  --control SOCKET  the control socket itself',
    '                    the process judges the signatures and plays the examples; the gateway then gives every proxy its copy',
    '  --at PLACE        instead: switch the folder PLACE that a process watches to a copy of DIR, by one rename;',
    '                    PLACE becomes a link to PLACE.revisions/…, of which the last ten stay',
    '  The exit code is 1 if what was in force before stays in force.',
  ],
  options: { settings: { type: 'string' }, control: { type: 'string' }, at: { type: 'string' } },
  words: ['DIR'],
  run: async ([folder = ''], options, terminal) => {
    const place = textOption(options, 'at');
    if (place !== undefined) {
      const switched = switchFolder(folder, place, Date.now());
      if (typeof switched !== 'string') {
        for (const problem of switched) terminal.complain(problem);
        return 1;
      }
      terminal.say(`${place} is now ${switched}; whoever watches it looks within seconds: sallyport policy status`);
      return 0;
    }
    const [socket, ...more] = socketsOf(options);
    if (socket === undefined || more.length > 0)
      throw new WrongQuestion('write --settings FILE, --control SOCKET or --at PLACE');
    const said = await askControl(socket, { ask: 'activate', folder: path.resolve(folder) }, 60_000);
    const answer = answerSchema.safeParse(said);
    if (!answer.success) throw new Error('the answer cannot be read; is the process of the same version?');
    const { active, revision, problems } = answer.data;
    for (const problem of problems) terminal.complain(problem);
    terminal.say(active ? `in force: ${revision}` : `not taken; in force stays: ${revision}`);
    return active ? 0 : 1;
  },
};

const switchedAtMost = 10;

/**
 * Makes PLACE a link to a fresh copy of the folder; returns where the copy is, or the problems. Links are replaced by a
 * rename, so that a watcher sees the old one or the new one, whatever is killed. A PLACE that is a folder is first moved
 * away, once; whoever looks in that moment finds nothing, and keeps what is in force.
 */
export function switchFolder(folder: string, place: string, now: number): string | readonly string[] {
  const read = readRevisionFolder(folder);
  if (read.signed === undefined || read.problems.length > 0) return read.problems;
  // An unsigned policy is judged here by its content; a signed one by those who know the keys.
  if (read.signed.manifest === '') {
    const good = loadPolicy(folder, 'inside', { contentKey: new Uint8Array(32) });
    if (!good.ok) return good.problems;
    // Without the key of hash lists its examples are played by the process alone.
    if (loadPolicy(folder, 'inside').ok) {
      const { problems } = provePolicy(folder, 'inside', readPolicyFiles(folder), good.policy);
      if (problems.length > 0) return problems;
    }
  }
  const beside = `${path.resolve(place)}.revisions`;
  mkdirSync(beside, { recursive: true, mode: 0o750 });
  const revision = readManifest(read.signed.manifest)?.revision ?? 'unsigned';
  const copy = path.join(beside, `${String(now).padStart(15, '0')}-${revision.slice(0, 16)}`);
  writeRevisionFolder(copy, read.signed);
  if (read.revocation.size > 0) mkdirSync(path.join(copy, 'trust'), { recursive: true });
  for (const [name, bytes] of read.revocation) writeFileSync(path.join(copy, name), bytes);
  // Root writes it, the process reads it: by the group that the folder around it has.
  const { gid } = statSync(path.dirname(path.resolve(place)));
  if (process.getuid?.() === 0) for (const each of [beside, ...within(copy)]) chownSync(each, 0, gid);
  const there = lstatSync(place, { throwIfNoEntry: false });
  if (there?.isDirectory() === true)
    renameSync(place, path.join(beside, `${String(now - 1).padStart(15, '0')}-before`));
  const next = `${path.resolve(place)}.next`;
  rmSync(next, { force: true });
  symlinkSync(copy, next);
  renameSync(next, place);
  syncFolder(path.dirname(path.resolve(place)));
  forget(beside, readlinkSync(place));
  return copy;
}

function within(folder: string): readonly string[] {
  const inside = readdirSync(folder, { recursive: true, withFileTypes: true });
  return [folder, ...inside.map(({ parentPath, name }) => path.join(parentPath, name))];
}

function forget(beside: string, current: string): void {
  for (const name of readdirSync(beside).sort().slice(0, -switchedAtMost)) {
    const folder = path.join(beside, name);
    if (folder !== current) rmSync(folder, { recursive: true, force: true });
  }
}
