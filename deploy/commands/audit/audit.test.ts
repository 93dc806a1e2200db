// The operator's commands on a real audit: verify, search, export, forward, key.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { createServer } from 'node:tls';
import { segmentsOf } from '@sallyport/shared/audit/segments.ts';
import { openSigner } from '@sallyport/shared/audit/signing.ts';
import { verifyAudit } from '@sallyport/shared/audit/verify.ts';
import { openAudit } from '@sallyport/shared/audit/writer.ts';
import type { AuditEntry } from '@sallyport/shared/audit.ts';
import { openLog } from '@sallyport/shared/log.ts';
import { issueAuthority, issueCertificate } from '../../certificates/issue.ts';
import { runCommand } from '../run-command.ts';
import { writeAuditKey } from './key.ts';

const log = openLog('test', 'test', 'error');
log.level = 'silent';
const decision: AuditEntry = { event: 'admitted', direction: 'inward', kind: 'message', bytes: 340 };

async function run(...args: string[]) {
  const said: string[] = [];
  const complained: string[] = [];
  const code = await runCommand(args, { say: (line) => said.push(line), complain: (line) => complained.push(line) });
  return { code, said, complained };
}

/** The audits of a proxy and of a gateway that has witnessed it. */
async function twoAudits(t: TestContext) {
  const folder = mkdtempSync(path.join(tmpdir(), 'sallyport-audits-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [keyFile, publicFile] = writeAuditKey(path.join(folder, 'audit'));
  const proxyFile = path.join(folder, 'audit.jsonl');
  const gatewayFile = path.join(folder, 'gateway.jsonl');
  const proxy = await openAudit(proxyFile, { log, node: 'proxy-1', signer: openSigner(keyFile), rotateBytes: 1_500 });
  const gateway = await openAudit(gatewayFile, { log });
  const people = { from: 'ann@out.example', to: 'bob@in.example' };
  for (let i = 1; i <= 12; i++)
    await proxy.recordDurably({ ...decision, ...people, packet: `p.${i}`, stanzaId: `x${i}` });
  await proxy.recordDurably({
    ...{
      ...decision,
      event: 'refused',
      from: '=cmd|calc@out.example',
      to: 'bob@in.example',
      packet: 'p.13',
      stanzaId: 'x13',
    },
    ...{
      code: 'content-refused',
      stage: 'checkContent',
      rule: 'words',
      incident: 'ab12cd34ef',
      note: 'says "no", twice',
    },
  });
  await gateway.recordDurably({ ...decision, ...people, packet: 'p.6', noticed: 'PII-03 redact, NEW would block' });
  await gateway.witness('spiffe://site/proxy-1', proxy.head());
  await gateway.recordDurably({ ...decision, event: 'accepted', ...people, packet: 'p.7', stanzaId: 'x7' });
  await gateway.recordDurably({ ...decision, event: 'delivered', ...people, packet: 'p.7', callId: 'c0ffee@gw 4' });
  await proxy.close();
  await gateway.close();
  return { folder, proxyFile, gatewayFile, keyFile, publicFile };
}

test('verify says that all is well, what was checked and what was not', async (t) => {
  const { proxyFile, gatewayFile, publicFile } = await twoAudits(t);
  const plain = await run('audit', 'verify', proxyFile);
  assert.equal(plain.code, 0, plain.complained.join());
  assert.match(plain.said[0] ?? '', /records 1 to 1\d in [2-9] files are as they were written$/);
  assert.match(plain.said.join('\n'), /signatures were not checked; write --key/);
  assert.match(plain.said.join('\n'), /only a witness can tell; write --witness/);
  const whole = await run('audit', 'verify', proxyFile, '--key', publicFile, '--witness', gatewayFile);
  assert.equal(whole.code, 0, whole.complained.join());
  assert.match(whole.said.join('\n'), /1 signed checkpoints hold/);
  assert.match(whole.said.join('\n'), /the witness saw 1 of these records, and none that is missing/);
});

test('verify names the file and the record where somebody was at work', async (t) => {
  const { proxyFile } = await twoAudits(t);
  const file =
    (await segmentsOf(proxyFile)).find((each) => readFileSync(each, 'utf8').includes('content-refused')) ?? '';
  writeFileSync(file, readFileSync(file, 'utf8').replace('content-refused', 'text-unclean'));
  const { code, complained } = await run('audit', 'verify', proxyFile);
  assert.equal(code, 1);
  assert.match(complained[0] ?? '', /audit\.jsonl[.\d]*: record \d+: .* not as it was written$/);
});

test('verify without an audit, and with a witness of something else, says what to write', async (t) => {
  const { folder, proxyFile, gatewayFile } = await twoAudits(t);
  const none = await run('audit', 'verify', path.join(folder, 'no.jsonl'));
  assert.deepEqual(
    [none.code, /there is no such audit; the settings name it/.test(none.complained[0] ?? '')],
    [2, true],
  );
  const wrong = await run('audit', 'verify', gatewayFile, '--witness', proxyFile);
  assert.equal(wrong.code, 2);
  assert.match(wrong.complained[0] ?? '', /has seen no gateway\.jsonl/);
});

test('search finds by person, domain, incident and time, newest last, in one line each', async (t) => {
  const { proxyFile, gatewayFile } = await twoAudits(t);
  const byIncident = await run('audit', 'search', proxyFile, '--incident', 'ab12cd34ef');
  assert.equal(byIncident.said.length, 1);
  assert.match(
    byIncident.said[0] ?? '',
    /^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} {2}refused {4}inward {3}=cmd\|calc@out\.example → bob@in\.example {2}message 340 B {2}content-refused by checkContent, rule words, says "no", twice, incident ab12cd34ef$/,
  );
  const { said } = await run('audit', 'search', gatewayFile, '--rule', 'NEW');
  assert.equal(said.length, 1, 'a rule that only watches');
  assert.match(said[0] ?? '', /noticed PII-03 redact, NEW would block$/);
  assert.equal((await run('audit', 'search', gatewayFile, '--rule', 'PII')).code, 1, 'half a name is none');
  const few = await run('audit', 'search', proxyFile, '--who', 'ann@out.example', '--limit', '3', '--json');
  assert.deepEqual(
    few.said.map((line) => JSON.parse(line).packet),
    ['p.10', 'p.11', 'p.12'],
  );
  assert.match(few.complained[0] ?? '', /12 match, the last 3 are shown/);
  assert.equal((await run('audit', 'search', proxyFile, '--who', '@out.example', '--since', '1h')).said.length, 13);
  assert.equal((await run('audit', 'search', proxyFile, '--until', '2020-01-01')).code, 1);
  assert.equal((await run('audit', 'search', proxyFile, '--since', 'yesterday')).code, 2);
});

test('export to CSV quotes what needs it, and what a spreadsheet would run is a text', async (t) => {
  const { proxyFile } = await twoAudits(t);
  const { said } = await run('audit', 'export', proxyFile, '--format', 'csv', '--event', 'refused');
  assert.equal(said.length, 2);
  assert.match(said[0] ?? '', /^seq,ts,event,direction,packet,from,/);
  assert.match(said[1] ?? '', /,'=cmd\|calc@out\.example,/);
  assert.match(said[1] ?? '', /,"says ""no"", twice",/);
});

test('export to syslog is RFC 5424, a refusal a warning', async (t) => {
  const { proxyFile } = await twoAudits(t);
  const { said } = await run('audit', 'export', proxyFile, '--format', 'syslog', '--since', '1h');
  assert.ok(
    said.every((line) => /^<\d+>1 \d{4}-\d\d-\d\dT[\d:.]+Z [!-~]+ sallyport - [!-~]+ - \{"seq":\d+,/.test(line)),
  );
  assert.match(said.find((line) => line.includes('"refused"')) ?? '', /^<108>1 /);
  assert.match(said.find((line) => line.includes('"admitted"')) ?? '', /^<110>1 /);
});

test('forward sends each record once over TLS, also after it was ended and called again', async (t) => {
  const { folder, proxyFile } = await twoAudits(t);
  const authority = issueAuthority({ name: 'Collector CA' });
  const { certPem, keyPem } = issueCertificate(authority, { dns: ['localhost'], commonName: 'collector' });
  const caFile = path.join(folder, 'collector-ca.pem');
  writeFileSync(caFile, authority.certPem);
  let received = '';
  const server = createServer({ cert: certPem, key: keyPem }, (socket) => {
    socket.setEncoding('utf8');
    socket.on('data', (text) => {
      received += text;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const once = () => run('audit', 'forward', proxyFile, '--to', `localhost:${port}`, '--ca', caFile, '--once');
  const arrived = async (count: number) => {
    for (let waited = 0; waited < 5_000 && numbers().length < count; waited += 10)
      await new Promise((resolve) => setTimeout(resolve, 10));
  };
  assert.equal((await once()).code, 0);
  const numbers = () => [...received.matchAll(/(\d+) (<\d+>1 [^{]*\{"seq":(\d+),)/g)].map(([, , , seq]) => Number(seq));
  const verdict = await verifyAudit(proxyFile);
  const there = verdict.ok ? verdict.last : 0;
  await arrived(there);
  assert.deepEqual(
    numbers(),
    Array.from({ length: there }, (_, i) => i + 1),
  );
  const [, length] = /^(\d+) </.exec(received) ?? [];
  assert.match(
    Buffer.from(received)
      .subarray(String(length).length + 1 + Number(length))
      .toString(),
    /^\d+ </,
    'framed',
  );
  assert.equal(statSync(`${proxyFile}.forwarded`).mode & 0o777, 0o600);

  const audit = await openAudit(proxyFile, { log });
  await audit.recordDurably({ ...decision, packet: 'p.14' });
  await audit.close();
  assert.equal((await once()).code, 0);
  await arrived(there + 2);
  assert.deepEqual(numbers().slice(there), [there + 1, there + 2]);
});

test('forward to a collector with another name ends with the reason', async (t) => {
  const { folder, proxyFile } = await twoAudits(t);
  const authority = issueAuthority({ name: 'Collector CA' });
  const { certPem, keyPem } = issueCertificate(authority, { dns: ['elsewhere.example'], commonName: 'collector' });
  const caFile = path.join(folder, 'collector-ca.pem');
  writeFileSync(caFile, authority.certPem);
  let received = '';
  const server = createServer({ cert: certPem, key: keyPem }, (socket) => {
    socket.on('data', (bytes) => {
      received += bytes;
    });
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const { code, complained } = await run(
    'audit',
    'forward',
    proxyFile,
    '--to',
    `localhost:${port}`,
    '--ca',
    caFile,
    '--once',
  );
  assert.equal(code, 1);
  assert.match(complained[0] ?? '', /altnames/i);
  assert.equal(received, '', 'nothing was sent to it');
});

test('trace joins both sides by the id that a user has: stanza, Call-ID, incident', async (t) => {
  const { proxyFile, gatewayFile } = await twoAudits(t);
  const trace = (id: string) => run('trace', id, '--audit', proxyFile, '--audit', gatewayFile);
  for (const id of ['x7', 'c0ffee@gw', 'p.7']) {
    const { code, said } = await trace(id);
    assert.equal(code, 0);
    assert.deepEqual(
      said.map((line) => /^(\S+) +\S+ \S+ {2}(\w+)/.exec(line)?.slice(1)),
      [
        ['audit.jsonl', 'admitted'],
        ['gateway.jsonl', 'accepted'],
        ['gateway.jsonl', 'delivered'],
      ],
      id,
    );
  }
  assert.equal((await trace('ab12cd34ef')).said.length, 1);
  assert.equal((await trace('nothing')).code, 1);
  assert.equal((await run('trace', 'x7')).code, 2);
});

test('a key is never written over another one', async (t) => {
  const { folder, keyFile } = await twoAudits(t);
  assert.equal(statSync(keyFile).mode & 0o777, 0o600);
  const again = await run('audit', 'key', path.join(folder, 'audit'));
  assert.deepEqual([again.code, /is there already/.test(again.complained[0] ?? '')], [2, true]);
});
