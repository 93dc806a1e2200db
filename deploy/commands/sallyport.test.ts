// The command line as an operator meets it: through its launcher, with real files, real OpenSSL and a real socket.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { proxySettings } from '@sallyport/dmz-proxy/settings.ts';
import { gatewaySettings } from '@sallyport/inner-gateway/settings.ts';
import { serveControl } from '@sallyport/shared/control-socket.ts';
import { linkCredentials } from '@sallyport/shared/mutual-tls.ts';
import { innermost, readSettings } from '@sallyport/shared/settings.ts';
import { z } from 'zod';
import { issueAuthority, issueCrl } from '../certificates/issue.ts';
import { runCommand } from './run-command.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'sallyport-'));
after(() => rmSync(dir, { recursive: true }));
const launcher = path.join(import.meta.dirname, '..', 'sallyport');
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const at = (...parts: string[]) => path.join(dir, ...parts);

type Answer = { readonly code: number; readonly out: string; readonly err: string };

async function sallyport(...args: string[]): Promise<Answer> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runCommand(args, { say: (line) => out.push(line), complain: (line) => err.push(line) });
  const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');
  return { code, out: text(out), err: text(err) };
}

async function isOneLine(answer: Promise<Answer>, words: RegExp) {
  const { code, out, err } = await answer;
  assert.equal(code, 2);
  assert.equal(out, '');
  assert.match(err, words);
  assert.equal(err.trimEnd().split('\n').length, 1, err);
}

test('without a command, with help and with --help it explains itself', async () => {
  for (const args of [[], ['help'], ['--help']]) {
    const { code, out } = await sallyport(...args);
    assert.equal(code, 0);
    assert.match(out, /sallyport init proxy .*\n.*init gateway/);
  }
  assert.match((await sallyport('init', '--help')).out, /init proxy .*\n.*init gateway .*\n$/);
  for (const command of ['init proxy', 'init gateway', 'check settings', 'status']) {
    const { code, out } = await sallyport(...command.split(' '), '--help');
    assert.equal(code, 0);
    assert.ok(out.startsWith(`sallyport ${command}`), out);
  }
});

test('the launcher finds a Node that is new enough, and passes words and exit code on', () => {
  const help = spawnSync(launcher, ['status', '--help'], { encoding: 'utf8', env: { PATH: '/usr/bin:/bin' } });
  assert.equal(help.status, 0, help.stderr);
  assert.match(help.stdout, /^sallyport status/);
  assert.equal(spawnSync(launcher, ['nonsense']).status, 2);
});

test('without a Node that is new enough the launcher says in one line what to install', () => {
  const bin = at('bin');
  mkdirSync(at('checkout', 'deploy'), { recursive: true });
  mkdirSync(at('checkout', 'node_modules', 'zod'), { recursive: true });
  mkdirSync(bin);
  cpSync(launcher, at('checkout', 'deploy', 'sallyport'));
  writeFileSync(path.join(bin, 'node'), '#!/bin/sh\necho v24.11.1\n', { mode: 0o755 });
  const old = spawnSync(at('checkout', 'deploy', 'sallyport'), ['help'], {
    encoding: 'utf8',
    env: { PATH: `${bin}:/usr/bin:/bin` },
  });
  assert.equal(old.status, 2);
  assert.match(old.stderr, /^sallyport: needs Node 24\.12 or later; install .*\n$/);
});

test('what it does not know is one line and exit code 2', async () => {
  await isOneLine(sallyport('statsu'), /no command 'statsu'; write sallyport status/);
  await isOneLine(sallyport('init'), /write sallyport init proxy or sallyport init gateway/);
  await isOneLine(sallyport('init', 'router'), /no command 'init router'/);
  await isOneLine(sallyport('status', '--jsno'), /Unknown option '--jsno'; see sallyport status --help/);
  await isOneLine(sallyport('status', 'now'), /it takes options only/);
  await isOneLine(sallyport('check', 'settings'), /it takes FILE/);
  await isOneLine(sallyport('init', 'proxy'), /write --domain in.example/);
  await isOneLine(sallyport('init', 'proxy', '--domain', 'In Example'), /--domain In Example: write a domain name/);
  await isOneLine(sallyport('init', 'gateway', '--domain', 'in.example', '--proxy', 'x'), /write NODE@HOST/);
});

