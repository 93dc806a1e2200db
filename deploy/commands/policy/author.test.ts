// The author's commands as an author meets them: a policy with mistakes, the shipped one, messages that try to hide.
import assert from 'node:assert/strict';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { runCommand } from '../run-command.ts';

const shipped = path.join(import.meta.dirname, '../../../policies');
const dir = mkdtempSync(path.join(tmpdir(), 'sallyport-policy-'));
after(() => rmSync(dir, { recursive: true }));
let copies = 0;

/** A copy of the shipped policy in which texts of files were changed. */
function changed(changes: Readonly<Record<string, (text: string) => string>>): string {
  const folder = path.join(dir, String(copies++));
  cpSync(shipped, folder, { recursive: true });
  for (const [name, change] of Object.entries(changes)) {
    const file = path.join(folder, name);
    const before = readFileSync(file, 'utf8');
    const text = change(before);
    assert.notEqual(text, before, name);
    writeFileSync(file, text);
  }
  return folder;
}

async function sallyport(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runCommand(args, { say: (line) => out.push(line), complain: (line) => err.push(line) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

test('check says of a good policy what is in it', async () => {
  // The rules that only watch would be overdue one day.
  const folder = changed({ 'content.yaml': (text) => text.replaceAll('until: 2027-05-31', 'until: 2099-12-31') });
  const { code, out, err } = await sallyport('policy', 'check', folder);
  assert.equal(err, '');
  assert.match(
    out,
    /a good policy: 1 partner, 15 rules, 17 detectors, \d+ examples, all as they say; revision [0-9a-f]{12}$/,
  );
  assert.equal(code, 0);
});

test('check tells all problems of all files at once, each with file and line', async () => {
  const folder = changed({
    'content.yaml': (text) => text.replace('severity: critical', 'severity: huge'),
    'labels.yaml': (text) => text.replace('uk: official', 'uk: offical'),
    'examples/numbers.yaml': (text) => text.replace('action: redact', 'acton: redact'),
  });
  const { code, out, err } = await sallyport('policy', 'check', folder);
  assert.equal(code, 2);
  assert.equal(out, '');
  assert.match(
    err,
    /content\.yaml:\d+: rules\[0\]\.severity: "huge" is not possible; write low or medium or high or critical/,
  );
  assert.match(err, /labels\.yaml:\d+: everyone\.clearance\.uk: "offical" is not possible/);
  assert.match(
    err,
    /examples\/numbers\.yaml:\d+: examples\[0\]\.expect\.acton: is not a known key; write action instead/,
  );
  assert.match(err, /[34] problems; it must not be put in force$/);
});

test('a rule without an example that it stops, or one that it lets pass, fails the check', async () => {
  const folder = changed({
    'examples/secrets.yaml': (text) => text.slice(0, text.indexOf('  - title: what OTR leaves')),
  });
  const { code, err } = await sallyport('policy', 'check', folder);
  assert.equal(code, 2);
  assert.match(
    err,
    /content\.yaml:\d+: encrypted-leftovers: no example shows what it stops; write one with expect: \{ rule: /,
  );
  assert.match(
    err,
    /content\.yaml:\d+: encrypted-leftovers: no example shows what it lets pass; write one with passes: /,
  );
});

test('an example that is not as it says fails check and test, with the reason', async () => {
  const folder = changed({
    'examples/numbers.yaml': (text) =>
      text
        .replace('4111 1111 1111 1111, thanks', '4111 1111 1111 1112, thanks')
        .replace('passes: bulk-personal-data', 'passes: bulk-personal-dat'),
  });
  const { code, err } = await sallyport('policy', 'check', folder);
  assert.equal(code, 2);
  assert.match(err, /numbers\.yaml:5: the rule payment-cards-out did not fire; what happened: passes/);
  assert.match(err, /numbers\.yaml:\d+: there is no rule bulk-personal-dat; write bulk-personal-data instead/);
  const played = await sallyport('policy', 'test', folder, '--failed');
  assert.equal(played.code, 1);
  assert.match(played.out, /^FAIL {2}numbers\.yaml:5 {3}redact by payment-cards-out {2}passes/m);
});

test('check warns of what will be wrong soon, or is not what was meant', async () => {
  const soon = new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 10);
  const exception = `    action: redact\n    unless:\n      - { when: ibans, until: ${soon}, approvedBy: [b.jones] }\n`;
  const folder = changed({
    'content.yaml': (text) =>
      text
        .replace('until: 2027-05-31', 'until: 2026-01-31')
        .replace('owner: finance security', "owner: ''")
        .replace('    action: redact\n', exception),
    'labels.yaml': (text) =>
      `${text.replace(/ {2}clearance:\n(?: {4}.*\n)+/, '')}partners: [{ domain: typo.example }]\n`,
    'lists/dirty-words.txt': (text) => `${text}plan\nab\n`,
    'examples/markings.yaml': (text) =>
      text.replaceAll('UK OFFICIAL', 'UK UNCLASSIFIED').replaceAll('TLP:GREEN', 'TLP:CLEAR'),
  });
  const { code, err } = await sallyport('policy', 'check', folder);
  assert.equal(code, 1, err);
  assert.match(
    err,
    /content\.yaml:\d+: marking-guess: it only watches, and 2026-01-31 has passed; write mode: enforce/,
  );
  assert.match(err, /content\.yaml:\d+: payment-cards-out: nobody answers for it; write owner/);
  assert.match(err, /content\.yaml:\d+: payment-cards-out: an exception ends on [-0-9]+, in \d+ days/);
  assert.match(err, /partners\.yaml:\d+: out\.example: it is cleared for nothing/);
  assert.match(err, /labels\.yaml:\d+: typo\.example: no partner has this domain/);
  assert.match(err, /dirty-words\.txt:5: a word that everybody says[^\n]*\n[^\n]*dirty-words\.txt:6: only 2 letters/);
  assert.doesNotMatch(err, /\bplan\b/, 'no word of a list is told');
});

test('check warns of a partner that speaks labels which nobody can write', async () => {
  const without = (entries: RegExp) => ({ 'labels.yaml': (text: string) => text.replace(entries, '') });
  const some = await sallyport('policy', 'check', changed(without(/ {2}- \{ policy: .*, scheme: nato \}\n/)));
  assert.match(
    some.err,
    /partners\.yaml:\d+: out\.example: it speaks labels, and none can be written for nato, so that/,
  );
  const none = await sallyport('policy', 'check', changed(without(/ess:\n(?: {2}.*\n)+/)));
  assert.match(
    none.err,
    /partners\.yaml:\d+: out\.example: it speaks labels, and none can be read or written; write ess/,
  );
});

test('test plays every example, and says where the proxy alone would decide otherwise', async () => {
  const { code, out } = await sallyport('policy', 'test', shipped);
  assert.equal(code, 0);
  assert.doesNotMatch(out, /FAIL/);
  assert.match(out, /inside: block by project-names; at the proxy alone: passes \(project-names\.yaml:4, /);
  const lines = (await sallyport('policy', 'test', shipped, '--json')).out.split('\n').map((line) => JSON.parse(line));
  assert.ok(lines.length > 40 && lines.every(({ ok }) => ok === true));
});

test('what fails its own examples is not signed', async () => {
  const key = path.join(dir, 'a.smith.key');
  assert.equal((await sallyport('policy', 'key', key, '--as', 'a.smith')).code, 0);
  const signed = (folder: string) => sallyport('policy', 'sign', folder, '--key', key, '--as', 'a.smith');
  assert.equal((await signed(changed({}))).code, 0);
  const { code, err } = await signed(
    changed({ 'examples/numbers.yaml': (text) => text.replace('4111 1111 1111 1111', '4111 1111 1111 1112') }),
  );
  assert.equal(code, 2);
  assert.match(err, /numbers\.yaml:5: the rule payment-cards-out did not fire/);
});

test('explain shows what is there to be found, how, and which rule decided', async () => {
  const text = 'it is p.r.o.j.e.c.t n.i.g.h.t.i.n.g.a.l.e, card 4111 1111 1111 1111';
  const { code, out } = await sallyport('policy', 'explain', shipped, text);
  assert.equal(code, 1);
  assert.match(out, /^ {2}\| {7}\^{35} 1$/m);
  assert.match(out, /^ {2}\| {49}\^{19} 2$/m);
  assert.match(out, /squeezed {2}ltlsprojectnlghtlngale/);
  assert.match(out, /1 {2}project-names: score 90; with signs, spaces or digits in it \(squeezed\)/);
  assert.match(out, /> project-names: FIRES: block\n {6}Names of projects/);
  assert.match(out, /> payment-cards-out: FIRES: redact/);
  assert.match(out, /What happens: it is refused\.\n {2}project-names decides/);
  assert.match(out, /The proxy alone, without the lists that only the inside holds: it passes without what was found/);
});

test('explain says what an exception did, and when it ended', async () => {
  const until = (day: string) =>
    changed({
      'content.yaml': (text) =>
        text.replace(
          '    action: redact\n',
          `    action: redact\n    unless:\n      - { when: payment-cards, until: ${day}, approvedBy: [b] }\n`,
        ),
    });
  const held = await sallyport('policy', 'explain', until('2099-12-31'), 'on 4111 1111 1111 1111');
  assert.equal(held.code, 0);
  assert.match(
    held.out,
    /payment-cards-out: fires not, by an exception\n(?:.*\n)* {6}exception until 2099-12-31: holds, and takes the rule back/,
  );
  const ended = await sallyport('policy', 'explain', until('2026-01-31'), 'on 4111 1111 1111 1111');
  assert.match(ended.out, /exception until 2026-01-31: has ended/);
  assert.match(ended.out, /What goes on: on \[REDACTED:payment-cards-out\]/);
});

test('what explain prints cannot steer a terminal, whatever the message holds', async () => {
  const hostile = '\u001b[2J\u202eevil\u2066\u0007\u200b\u{e0041}\u009b\r\n\u2028 ok';
  for (const args of [[hostile], ['hello', '--subject', hostile]]) {
    const { out } = await sallyport('policy', 'explain', shipped, ...args);
    assert.doesNotMatch(out.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    assert.match(out, /\\u\{1b\}\[2J\\u\{202e\}evil/);
  }
});

test('nobody goes on behind a message that was refused: explain and test see the same', async () => {
  const split =
    'examples:\n  - title: refused before\n    before: [darn, ask about operation glass]\n    text: harbour please\n';
  const folder = changed({
    'examples/words.yaml': (text) =>
      text.replace('examples:\n', `${split}    expect: { rule: dirty-words, action: block }\n`),
  });
  assert.equal((await sallyport('policy', 'test', folder)).code, 0);
  const { out } = await sallyport('policy', 'explain', folder, '--example', 'words.yaml:5');
  assert.match(out, /^ {2}\| darn$/m);
  assert.match(out, /What happens: it is refused\.\n {2}dirty-words decides/);
});

test('explain takes a file and an example, and refuses a question that it cannot answer', async () => {
  const file = path.join(dir, 'message.txt');
  writeFileSync(file, 'UK SECRET\nsee you\n');
  const { code, out } = await sallyport(
    'policy',
    'explain',
    shipped,
    '--file',
    file,
    '--label',
    'UK OFFICIAL',
    '--json',
  );
  assert.equal(code, 1);
  const told = JSON.parse(out);
  assert.equal(told.inside.action, 'block');
  assert.deepEqual(told.inside.fired.map(({ rule }: { rule: string }) => rule).toSorted(), [
    ...['marking-above-clearance', 'marking-above-label', 'marking-guess'],
  ]);
  assert.match(
    (await sallyport('policy', 'explain', shipped, '--example', 'numbers.yaml:6')).out,
    /Please book it on 4111/,
  );
  for (const [args, words] of [
    [['--direction', 'up'], /--direction: "up" is not possible; write inward or outward/],
    [['--from', 'a b'], /--from: "a b" is not right; write an address/],
    [['--example', 'numbers.yaml:5'], /write one of TEXT, --file and --example/],
    [['one', 'more'], /it takes DIR \[TEXT\]/],
  ] as const) {
    const asked = await sallyport('policy', 'explain', shipped, 'hello', ...args);
    assert.equal(asked.code, 2);
    assert.match(asked.err, words);
  }
});

test('diff says in words what changed, and which examples meet something else', async () => {
  const folder = changed({
    'content.yaml': (text) =>
      text
        .replace(
          '    when: payment-cards\n    action: redact',
          '    when: { found: payment-cards, count: 2 }\n    action: block',
        )
        .replace(/ {2}- id: bank-accounts-out[\s\S]*?(?= {2}- id: national-numbers\n)/, '')
        .replace('  - id: ibans\n    number: [iban]\n', ''),
    'labels.yaml': (text) =>
      text
        .replace('uk: official', 'uk: secret')
        .replace('restricted: 2', 'restricted: 3')
        .replace('is: UK OFFICIAL-SENSITIVE', 'is: UK OFFICIAL'),
  });
  appendFileSync(path.join(folder, 'lists/project-names.txt'), 'operation copper kettle\n');
  const { code, out } = await sallyport('policy', 'diff', shipped, folder);
  assert.equal(code, 1);
  assert.match(out, /rule bank-accounts-out: gone \(Bank accounts/);
  assert.match(out, /rule payment-cards-out: when: payment-cards is found → payment-cards is found, 2 times/);
  assert.match(out, /rule payment-cards-out: action: redact → block/);
  assert.match(out, /lists\/project-names\.txt: words: 1 more, 0 fewer, 3 now/);
  assert.match(out, /labels of out\.example: may see up to UK OFFICIAL.* → up to UK SECRET/);
  assert.match(out, /ESS label 1\.3\.6\.1\.4\.1\.32473\.1: levels: .*"restricted":2.* → .*"restricted":3/);
  assert.match(out, /display marking COMPANY CONFIDENTIAL: is: UK OFFICIAL-SENSITIVE → UK OFFICIAL/);
  assert.match(out, /numbers\.yaml:5 .*\[REDACTED:payment-cards-out\].* → {2}passes/);
  assert.doesNotMatch(out, /copper/, 'no word of a list is told');
  const same = await sallyport('policy', 'diff', shipped, shipped);
  assert.equal(same.code, 0);
  assert.match(same.out, /nothing that decides\n\nWhich of \d+ examples meet something else\n {2}none/);
});
