// The terms of a partner in partners.yaml: what its entry may say, what cannot work, and revocation lists (T13 to T15).
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { loadPolicy, type Side } from './load-policy.ts';
import type { Policy } from './policy.ts';
import { watchPolicy } from './watch-policy.ts';

/** The list of a CA whose key is gone; it takes nothing back. */
const emptyList = `-----BEGIN X509 CRL-----
MIIBsDCBmwIBATALBgkqhkiG9w0BAQswNTESMBAGA1UEChMJU2FsbHlwb3J0MR8w
HQYDVQQDExZhIENBIHdob3NlIGtleSBpcyBnb25lFw0yNjExMjIxMjMxMjhaFw0y
NjEyMjIxMjMxMjhaoDQwMjAPBgNVHRQECAIGAaIDPl6DMB8GA1UdIwQYMBaAFPsz
a61bDQPRK2GU6BYNonrnSQu5MAsGCSqGSIb3DQEBCwOCAQEADp/gQ/SRPiCvC5Qc
VW/2q3Y62VIpaESUiMqx2V7biAIYv/sTSACLThG64ANW8mmoXOep51ZyypWbgnu3
ygFXk7N9DxsVt+XDoPU+KVNMgCB1F9aTMx8i0HkWdgYZvNMpQvNG3dOOfd6az7QC
LYdhBBUm0ABGZjOqWaylj+gA6iT65oeSvEaim9zTZdtvXfCLSuaK5mJKI2GnBdfh
9eEk6WMY9TRA9WAolnHZ0xzxyd5TpVzmMaQ8TXcknP67mvR+Gqj+yUVMIjP2Xldn
n+Z6zNRb2C1QXR2V94/UghqDnnvqCUExUmeDphyFGjMsok8Tgq8NZgshKafUW6J8
sAuNbA==
-----END X509 CRL-----
`;

/** The shipped policy in a temporary folder, with these files written over it. */
function folder(t: TestContext, files: Readonly<Record<string, string>>): string {
  const made = mkdtempSync(path.join(tmpdir(), 'sallyport-policy-'));
  t.after(() => rmSync(made, { recursive: true }));
  cpSync(path.join(import.meta.dirname, '../../policies'), made, { recursive: true });
  put(made, files);
  return made;
}

function put(where: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(where, name), text);
}

function good(where: string, side: Side): Policy {
  const result = loadPolicy(where, side);
  assert.ok(result.ok, result.ok ? '' : result.problems.join('\n'));
  return result.policy;
}

function problems(where: string, side: Side): string[] {
  const result = loadPolicy(where, side);
  return result.ok ? [] : result.problems.map((line) => line.replaceAll(`${where}/`, ''));
}

const terms = (lines: string) =>
  `partners:\n  - domain: out.example\n    mayTalk: []\n${lines.replaceAll(/^/gm, '    ')}\n`;
const pin = 'ab'.repeat(32);
const ca = 'trust: [trust/out-example.pem]';

test('how a partner is reached and believed is as its entry says', (t) => {
  const of = (lines: string) => good(folder(t, { 'partners.yaml': terms(lines) }), 'dmz').partners.get('out.example')!;
  const pinned = of(
    `${ca}\nconnect: [{ host: 192.0.2.10, tls: direct }, { host: 192.0.2.10 }, { host: "2001:db8::1", port: 5269, tls: direct }]`,
  );
  assert.deepEqual(pinned.connect, [
    { host: '192.0.2.10', port: 5270, tls: 'direct' },
    { host: '192.0.2.10', port: 5269, tls: 'starttls' },
    { host: '2001:db8::1', port: 5269, tls: 'direct' },
  ]);
  assert.deepEqual(
    [pinned.tls, pinned.pins, pinned.crl, pinned.allowPrivate],
    [undefined, undefined, undefined, undefined],
  );
  const found = of(`${ca}\nconnect: dns\nallowPrivate: true\ntls: { max: 1.2 }\npins: [${pin}]`);
  assert.deepEqual([found.connect, found.allowPrivate], ['dns', true]);
  assert.deepEqual([found.tls, found.pins], [{ min: '1.2', max: '1.2' }, [pin]]);
  assert.deepEqual(of(`connect: dns\npins: [${pin}]\npinsOnly: true`).trust, []);
  assert.deepEqual(of(`${ca}\nconnect: dns\ntls: { min: 1.3 }`).tls, { min: '1.3', max: '1.3' });
});

