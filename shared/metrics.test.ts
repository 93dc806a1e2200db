// What is counted by the way is in the metrics when they are read, and once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metricsText, tally } from './metrics.ts';

test('a tally is in the metrics each time they are read, and nothing is counted twice', async () => {
  const count = tally('tallied_total', 'what is tallied', 'way', ['in', 'out', 'never']);
  const lines = async () =>
    (await metricsText()).split('\n').filter((line) => line.startsWith('sallyport_tallied_total'));
  assert.deepEqual(await lines(), []);
  count('in');
  count('in');
  count('out');
  const once = ['sallyport_tallied_total{way="in"} 2', 'sallyport_tallied_total{way="out"} 1'];
  assert.deepEqual(await lines(), once);
  assert.deepEqual(await lines(), once);
  count('in');
  assert.deepEqual(await lines(), ['sallyport_tallied_total{way="in"} 3', once[1]]);
});