test('init proxy writes settings that are good, keys that are closed and requests that OpenSSL takes', async () => {
  const { code, out, err } = await sallyport(
    'init',
    'proxy',
    '--dir',
    at('p'),
    '--domain',
    'in.example',
    '--domain',
    'b.example',
  );
  assert.equal(code, 0, err);
  const read = readSettings(at('p', 'proxy.yaml'), proxySettings);
  assert.ok(read.ok, JSON.stringify(read));
  assert.deepEqual(read.settings.domains, ['in.example', 'b.example']);
  assert.equal(statSync(at('p', 's2s-key.pem')).mode & 0o777, 0o600);
  assert.equal(statSync(at('p', 'link-key.pem')).mode & 0o777, 0o600);
  assert.match(out, /spiffe:\/\/sallyport\/proxy-1/);
  assert.match(out, /1\. have .*s2s\.csr signed/);
  if (!hasOpenssl) return;
  const request = (file: string) =>
    spawnSync('openssl', ['req', '-in', at('p', file), '-noout', '-verify', '-text'], { encoding: 'utf8' });
  const s2s = request('s2s.csr');
  assert.match(s2s.stderr + s2s.stdout, /verify OK/);
  assert.match(s2s.stdout, /DNS:in\.example, DNS:b\.example/);
  assert.match(request('link.csr').stdout, /URI:spiffe:\/\/sallyport\/proxy-1/);
});

test('init gateway writes settings that are good, and what the proxy printed fits in', async () => {
  const proxy = await sallyport('init', 'proxy', '--dir', at('p2'), '--domain', 'in.example', '--node', 'outer');
  const hint = /--proxy (\S+)/.exec(proxy.out)?.[1] ?? '';
  const { code, err } = await sallyport('init', 'gateway', '--dir', at('g'), '--domain', 'in.example', '--proxy', hint);
  assert.equal(code, 0, err);
  const read = readSettings(at('g', 'gateway.yaml'), gatewaySettings);
  assert.ok(read.ok, JSON.stringify(read));
  assert.deepEqual(read.settings.link.proxies, [
    { host: 'xmpp.in.example', port: 9443, uri: 'spiffe://sallyport/outer' },
  ]);
  assert.equal(readFileSync(at('g', 'store.key')).length, 32);
  assert.equal(readFileSync(at('g', 'quarantine.key')).length, 32);
});

test('the written settings name every key of the schema', async () => {
  const text = readFileSync(at('p', 'proxy.yaml'), 'utf8') + readFileSync(at('g', 'gateway.yaml'), 'utf8');
  const names = (schema: unknown): readonly string[] => {
    const inner = innermost(schema);
    if (inner instanceof z.ZodArray) return names(inner.element);
    if (!(inner instanceof z.ZodObject)) return [];
    return Object.entries(inner.shape).flatMap(([key, member]) => [key, ...names(member)]);
  };
  for (const name of [...names(proxySettings), ...names(gatewaySettings)]) {
    assert.match(text, new RegExp(`^[ #-]*${name}:`, 'm'), name);
  }
});

