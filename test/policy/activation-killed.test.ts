// A process is killed in the middle of an activation, at whatever step: the next one finds a whole revision in force (I3).
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { readManifest } from '../../shared/policy/revision-manifest.ts';
import { openOffice } from './operators.ts';

const rounds = 12;

test(`killed ${rounds} times while it switches, a process always finds one of the two whole and in force`, async (t) => {
  const office = openOffice(1);
  const names = new Set([office.sign('alice')].map(({ manifest }) => readManifest(manifest)?.revision));
  const [a, b] = [join(office.folder, 'a'), join(office.folder, 'b')];
  cpSync(office.policy, a, { recursive: true });
  office.addWord('second');
  names.add(readManifest(office.sign('alice').manifest)?.revision);
  cpSync(office.policy, b, { recursive: true });
  const kept = join(office.folder, 'kept-killed');
  const program = join(import.meta.dirname, 'activate-until-killed.ts');
  let switched = false;
  let unfinished = 0;
  for (let i = 0; i < rounds; i += 1) {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, kept, office.root, a, b]);
    const ended = once(child, 'exit');
    t.after(() => child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    await wait(5 + Math.random() * 40);
    child.kill('SIGKILL');
    await ended;
    unfinished += readdirSync(kept).filter((name) => name.startsWith('.new-')).length;
    const desk = office.desk('inside', { kept });
    const looked = desk.look();
    assert.ok(looked.ok);
    // Nothing at all only where it was killed before the very first switch.
    const isBeforeAll: boolean = !switched && !existsSync(join(kept, 'active'));
    switched ||= !isBeforeAll;
    assert.ok(isBeforeAll || names.has(looked.policy.revision), `round ${i}: ${desk.states().trouble.join()}`);
    assert.deepEqual(
      readdirSync(kept).filter((name) => name.startsWith('.new-')),
      [],
    );
    assert.ok(desk.kept().length <= 2);
  }
  t.diagnostic(`${unfinished} half written revisions were found and removed`);
});