test('dialback is off unless the entry says it, and a certificate goes first where one can speak (D1)', (t) => {
  const of = (lines: string) => good(folder(t, { 'partners.yaml': terms(lines) }), 'dmz').partners.get('out.example')!;
  const says = ({ dialback, external }: ReturnType<typeof of>) => [dialback, external];
  assert.deepEqual(says(of(`${ca}\nconnect: dns`)), [undefined, undefined]);
  assert.deepEqual(says(of(`${ca}\nconnect: dns\ndialback: never\nexternal: required`)), [undefined, undefined]);
  assert.deepEqual(says(of(`${ca}\nconnect: dns\ndialback: tls-only`)), ['tls-only', 'optional']);
  assert.deepEqual(says(of(`${ca}\nconnect: dns\ndialback: tls-only\nexternal: never`)), ['tls-only', 'never']);
  assert.deepEqual(says(of('connect: dns\ndialback: tls+same-cert')), ['tls+same-cert', 'never']);
  assert.deepEqual(of('connect: dns\ndialback: tls-only').trust, []);
  assert.deepEqual(says(of(`connect: dns\npins: [${pin}]\npinsOnly: true\ndialback: tls-only`)), [
    'tls-only',
    'optional',
  ]);
});

test('terms that cannot work are refused when they are read, each with its mend', (t) => {
  const wrong = (lines: string) => problems(folder(t, { 'partners.yaml': terms(lines) }), 'dmz');
  for (const [lines, said] of [
    [`${ca}\nconnect: []`, 'partners[0].connect: is too short; write at least 1 of them instead'],
    [
      `${ca}\nconnect: { dns: true, hosts: [192.0.2.10] }`,
      'partners[0].connect: a block of keys is not right; write dns, or a list of addresses such as { host: 192.0.2.10, port: 5269 }; never both',
    ],
    [
      `${ca}\nconnect: [{ host: 192.0.2.10, port: 5269 }, { host: 192.0.2.10, tls: direct, port: 5269 }]`,
      'partners[0].connect[1]: 192.0.2.10, port 5269 stands here with tls: starttls and with tls: direct; keep one of them',
    ],
    [
      `${ca}\nconnect: [{ host: 192.0.2.10 }, { host: 192.0.2.10, port: 5269 }]`,
      'partners[0].connect[1]: 192.0.2.10, port 5269 stands here again; keep one of them',
    ],
    [
      `${ca}\nconnect: [{ host: 192.0.2.10 }]\nallowPrivate: true`,
      'partners[0].allowPrivate: is for connect: dns; pinned addresses are taken as they are, so remove it',
    ],
    [
      `${ca}\nconnect: dns\ntls: { min: 1.3, max: 1.2 }`,
      'partners[0].tls.max: 1.2 is below min, which is 1.3; write max: 1.3, or min: 1.2',
    ],
    [
      `${ca}\nconnect: dns\ntls: { min: 1.1 }`,
      'partners[0].tls.min: 1.1 is not right; write 1.2 or 1.3, without quotes; older versions of TLS are not spoken',
    ],
    [
      'connect: dns\npinsOnly: true',
      'partners[0].pinsOnly: there are no pins; write pins, or remove pinsOnly and write trust',
    ],
    [
      `${ca}\nconnect: dns\npinsOnly: true\npins: [${pin}]`,
      'partners[0].trust: no CA counts with pinsOnly; remove trust, or remove pinsOnly',
    ],
    [
      `connect: dns\npinsOnly: true\npins: [${pin}]\ncrl: { file: trust/a.crl }`,
      'partners[0].crl: with pinsOnly no CA can take anything back; remove crl, or remove pinsOnly',
    ],
    [
      `${ca}\nconnect: dns\nbidi: true\ndialback: tls-only\nexternal: never`,
      'partners[0].bidi: needs a partner that its certificate proves; write trust, without external: never, or remove bidi',
    ],
    [
      `connect: dns\nbidi: true\ndialback: tls-only`,
      'partners[0].bidi: needs a partner that its certificate proves; write trust, without external: never, or remove bidi',
    ],
    [
      `connect: dns\npins: [${pin}]`,
      'partners[0].trust: is missing; write the PEM files of its CAs, such as [trust/out-example.pem]',
    ],
    [
      `${ca}\nconnect: dns\npins: [AB]`,
      'partners[0].pins[0]: "AB" is not right; write the SHA-256 of a public key in hex, 64 characters in lower case',
    ],
    [`${ca}\nconnect: dns\nsasl: external`, 'partners[0].sasl: is not a known key'],
    [
      `${ca}\nconnect: dns\ndialback: plain`,
      'partners[0].dialback: "plain" is not right; write never, tls-only or tls+same-cert; dialback without TLS is not spoken',
    ],
    [
      `${ca}\nconnect: dns\nexternal: never`,
      'partners[0].external: never leaves nothing that proves the partner while dialback is never; write external: required, or dialback: tls-only as well',
    ],
    [
      `${ca}\nconnect: dns\nexternal: optional\ndialback: never`,
      'partners[0].external: optional leaves nothing that proves the partner while dialback is never; write external: required, or dialback: tls-only as well',
    ],
    [
      `${ca}\nconnect: dns\nexternal: required\ndialback: tls-only`,
      'partners[0].dialback: tls-only would never be asked while external is required; write external: optional, or remove dialback',
    ],
    [
      'connect: dns\ndialback: tls-only\nexternal: optional',
      'partners[0].external: no certificate can speak without trust; write trust, or external: never',
    ],
    [
      `connect: dns\ndialback: tls-only\npins: [${pin}]`,
      'partners[0].trust: is missing, and pins are asked besides it; write the PEM files of its CAs, such as [trust/out-example.pem], or pinsOnly: true, or remove pins',
    ],
    [
      'connect: dns\ndialback: tls+same-cert\ncrl: { file: trust/a.crl }',
      'partners[0].crl: no CA can take anything back without trust; write trust, or remove crl',
    ],
  ] as const) {
    const [problem = '', ...more] = wrong(lines);
    assert.ok(problem.replace(/^partners.yaml:\d+: /, '').startsWith(said), problem);
    assert.deepEqual(more, []);
  }
});