test('a group that was commented out is good when its marks are removed', () => {
  const text = readFileSync(at('p', 'proxy.yaml'), 'utf8');
  const limits = text.slice(text.indexOf('# limits:')).replace(/^# /gm, '');
  const file = at('p', 'with-limits.yaml');
  writeFileSync(file, text.slice(0, text.indexOf('# limits:')) + limits);
  const read = readSettings(file, proxySettings);
  assert.ok(read.ok, JSON.stringify(read));
});

test('a second init refuses, and --force keeps the private keys', async () => {
  const key = readFileSync(at('p', 's2s-key.pem'), 'utf8');
  const again = ['init', 'proxy', '--dir', at('p'), '--domain', 'c.example'];
  await isOneLine(sallyport(...again), /is there already; write another --dir, or --force/);
  assert.equal((await sallyport(...again, '--force')).code, 0);
  assert.equal(readFileSync(at('p', 's2s-key.pem'), 'utf8'), key);
  assert.match(readFileSync(at('p', 'proxy.yaml'), 'utf8'), /domains: \[c\.example\]/);
});

test('with a lab CA both sides have certificates at once that fit each other, and the check is content', async () => {
  const lab = ['--lab-ca', at('ca'), '--domain', 'in.example'];
  for (const program of ['proxy', 'gateway']) {
    const made = await sallyport('init', program, '--dir', at('lab', program), ...lab);
    assert.equal(made.code, 0, made.err);
    mkdirSync(at('lab', program, 'policy'));
    const file = at('lab', program, `${program}.yaml`);
    const { code, out, err } = await sallyport('check', 'settings', file);
    assert.equal(code, 0, err);
    assert.match(out, new RegExp(`good settings of .*${program}`));
  }
  const side = (program: string) => at('lab', program);
  assert.equal(
    readFileSync(path.join(side('proxy'), 'link-ca.pem'), 'utf8'),
    readFileSync(path.join(side('gateway'), 'link-ca.pem'), 'utf8'),
  );
  const [certFile, keyFile, caFile] = ['link.pem', 'link-key.pem', 'link-ca.pem'].map((name) =>
    at('lab', 'proxy', name),
  );
  assert.ok(linkCredentials({ certFile: certFile!, keyFile: keyFile!, caFile: caFile! }).read().digest);
});

test('check settings tells all that is wrong at once, with file, line and mend', async () => {
  const file = at('lab', 'proxy', 'bad.yaml');
  const good = readFileSync(at('lab', 'proxy', 'proxy.yaml'), 'utf8');
  writeFileSync(
    file,
    `${good.replace('port: 5269', 'port: many').replace('[in.example]', '[In.Example]')}\nsurprise: 1\n`,
  );
  const { code, err } = await sallyport('check', 'settings', file);
  assert.equal(code, 2);
  const lines = err.trimEnd().split('\n');
  assert.equal(lines.length, 3, err);
  for (const line of lines) assert.match(line, /bad\.yaml:\d+: /);
});

test('check settings looks at the files that settings name, unless told not to', async () => {
  const file = at('lab', 'proxy', 'other.yaml');
  const good = readFileSync(at('lab', 'proxy', 'proxy.yaml'), 'utf8');
  writeFileSync(
    file,
    good
      .replace('keyFile: s2s-key.pem', 'keyFile: link-key.pem')
      .replace('domains: [in.example]', 'domains: [in.example, else.example]')
      .replace('uri: spiffe://sallyport/proxy-1', 'uri: spiffe://sallyport/proxy-2')
      .replace('policy: policy', 'policy: nowhere')
      .concat('dialback: { secretFile: short-secret }\n'),
  );
  writeFileSync(at('lab', 'proxy', 'short-secret'), 'guess me', { mode: 0o644 });
  const { code, err } = await sallyport('check', 'settings', file);
  assert.equal(code, 2);
  assert.match(err, /certificate: .*the key does not match the certificate/);
  assert.match(err, /does not carry the name else\.example/);
  assert.match(err, /does not carry spiffe:\/\/sallyport\/proxy-2 \(it carries spiffe:\/\/sallyport\/proxy-1\)/);
  assert.match(err, /policy: .*nowhere: there is no such folder/);
  assert.match(err, /dialback.secretFile: .*the secret is too short or too plain; write 64 hex digits/);
  assert.match(err, /dialback.secretFile: .*everybody on this machine may read it; write chmod 600/);
  assert.equal((await sallyport('check', 'settings', file, '--no-files')).code, 0);
  await isOneLine(sallyport('check', 'settings', at('none.yaml')), /there is no such file/);
  writeFileSync(at('strange.yaml'), 'a: 1\n');
  await isOneLine(sallyport('check', 'settings', at('strange.yaml')), /write --proxy or --gateway/);
});

test('check settings looks into the revocation lists of SIP peers', async () => {
  const good = readFileSync(at('lab', 'gateway', 'gateway.yaml'), 'utf8');
  const file = at('lab', 'gateway', 'lists.yaml');
  writeFileSync(file, good.replace(/^( +)caFile: (?!link-ca)(.*)$/m, '$1caFile: $2\n$1crlFile: peer.crl'));
  const check = async () => (await sallyport('check', 'settings', file)).err;
  assert.match(await check(), /sip\.peers\[0\]\.crlFile: .*peer\.crl: there is no such file/);
  writeFileSync(at('lab', 'gateway', 'peer.crl'), 'junk');
  assert.match(await check(), /peer\.crl: no revocation list in it; write it as PEM/);
  const late = { thisUpdate: new Date(0), nextUpdate: new Date('2026-01-02T00:00:00Z') };
  writeFileSync(at('lab', 'gateway', 'peer.crl'), await issueCrl(issueAuthority({ name: 'a CA' }), [], late));
  assert.match(await check(), /the revocation list expired on 2026-01-02; have the CA issue a new one/);
});

test('status shows each stream of a partner: ways, TLS, certificate, stream management, pings, and the last troubles', async () => {
  const socket = at('streams.sock');
  const now = Date.now();
  const stream = {
    ...{ partner: 'out.example', domain: 'in.example', direction: 'inbound', bidi: true, address: '192.0.2.7' },
    ...{ since: now - 60_000, tls: 'TLSv1.3', provedBy: 'DNS:out.example', certificateUntil: now + 30 * 86_400_000 },
    ...{ managed: true, heardAt: now - 5_000, missedPings: 1, stanzasIn: 12, stanzasOut: 34 },
  };
  const byDialback = { ...stream, direction: 'outbound', bidi: false, managed: false, missedPings: 0 };
  const control = await serveControl(socket, async () => ({
    ...{ program: 'dmz-proxy', node: 'proxy-1', since: now },
    certificate: { until: now + 3 * 86_400_000, faults: ['cert.pem: the certificate does not name hq.example'] },
    partners: [
      {
        ...{ domain: 'out.example', inbound: 1, outbound: 1, waiting: 0 },
        ...{ lastError: '192.0.2.9:5269: no answer', lastErrorAt: now - 90_000 },
        ...{ lastRefused: '192.0.2.66: not-authorized: the certificate is expired', lastRefusedAt: now - 30_000 },
      },
    ],
    streams: [stream, { ...byDialback, certificateUntil: undefined, provedBy: 'dialback' }],
  }));
  const { code, out, err } = await sallyport('status', '--control', socket);
  await control.close();
  assert.equal(code, 0, err);
  assert.match(out, /out\.example +1 +1 +0 +30 s ago: 192\.0\.2\.66: not-authorized.* 90 s ago: 192\.0\.2\.9:5269/);
  assert.match(
    out,
    /out\.example +in\.example +them +both +192\.0\.2\.7 +60 s +TLSv1\.3 +30 days left +on +5 s ago, 1 ping unanswered +12 +34/,
  );
  assert.match(out, /us +out +192\.0\.2\.7 +60 s +TLSv1\.3 +dialback +off +5 s ago +12 +34/);
  assert.match(out, /^Our certificate: 3 days left\n {2}cert\.pem: the certificate does not name hq\.example$/m);
});

test('status prints what a process says, and nothing in it can steer a terminal', async () => {
  const socket = at('c.sock');
  const now = Date.now();
  const control = await serveControl(socket, async (question) => {
    assert.deepEqual(question, { ask: 'status' });
    return {
      program: 'dmz-proxy',
      node: 'proxy-1',
      since: now - 300_000,
      link: [{ peer: 'gateway-1', state: 'live', since: now - 60_000, detail: null }],
      partners: [{ domain: 'out.example', inbound: 2, outbound: 1, waiting: 0, lastError: 'a\u001b[31mb' }],
      refusals: [
        { at: now, code: 'not-allowed', stage: 'checkPartner', from: 'ann@out.example', to: 'bob@in.example' },
      ],
      policy: { revision: 'abc' },
    };
  });
  const { code, out, err } = await sallyport('status', '--control', socket);
  assert.equal(code, 0, err);
  assert.match(out, /^dmz-proxy proxy-1, up 5 min, policy abc$/m);
  assert.match(out, /gateway-1 +live +60 s/);
  assert.match(out, /out\.example +2 +1 +0 +a\?\[31mb/);
  assert.match(out, /not-allowed +checkPartner +ann@out\.example +bob@in\.example/);
  const json = await sallyport('status', '--control', socket, '--json');
  assert.equal(JSON.parse(json.out).node, 'proxy-1');
  await control.close();
  const gone = await sallyport('status', '--control', socket);
  assert.equal(gone.code, 1);
  assert.match(gone.err, /is the process running/);
});
