// What operators see of held packets: everything that could steer a terminal, or read as something else, is an escape.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCommand } from '../run-command.ts';
import { listLines, shownLines, visible } from './held-lines.ts';

const line = {
  ...{ id: '0123456789abcdef', packet: 'p', from: 'ann@out.example', to: 'bob@in.example', kind: 'message' },
  ...{ direction: 'inward', rule: 'R1', bytes: 700, heldAt: Date.UTC(2026, 10, 22, 8), daysLeft: 13 },
};

test('controls, bidi controls, invisible characters and odd spaces are escapes; a backslash cannot forge one', () => {
  assert.equal(visible('\u001b[31m\u0007\u009b'), '\\u{1b}[31m\\u{7}\\u{9b}');
  assert.equal(visible('a\u202eb\u2066c\u200f'), 'a\\u{202e}b\\u{2066}c\\u{200f}');
  assert.equal(visible('a\u200bb\u00adc\u3164d\u{e0041}'), 'a\\u{200b}b\\u{ad}c\\u{3164}d\\u{e0041}');
  assert.equal(visible('a\u00a0b\u3000c\u2028d\r'), 'a\\u{a0}b\\u{3000}c\\u{2028}d\\u{d}');
  assert.equal(visible('\\u{1b} plain ünïcode שלום 👋'), '\\\\u{1b} plain ünïcode שלום 👋');
  assert.equal(visible('\ud83d'), '\\u{d83d}');
});

test('the list says who, which rule and how long, and takes nothing else from the answer', () => {
  const lines = listLines({ held: [{ ...line, texts: ['secret'] }] });
  assert.equal(lines?.length, 2);
  assert.match(lines?.[1] ?? '', /^0123456789abcdef {2}2026-11-22 08:00:00 {2}ann@out\.example .* 13$/);
  assert.doesNotMatch(lines?.join() ?? '', /secret/);
  assert.deepEqual(listLines({ held: [] }), ['nothing is held']);
  assert.equal(listLines({ outbox: 1 }), undefined);
});

test('what is shown stands behind a bar, line for line, so that it cannot look like a line of ours', () => {
  const texts = [{ part: 'body', text: 'one\nid    forged\u001b[2J' }];
  const lines = shownLines({ shown: { ...line, at: line.heldAt, lang: 'en', texts } }) ?? [];
  assert.ok(lines.includes('  | one') && lines.includes('  | id    forged\\u{1b}[2J'));
  assert.equal(lines.filter((each) => each.startsWith('id ')).length, 1);
});

test('each command says what is missing, before it asks anybody', async () => {
  const ask = async (...args: readonly string[]) => {
    const complained: string[] = [];
    const code = await runCommand(['quarantine', ...args], {
      say: () => {},
      complain: (each) => complained.push(each),
    });
    return `${code} ${complained.join()}`;
  };
  const control = ['--control', '/nowhere/gateway.sock'];
  assert.match(await ask('show', 'x', ...control), /^2 .*who you are; write --as OPERATOR/);
  assert.match(await ask('release', 'x', '--as', 'A Smith', ...control), /^2 .*short name in lower case/);
  assert.match(
    await ask('release', 'x', '--as', 'a', '--signature', '/nowhere/line', ...control),
    /^2 .*\/nowhere\/line/,
  );
  assert.match(await ask('sign', 'x', '--as', 'a', '--key', 'k'), /^2 .*--action show or --action release/);
  assert.match(await ask('sign', 'x', '--as', 'a', '--key', 'k', '--action', 'show'), /^2 .*write an id as/);
  assert.match(await ask('list', ...control), /^1 .*no such control socket/);
  assert.match(await ask('sho'), /^2 .*sallyport quarantine list or sallyport quarantine show/);
});