test('a revocation list is read on the proxy alone, and is no part of the revision', (t) => {
  const entry = terms(`${ca}\nconnect: dns\ncrl: { file: trust/out-example.crl, required: true }`);
  const where = folder(t, { 'partners.yaml': entry });
  const inside = good(where, 'inside');
  assert.equal(inside.partners.get('out.example')?.crl, undefined, 'the inside meets no partner');
  assert.deepEqual(problems(where, 'dmz'), [
    'trust/out-example.crl: there is no such file, and partners.yaml names it; put the revocation list there',
  ]);
  put(where, { 'trust/out-example.crl': 'x' });
  assert.deepEqual(problems(where, 'dmz'), [
    'trust/out-example.crl: this is no revocation list, or a broken one; write the list as its CA publishes it',
  ]);
  put(where, { 'trust/out-example.crl': emptyList });
  const asPem = good(where, 'dmz');
  assert.equal(asPem.revision, inside.revision);
  assert.equal(asPem.partners.get('out.example')?.crl?.required, true);
  assert.notEqual(asPem.revocation, inside.revocation);
  const der = Buffer.from(emptyList.replaceAll(/-----[^-]+-----/g, ''), 'base64');
  writeFileSync(path.join(where, 'trust/out-example.crl'), der);
  assert.match(good(where, 'dmz').partners.get('out.example')?.crl?.lists[0] ?? '', /BEGIN X509 CRL/);
});

test('a new revocation list comes into force by itself, a broken one never does', async (t) => {
  const entry = terms(`${ca}\nconnect: dns\ncrl: { file: trust/out-example.crl }`);
  const where = folder(t, { 'partners.yaml': entry, 'trust/out-example.crl': emptyList });
  const seen: Policy[] = [];
  const logged: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => logged.push(line) });
  const watch = watchPolicy(
    { folder: where },
    () => loadPolicy(where, 'dmz'),
    good(where, 'dmz'),
    { changed: (policy) => seen.push(policy) },
    log,
    20,
  );
  t.after(watch.close);
  put(where, { 'trust/out-example.crl': 'x' });
  assert.equal(watch.reload(), false);
  assert.equal(seen.length, 0);
  put(where, { 'trust/out-example.crl': `${emptyList}\n` });
  for (let i = 0; i < 100 && seen.length === 0; i += 1) await sleep(20);
  assert.equal(seen.length, 1);
  const due = Date.parse('2026-12-22T12:31:28Z');
  assert.deepEqual(seen[0]?.partners.get('out.example')?.crl, { lists: [`${emptyList}\n`], required: false, due });
  t.mock.method(Date, 'now', () => due + 1);
  const isLate = () => logged.filter((line) => line.includes('a revocation list is out of date'));
  for (let i = 0; i < 100 && isLate().length === 0; i += 1) await sleep(20);
  await sleep(60);
  assert.equal(isLate().length, 1, 'said once');
  assert.match(isLate()[0] ?? '', /"partner":"out\.example"/);
});
