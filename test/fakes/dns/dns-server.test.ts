// The small DNS server answers Node's own resolver.
import assert from 'node:assert/strict';
import { Resolver } from 'node:dns/promises';
import { test } from 'node:test';
import { startDnsServer } from './dns-server.ts';

test('the XMPP service of a domain leads to its place, and other names do not exist', async () => {
  await using stack = new AsyncDisposableStack();
  const server = await startDnsServer(new Map([['inner.example', { host: '127.0.0.1', port: 7269 }]]));
  stack.defer(server.stop);
  const resolver = new Resolver({ timeout: 1_000, tries: 1 });
  resolver.setServers([`127.0.0.1:${server.port}`]);
  const [service] = await resolver.resolveSrv('_xmpp-server._tcp.inner.example');
  assert.deepEqual([service?.name, service?.port], ['s2s.inner.example', 7269]);
  assert.deepEqual(await resolver.resolve4('s2s.inner.example'), ['127.0.0.1']);
  await assert.rejects(resolver.resolve4('elsewhere.example'), { code: 'ENOTFOUND' });
  await assert.rejects(resolver.resolveSrv('_xmpps-server._tcp.inner.example'), { code: 'ENODATA' });
  assert.deepEqual(server.questions().slice(0, 2), ['SRV _xmpp-server._tcp.inner.example', 'A s2s.inner.example']);
});
