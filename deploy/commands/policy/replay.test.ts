// Past decisions are written down without content, and decided anew as far as that can be done, and no further.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { openJournal } from '@sallyport/shared/policy/journal.ts';
import { decisionOf, journalLine, printLine, quietLine } from '@sallyport/shared/policy/journal-line.ts';
import { judgeContent, subjectOf } from '@sallyport/shared/policy/judge-content.ts';
import { judgedOf } from '@sallyport/shared/policy/play-example.ts';
import { pino } from 'pino';
import { runCommand } from '../run-command.ts';
import { readPolicy } from './read-policy.ts';

const shipped = path.join(import.meta.dirname, '../../../policies');
const dir = mkdtempSync(path.join(tmpdir(), 'sallyport-journal-'));
after(() => rmSync(dir, { recursive: true }));
const log = pino({ level: 'silent' });
const read = readPolicy(shipped, {});
assert.ok(read.ok);
const { policy } = read;
const file = path.join(dir, 'journal.jsonl');
const now = Date.parse('2026-11-22T12:00:00Z');

/** Every example of the shipped policy, as the gateway judges it. */
function judgeAll(journal: ReturnType<typeof openJournal>): void {
  const current = journal.recording(() => policy.inside);
  for (const example of policy.examples) {
    const terms = { policy: current(), direction: example.direction, now };
    const judged = judgedOf(example, policy.inside);
    assert.deepEqual(judgeContent(judged, terms), judgeContent(judged, { ...terms, policy: policy.inside }));
  }
}

function changed(change: (text: string) => string): string {
  const folder = mkdtempSync(path.join(dir, 'policy-'));
  cpSync(shipped, folder, { recursive: true });
  const content = path.join(folder, 'content.yaml');
  const before = readFileSync(content, 'utf8');
  assert.notEqual(change(before), before);
  writeFileSync(content, change(before));
  return folder;
}

