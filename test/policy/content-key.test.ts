// The key of hash lists changes without a restart, and never so that a list silently finds nothing.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { keyedHash } from '../../shared/content/hash-list.ts';
import { readingTerms } from '../../shared/policy/content-key.ts';
import type { Policy } from '../../shared/policy/policy.ts';
import { openPolicy } from '../../shared/policy/policy-in-force.ts';
import { openOffice, problemsOf } from './operators.ts';

const [old, next] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];

/** An office whose policy has a list of hashes made with this key, and an example of it. */
function officeWithHashes() {
  const office = openOffice(1);
  const content = join(office.policy, 'content.yaml');
  const rule = `rules:
  - { id: staff, title: t, why: w, owner: o, severity: high, scope: { direction: outward }, when: staff, action: block }
`;
  writeFileSync(
    content,
    readFileSync(content, 'utf8')
      .replace('detectors:\n', 'detectors:\n  - { id: staff, hashes: lists/staff.hashes, where: inside }\n')
      .replace('rules:\n', rule),
  );
  office.put('examples/staff.yaml', 'examples:\n  - { text: ask AB123456, expect: { rule: staff, action: block } }\n');
  const list = (key: Buffer) => office.put('lists/staff.hashes', `${keyedHash(key, 'AB123456')}\n`);
  const contentKeyFile = join(office.folder, 'content.key');
  const key = (bytes: Buffer | string) => writeFileSync(contentKeyFile, bytes);
  list(old);
  key(old);
  return { ...office, list, key, contentKeyFile };
}

const stops = ({ content }: Policy) =>
  content.evaluate({ direction: 'outward', parts: [{ part: 'body', text: 'ask AB123456' }], now: 0 }).rule === 'staff';

test('unsigned: a new key waits for the list that was made with it, and then both are in force at once', (t) => {
  const office = officeWithHashes();
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => lines.push(line) });
  const { folder, contentKeyFile } = { folder: office.policy, contentKeyFile: office.contentKeyFile };
  const opened = openPolicy({ folder, contentKeyFile, side: 'inside', signatures: undefined, log, now: Date.now });
  assert.ok(opened.ok, opened.ok ? '' : opened.problems.join('\n'));
  const { policy } = opened;
  t.after(policy.close);
  const records: string[] = [];
  policy.watch({ onChange: () => undefined, record: ({ note = '' }) => records.push(note) });
  assert.ok(stops(policy.current()));
  office.key(next);
  policy.reload();
  assert.ok(stops(policy.current()), 'the old key stays with the old list');
  assert.match(policy.states().trouble.join(), /staff\.yaml:2: the rule staff did not fire/);
  office.list(next);
  policy.reload();
  assert.ok(stops(policy.current()));
  assert.deepEqual(policy.states().trouble, []);
  // A key that is none changes nothing, and is told.
  office.key('short');
  policy.reload();
  assert.match(policy.states().trouble.join(), /content\.key: shorter than 32 bytes.*the last good key stays/);
  assert.ok(stops(policy.current()));
  // With every file as it was, another key alone is a change that is written down.
  office.put('examples/staff.yaml', 'examples:\n  - { text: x, passes: staff }\n');
  office.key(Buffer.alloc(32, 3));
  policy.reload();
  assert.ok(
    records.some((note) => /another key of hash lists/.test(note)),
    records.join('\n'),
  );
  assert.ok(!lines.join().includes(next.toString('hex')) && !lines.join().includes('AB123456'));
});

test('signed: the same, over what is kept; and a start with a key that does not fit is told at once', () => {
  const office = officeWithHashes();
  const read = readingTerms(office);
  const terms = () => read().terms;
  const desk = office.desk('inside', { terms });
  assert.ok(desk.offer(office.sign('alice'), 'a test').active);
  const inForce = (from = desk) => {
    const looked = from.look();
    assert.ok(looked.ok, looked.ok ? '' : looked.problems.join('\n'));
    return looked.policy;
  };
  assert.ok(stops(inForce()));
  office.key(next);
  assert.ok(stops(inForce()), 'the old key stays with the old list');
  assert.match(desk.states().trouble.join(), /present key of hash lists, which is not taken: examples\/staff\.yaml:2/);
  // A process that starts now has the new key alone: it says that its list finds nothing.
  const started = office.desk('inside', { terms, kept: desk.keptIn });
  assert.ok(!stops(inForce(started)));
  assert.match(started.states().trouble.join(), /in force since before the start, but examples\/staff\.yaml:2/);
  office.list(next);
  assert.equal(problemsOf(desk.offer(office.sign('alice'), 'a test')), '');
  assert.ok(stops(inForce()));
  assert.deepEqual(desk.states().trouble, []);
});
