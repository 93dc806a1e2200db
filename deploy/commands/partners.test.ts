// `sallyport partners` as an operator meets it: a line an entry, its state in words, the exit code.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { serveControl } from '@sallyport/shared/control-socket.ts';
import { runCommand } from './run-command.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'sallyport-'));
after(() => rmSync(dir, { recursive: true }));
let sockets = 0;

async function listed(partners: readonly object[], ...more: string[]) {
  const socket = path.join(dir, `c${++sockets}.sock`);
  const control = await serveControl(socket, async () => ({ program: 'dmz-proxy', node: 'p', partners }));
  const out: string[] = [];
  const code = await runCommand(['partners', '--control', socket, ...more], {
    say: (line) => out.push(line),
    complain: (line) => out.push(line),
  });
  await control.close();
  return { code, out };
}
const entry = (domain: string, inbound: number, outbound: number, more: object = {}) => ({
  ...{ domain, inbound, outbound, waiting: 0, lastError: '' },
  ...more,
});

test('each entry is a line with its state in words, and why where it is not reached', async () => {
  const { code, out } = await listed([
    entry('far.example', 0, 0, { waiting: 3, lastError: '192.0.2.1:5269: ECONNREFUSED\u001b' }),
    entry('a.example', 1, 1, { lastError: 'long ago' }),
    entry('idle.example', 0, 0),
    entry('in.example', 1, 0),
    entry('out.example', 0, 2),
    entry('gone.example', 0, 0, { people: 'off: no partner any more' }),
  ]);
  assert.equal(code, 1);
  assert.deepEqual(out, [
    'partner       state          in  out  waiting  why',
    'a.example     connected      1   1    0',
    'far.example   not reached    0   0    3        192.0.2.1:5269: ECONNREFUSED?',
    'gone.example  off            0   0    0        off: no partner any more',
    'idle.example  idle           0   0    0',
    'in.example    it reaches us  1   0    0',
    'out.example   we reach it    0   2    0',
  ]);
});

test('when all are well the exit code is 0; --json is a line an entry', async () => {
  assert.deepEqual(await listed([]), { code: 0, out: ['The policy has no partners.'] });
  const { code, out } = await listed([entry('a.example', 1, 1)], '--json');
  assert.equal(code, 0);
  assert.deepEqual(
    out.map((line) => JSON.parse(line).state),
    ['connected'],
  );
});

test('nobody who answers is no success', async () => {
  const err: string[] = [];
  const code = await runCommand(['partners', '--control', path.join(dir, 'none.sock')], {
    say: () => {},
    complain: (line) => err.push(line),
  });
  assert.equal(code, 1);
  assert.match(err.join(), /no such control socket/);
});
