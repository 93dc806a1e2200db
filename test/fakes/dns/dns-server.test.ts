// The small DNS server answers Node's own resolver.
import assert from 'node:assert/strict';
import { Resolver } from 'node:dns/promises';
import { test } from 'node:test';
import type { Said } from './dns-message.ts';
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

test('a zone says whatever a name server may say', async () => {
  await using stack = new AsyncDisposableStack();
  const server = await startDnsServer(
    new Map(),
    new Map<string, Said>([
      ['SRV _x._tcp.a.example', [{ priority: 1, weight: 2, port: 3, target: '.' }]],
      ['AAAA a.example', ['2001:db8::1', '::1', '1:2:3:4:5:6:7:8']],
      ['A a.example', { ttl: 7, records: ['192.0.2.1'] }],
      ['A fails.example', 'SERVFAIL'],
      ['A refused.example', 'REFUSED'],
      ['A silent.example', 'silence'],
    ]),
  );
  stack.defer(server.stop);
  const resolver = new Resolver({ timeout: 100, tries: 1 });
  resolver.setServers([`127.0.0.1:${server.port}`]);
  const [none] = await resolver.resolveSrv('_x._tcp.a.example');
  assert.deepEqual([none?.priority, none?.weight, none?.port, none?.name], [1, 2, 3, '']);
  assert.deepEqual(await resolver.resolve6('a.example'), ['2001:db8::1', '::1', '1:2:3:4:5:6:7:8']);
  assert.deepEqual(await resolver.resolve4('a.example', { ttl: true }), [{ address: '192.0.2.1', ttl: 7 }]);
  await assert.rejects(resolver.resolveSrv('a.example'), { code: 'ENODATA' });
  await assert.rejects(resolver.resolve4('fails.example'), { code: 'ESERVFAIL' });
  await assert.rejects(resolver.resolve4('refused.example'), { code: 'EREFUSED' });
  await assert.rejects(resolver.resolve4('silent.example'), { code: 'ETIMEOUT' });
  await assert.rejects(resolver.resolve4('nowhere.example'), { code: 'ENOTFOUND' });
});
