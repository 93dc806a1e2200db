// The operations port, asked over real HTTP.
import assert from 'node:assert/strict';
import test from 'node:test';
import { counter } from './metrics.ts';
import { serveOperations } from './operations-http.ts';

test('metrics and states are served, and nothing else', async (t) => {
  let problem: string | undefined;
  const operations = await serveOperations(
    { host: '127.0.0.1', port: 0 },
    {
      live: () => undefined,
      ready: () => problem,
    },
  );
  t.after(operations.close);
  const ask = async (path: string, method = 'GET') => {
    const response = await fetch(`http://127.0.0.1:${operations.port}${path}`, { method });
    return { status: response.status, text: await response.text() };
  };
  counter('operations_test_total', 'a test').inc(3);
  assert.deepEqual(await ask('/livez'), { status: 200, text: 'ok\n' });
  assert.deepEqual(await ask('/readyz'), { status: 200, text: 'ok\n' });
  problem = 'there is no link to a gateway';
  assert.deepEqual(await ask('/readyz'), { status: 503, text: 'there is no link to a gateway\n' });
  assert.match((await ask('/metrics')).text, /^sallyport_operations_test_total 3$/m);
  assert.equal((await ask('/')).status, 404);
  assert.equal((await ask('/livez/x')).status, 404);
  assert.equal((await ask('/livez', 'POST')).status, 405);
});

test('a state that cannot be told is a bad one', async (t) => {
  const operations = await serveOperations(
    { host: '127.0.0.1', port: 0 },
    {
      live: () => {
        throw new Error('broken');
      },
      ready: () => undefined,
    },
  );
  t.after(operations.close);
  assert.equal((await fetch(`http://127.0.0.1:${operations.port}/livez`)).status, 503);
});

test('a port that is taken is told in words', async (t) => {
  const state = { live: () => undefined, ready: () => undefined };
  const first = await serveOperations({ host: '127.0.0.1', port: 0 }, state);
  t.after(first.close);
  await assert.rejects(
    serveOperations({ host: '127.0.0.1', port: first.port }, state),
    /metrics: cannot listen on 127/,
  );
});
