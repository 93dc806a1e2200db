// `sallyport doctor` as an operator meets it: what is printed, in which order, and the exit code.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { serveControl } from '@sallyport/shared/control-socket.ts';
import type { Finding } from '@sallyport/shared/finding.ts';
import { runCommand } from './run-command.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'sallyport-'));
after(() => rmSync(dir, { recursive: true }));

const fine: Finding = {
  code: 'port-open',
  topic: 'address',
  level: 'good',
  at: '192.0.2.1:5269',
  says: 'takes the connection, after 3 ms',
  who: 'nobody',
  mend: '',
};
const expired: Finding = {
  code: 'certificate-expired',
  topic: 'certificate',
  level: 'wrong',
  at: '192.0.2.1:5269',
  says: 'the certificate expired on 2026-11-19, 3 days ago',
  who: 'partner',
  mend: 'renew it',
};
const silent: Finding = {
  ...expired,
  code: 'dns-silent',
  topic: 'dns',
  at: '',
  says: 'no name server answers\u001b[31m',
  who: 'firewall',
  mend: 'let it out',
};

let sockets = 0;

async function asked(answer: object, ...more: string[]) {
  const socket = path.join(dir, `c${++sockets}.sock`);
  const questions: unknown[] = [];
  const control = await serveControl(socket, async (question) => {
    questions.push(question);
    return answer;
  });
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runCommand(['doctor', 'out.example', '--control', socket, ...more], {
    say: (line) => out.push(line),
    complain: (line) => err.push(line),
  });
  await control.close();
  return { code, out, err: err.join('\n'), questions };
}
const report = (...findings: readonly Finding[]) => ({
  diagnoses: [{ domain: 'out.example', from: '', proxy: 'proxy-1', tookMs: 1_240, findings }],
  troubles: [],
});

test('what is wrong is a line each, by topic, with who must do what', async () => {
  const { code, out, questions } = await asked(report(fine, expired, silent), '--from', 'in.example');
  assert.equal(code, 1);
  assert.deepEqual(questions, [{ ask: 'diagnose', domain: 'out.example', from: 'in.example' }]);
  assert.deepEqual(out, [
    'out.example, examined by proxy-1 in 1.2 s: 2 things are wrong, 1 for the partner, 1 for the firewall team',
    '',
    'DNS',
    '  WRONG  dns-silent           no name server answers?[31m → the firewall team: let it out',
    '',
    'Certificates',
    '  WRONG  certificate-expired  192.0.2.1:5269: the certificate expired on 2026-11-19, 3 days ago → the partner: renew it',
  ]);
});

test('when nothing is wrong one line says so, and --all shows what was looked at', async () => {
  const short = await asked(report(fine));
  assert.deepEqual([short.code, short.out], [0, ['out.example, examined by proxy-1 in 1.2 s: nothing is wrong']]);
  const long = await asked(report(fine), '--all');
  assert.equal(long.code, 0);
  assert.equal(long.out.at(-1), '  ok     port-open  192.0.2.1:5269: takes the connection, after 3 ms');
});

test('--json is one line a proxy, and the exit code is the same', async () => {
  const { code, out } = await asked(report(fine, expired), '--json');
  assert.equal(code, 1);
  assert.deepEqual(
    out.map((line) => JSON.parse(line)),
    report(fine, expired).diagnoses,
  );
});

test('a proxy that could not be asked, or an answer that is none, is no success', async () => {
  const away = await asked({ diagnoses: [], troubles: ['spiffe://sallyport/proxy-1: it is not connected'] });
  assert.deepEqual([away.code, away.out], [1, []]);
  assert.match(away.err, /^sallyport doctor: spiffe:\/\/sallyport\/proxy-1: it is not connected$/);
  const half = await asked({ ...report(fine), troubles: ['spiffe://sallyport/proxy-2: it is not connected'] });
  assert.equal(half.code, 1);
  assert.match(half.err, /proxy-2/);
  const old = await asked({ program: 'dmz-proxy' });
  assert.equal(old.code, 1);
  assert.match(old.err, /no diagnosis; is the process of the same version/);
  const unknown = await asked({ error: 'this process does not know the question' });
  assert.equal(unknown.code, 1);
  assert.match(unknown.err, /does not know the question/);
});

test('without a domain the question is wrong', async () => {
  const err: string[] = [];
  const code = await runCommand(['doctor'], { say: () => {}, complain: (line) => err.push(line) });
  assert.equal(code, 2);
  assert.match(err.join(), /it takes DOMAIN; see sallyport doctor --help/);
});
