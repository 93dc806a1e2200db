// The control socket, over real Unix sockets.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { askControl, serveControl } from './control-socket.ts';

function folder(t: TestContext): string {
  const made = mkdtempSync(path.join(tmpdir(), 'sallyport-control-'));
  t.after(() => rmSync(made, { recursive: true }));
  return made;
}

test('a question gets its answer, and the socket is for its owner alone', async (t) => {
  const file = path.join(folder(t), 'control');
  const control = await serveControl(file, async (question) => ({ asked: question }));
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(await askControl(file, { what: 'status' }), { asked: { what: 'status' } });
  await control.close();
  assert.equal(existsSync(file), false, 'it is gone with the process');
  await assert.rejects(askControl(file, {}), /there is no such control socket/);
});

test('several questions on one connection are answered in order', async (t) => {
  const file = path.join(folder(t), 'control');
  const control = await serveControl(file, async (question) => ({ echo: question }));
  t.after(control.close);
  const socket = createConnection(file);
  socket.write('1\n"two"\nnot json\n');
  let text = '';
  for await (const data of socket) {
    text += data;
    if (text.split('\n').length === 4) break;
  }
  assert.deepEqual(text.trim().split('\n'), [
    '{"echo":1}',
    '{"echo":"two"}',
    '{"error":"a question is one line of JSON"}',
  ]);
});

test('a socket that a killed process left is replaced; a served one and a plain file are not', async (t) => {
  const dir = folder(t);
  const file = path.join(dir, 'control');
  const script = `require('node:net').createServer().listen(${JSON.stringify(file)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', script]);
  assert.ok(existsSync(file), 'the dead process left it');
  await assert.rejects(askControl(file, {}), /nobody serves this control socket/);
  const control = await serveControl(file, async () => ({}));
  t.after(control.close);
  await assert.rejects(
    serveControl(file, async () => ({})),
    /another process serves this control socket/,
  );
  assert.deepEqual(await askControl(file, {}), {}, 'the first one still serves');
  const plain = path.join(dir, 'plain');
  writeFileSync(plain, 'precious');
  await assert.rejects(
    serveControl(plain, async () => ({})),
    /not a socket/,
  );
});

test('too long a line ends the connection, and the next one is served', async (t) => {
  const file = path.join(folder(t), 'control');
  const control = await serveControl(file, async () => ({ fine: true }));
  t.after(control.close);
  await assert.rejects(askControl(file, { filler: 'x'.repeat(70_000) }));
  assert.deepEqual(await askControl(file, {}), { fine: true });
});

test('a fault while answering is told without its words; no answer in time is told too', async (t) => {
  const file = path.join(folder(t), 'control');
  const control = await serveControl(file, (question) =>
    question === 'wait' || JSON.stringify(question).includes('wait')
      ? new Promise(() => {})
      : Promise.reject(new TypeError('secret body')),
  );
  t.after(control.close);
  await assert.rejects(askControl(file, {}), /failed to answer \(TypeError\)/);
  await assert.rejects(askControl(file, { wait: true }, 100), /did not answer within 100 ms/);
});

test('a path that no socket can have is refused in words', async () => {
  await assert.rejects(
    serveControl(`/tmp/${'x'.repeat(120)}`, async () => ({})),
    /107 bytes at most/,
  );
});