async function replay(folder: string) {
  const [out, err]: [string[], string[]] = [[], []];
  const args = ['policy', 'replay', file, folder];
  const code = await runCommand(args, { say: (line) => out.push(line), complain: (line) => err.push(line) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

test('a packet in which nothing was found has the line that every other one would have', () => {
  let quiet = 0;
  for (const example of policy.examples) {
    const subject = subjectOf(judgedOf(example, policy.inside), {
      ...{ policy: policy.inside, direction: example.direction, now },
    });
    for (const label of [subject.label, undefined]) {
      const { label: _, ...unlabelled } = subject;
      const asked = label === undefined ? unlabelled : subject;
      policy.inside.content.evaluate(asked, (detected) => {
        const evaluation = policy.inside.content.evaluate(asked);
        const line = quietLine(asked, detected, evaluation);
        if (line === undefined) return;
        quiet += 1;
        assert.equal(line, printLine(decisionOf(asked, detected, evaluation, [], policy.inside)));
      });
    }
  }
  assert.ok(quiet > 5, `${quiet} of them`);
});

test('the journal changes no decision, and holds no word of any text', async () => {
  const journal = openJournal(file, 1, 'inside', log);
  judgeAll(journal);
  await journal.close();
  const written = readFileSync(file, 'utf8');
  const lines = written.trimEnd().split('\n');
  assert.equal(lines.length, policy.examples.length + 1);
  for (const line of lines) journalLine.parse(JSON.parse(line));
  // Names of detectors, rules and parts are no content; and the words of the examples are none of these.
  for (const word of ['Nightingale', 'nightingale', '4111', 'GB82', 'darn', 'canteen', 'Smith', 'AKIA']) {
    assert.ok(!written.includes(word), word);
  }
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test('the same policy decides all of them as they were', async () => {
  const { code, out, err } = await replay(shipped);
  assert.equal(err, '');
  assert.equal(code, 0, out);
  assert.match(
    out,
    new RegExp(`^${policy.examples.length} messages: ${policy.examples.length} are decided as they were`),
  );
});

test('another condition, action or mode of a rule is tried on what was found then', async () => {
  const folder = changed((text) =>
    text
      .replace('    when: payment-cards\n    action: redact', '    when: payment-cards\n    action: block')
      .replace(/( {2}- id: national-numbers-guess[\s\S]*?) {4}mode: monitor\n {4}until: .*\n/, '$1'),
  );
  const { code, out } = await replay(folder);
  assert.equal(code, 1);
  assert.match(out, /2 {9}redact by payment-cards-out {2}→ {2}block by payment-cards-out/);
  assert.match(out, /2 {9}passes {23}→ {2}block by national-numbers-guess/);
  assert.match(out, /Cannot be said[^\n]*\n {2}none/);
});

test('what was not looked for then is not guessed: it is said for how many messages, and because of which rule', async () => {
  const folder = changed((text) =>
    text
      .replace('number: [payment-card]', 'number: [payment-card, iban]')
      .replace('uk-nino]\n    score: 70', 'uk-nino]\n    score: 75'),
  );
  const { code, out } = await replay(folder);
  assert.equal(code, 1);
  assert.match(
    out,
    /Cannot be said[^\n]*\n {2}messages {2}rules +by all others\n {2}\d+ +payment-cards-out, national-numbers +\d+ as they were/,
  );
});

test('rules that only watch are asked anew too, and counted by themselves', async () => {
  const tried = changed((text) =>
    text
      .replace('when: { found: passwords, minScore: 40 }', 'when: { found: passwords, minScore: 99 }')
      .replace(
        '    when: payment-cards\n    action: redact',
        '    when: payment-cards\n    action: block\n    mode: monitor\n    until: 2099-12-31',
      ),
  );
  const { code, out } = await replay(tried);
  assert.equal(code, 1);
  assert.match(out, /Rules that only watch[^\n]*\n {2}rule +was {2}is {2}more {2}less {2}cannot be said\n/);
  assert.match(out, /^ {2}payment-cards-out +0 +2 +2 +0 +0$/m);
  assert.match(out, /^ {2}marking-guess +(\d+) +\1 +0 +0 +0$/m);
  // One that was taken out does nothing any more; one whose detector was changed cannot be asked.
  const gone = changed((text) => text.replace(/ {2}- id: marking-guess[\s\S]*?(?= {2}- id: )/, ''));
  assert.match((await replay(gone)).out, /^ {2}marking-guess +(\d+) +0 +0 +\1 +0$/m);
});

test('the journal of the proxy is replayed as the proxy judges, which lacks the lists that stay inside', async () => {
  assert.ok(policy.inside.content.secret.has('project-names'));
  const place = path.join(dir, 'proxy.jsonl');
  const journal = openJournal(place, 1, 'dmz', log);
  const current = journal.recording(() => policy.dmz);
  for (const example of policy.examples) {
    judgeContent(judgedOf(example, policy.inside), { policy: current(), direction: example.direction, now });
  }
  await journal.close();
  assert.ok(!readFileSync(place, 'utf8').includes('project-names'), 'not even what is looked for inside');
  const [out, err]: [string[], string[]] = [[], []];
  const terminal = { say: (line: string) => out.push(line), complain: (line: string) => err.push(line) };
  assert.equal(await runCommand(['policy', 'replay', place, shipped], terminal), 0, out.join('\n'));
  assert.equal(await runCommand(['policy', 'diff', shipped, shipped, '--journal', place], terminal), 0, out.join('\n'));
});

test('a file that is no journal is refused in one line', async () => {
  writeFileSync(path.join(dir, 'no.jsonl'), '{"at":1}\n');
  const [out, err]: [string[], string[]] = [[], []];
  const terminal = { say: (line: string) => out.push(line), complain: (line: string) => err.push(line) };
  assert.equal(await runCommand(['policy', 'replay', path.join(dir, 'no.jsonl'), shipped], terminal), 2);
  assert.equal(await runCommand(['policy', 'replay', path.join(dir, 'nothing.jsonl'), shipped], terminal), 2);
  assert.match(
    err.join('\n'),
    /no\.jsonl:1: this is no line of a policy journal.*\n.*nothing\.jsonl: there is no such file/,
  );
});

test('the journal stays below its size, and each file says which policy decided', async () => {
  const small = path.join(dir, 'small.jsonl');
  const journal = openJournal(small, 0.02, 'inside', log);
  for (let i = 0; i < 5; i++) judgeAll(journal);
  await journal.close();
  for (const each of [small, `${small}.1`]) {
    assert.ok(statSync(each).size < 0.011 * 1_048_576 + 4_096, each);
    assert.match(readFileSync(each, 'utf8'), /^\{"revision":/);
  }
});

test('a disk that takes nothing stops nothing', async () => {
  for (const place of ['/dev/full', path.join(dir, 'not', 'there')]) {
    const journal = openJournal(place, 1, 'inside', log);
    judgeAll(journal);
    await new Promise((done) => setTimeout(done, 20));
    judgeAll(journal);
    await journal.close();
  }
});
