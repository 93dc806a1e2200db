// Settings files, good and bad, read from disk with the schemas of both processes.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { z } from 'zod';
import { readSettings } from './settings.ts';
import { endpoint, file, linkCertificate, operation } from './settings-schema.ts';

const schema = z.strictObject({
  ...operation,
  domains: z.array(z.string().regex(/^[a-z.]+$/, { error: 'write a domain name in lower case' })).min(1),
  link: linkCertificate.extend({ uri: z.string().startsWith('spiffe://'), listen: endpoint }),
  direct: endpoint.optional(),
  extra: z.array(file).default([]).describe('more files'),
  limits: z.strictObject({ stanzaBytes: z.int().min(10).max(100).default(50) }).prefault({}),
});

const good = `
node: proxy-1
control: run/control
metrics: { port: 0 }
audit: { file: /var/log/audit.jsonl }
domains: [in.example]
link:
  certFile: link.pem
  keyFile: ../link.key
  caFile: ca.pem
  uri: spiffe://lab/proxy
  listen: { host: 10.0.0.1, port: 7000 }
extra: [a.pem, /b.pem]
`;

function read(t: TestContext, text: string) {
  const dir = mkdtempSync(path.join(tmpdir(), 'sallyport-settings-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const where = path.join(dir, 'proxy.yaml');
  writeFileSync(where, text);
  const result = readSettings(where, schema);
  return { dir, result, problems: result.ok ? [] : result.problems.map((line) => line.replace(`${where}:`, '')) };
}

test('good settings come with defaults, absolute paths, and frozen to the ground', (t) => {
  const { dir, result } = read(t, good);
  assert.ok(result.ok);
  assert.equal(result.base, dir);
  const { settings } = result;
  assert.equal(settings.link.certFile, path.join(dir, 'link.pem'));
  assert.equal(settings.link.keyFile, path.join(path.dirname(dir), 'link.key'));
  assert.equal(settings.audit.file, '/var/log/audit.jsonl');
  assert.deepEqual(settings.extra, [path.join(dir, 'a.pem'), '/b.pem']);
  assert.equal(settings.control, path.join(dir, 'run/control'));
  assert.equal(settings.limits.stanzaBytes, 50);
  assert.equal(settings.metrics.host, '127.0.0.1', 'a host is no path');
  assert.throws(() => Object.assign(settings.link.listen, { port: 1 }), TypeError);
});

test('every problem is told at once, each with line, key and mend, in the order of the file', (t) => {
  const bad = good
    .replace('node: proxy-1', 'node: Proxy 1')
    .replace('{ port: 0 }', '{ port: 70000, hots: x }')
    .replace('certFile: link.pem', 'certfile: link.pem')
    .replace('spiffe://lab/proxy', 'https://lab/proxy')
    .replace('[in.example]', '[]')
    .concat('limits: { stanzaBytes: "50" }\nzebra: 1\n');
  assert.deepEqual(read(t, bad).problems, [
    '2: node: "Proxy 1" is not right; write a short name in lower case, such as proxy-1',
    '4: metrics.port: 70000 is too large; write 65535 or less instead',
    '4: metrics.hots: is not a known key; write host instead',
    '6: domains: is too short; write at least 1 of them instead',
    '7: link.certFile: is missing; write a text (the certificate with its chain, PEM; read again when it changes)',
    '8: link.certfile: is not a known key; write certFile instead',
    '11: link.uri: "https://lab/proxy" does not start with spiffe://; write spiffe://… instead',
    '14: limits.stanzaBytes: "50" is not a number; write a number instead',
    '15: zebra: is not a known key; remove it, or write one of node, control, metrics, audit, log, domains, link, direct, extra, limits instead',
  ]);
});

test('a key twice, an alias, a tag and broken YAML are refused with their line', (t) => {
  assert.match(read(t, 'node: a\nnode: b\n').problems.join(), /^2: this key stands here for the second time/);
  assert.match(read(t, 'a: &x 1\nb: *x\n').problems.join(), /^2: aliases/);
  assert.match(read(t, 'node: !secret x\n').problems.join(), /^1: tags \(!name\) are not taken/);
  assert.match(read(t, 'node: a\n\tlink: b\n').problems.join(), /^2: a tab at the start/);
  assert.match(read(t, 'node: "a\n').problems.join(), /this is not YAML/);
  assert.match(read(t, '1: a\n').problems.join(), /^1: this key is not a text/);
  assert.match(read(t, 'node: a\n---\nnode: b\n').problems.join(), /more than one document/);
});

test('an empty file lacks everything that has no default', (t) => {
  assert.deepEqual(
    read(t, '# nothing yet\n').problems.map((line) => line.split(': ').slice(0, 3).join(': ').split(';')[0]),
    ['node', 'control', 'metrics', 'audit', 'domains', 'link'].map((key) => `1: ${key}: is missing`),
  );
});

test('a file that is not there, or not UTF-8, is one plain line', (t) => {
  const missing = readSettings('/nonexistent/proxy.yaml', schema);
  assert.deepEqual(missing, {
    ok: false,
    problems: ['/nonexistent/proxy.yaml: there is no such file; check the path'],
  });
  const dir = mkdtempSync(path.join(tmpdir(), 'sallyport-settings-'));
  t.after(() => rmSync(dir, { recursive: true }));
  writeFileSync(path.join(dir, 'x.yaml'), Buffer.from([0x6e, 0xff, 0xfe]));
  const latin = readSettings(path.join(dir, 'x.yaml'), schema);
  assert.match(latin.ok ? '' : latin.problems.join(), /not UTF-8/);
});

test('a key that ends the line or steers a terminal is told in one plain line', (t) => {
  const { problems } = read(t, '"a\\r\\e[31m": 1\n');
  assert.ok(
    problems.some((line) => line.startsWith('1: a\\u000d\\u001b[31m: is not a known key')),
    problems.join(),
  );
});
