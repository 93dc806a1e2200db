// Two ends with two policies: counted at once, told when it lasts, and forgotten with the link.
import assert from 'node:assert/strict';
import test from 'node:test';
import { pino } from 'pino';
import { metricsText } from '../metrics.ts';
import { createAgreement, revisionWords } from './agreement.ts';

test('a difference is counted at once, and told once when it has lasted 30 s', async () => {
  const lines: string[] = [];
  const agreement = createAgreement(pino({}, { write: (line: string) => lines.push(line) }));
  const counted = async () => /^sallyport_policy_differs (\d+)$/m.exec(await metricsText())?.[1];
  agreement.look('a', 'a', 0);
  agreement.look('a', '', 500);
  assert.equal(await counted(), '0');
  agreement.look('a', 'b', 1_000);
  assert.equal(await counted(), '1');
  agreement.look('a', 'b', 30_999);
  assert.equal(lines.length, 0, 'policies come into force one after the other');
  agreement.look('a', 'b', 31_000);
  agreement.look('a', 'b', 60_000);
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? '', /"ours":"a","theirs":"b".*another revision/);
  agreement.look('b', 'b', 61_000);
  assert.equal(await counted(), '0');
  assert.match(lines[1] ?? '', /one revision of the policy again/);
  agreement.look('b', 'c', 62_000);
  agreement.end();
  assert.equal(await counted(), '0');
  assert.equal(revisionWords('abc', 'abc'), 'policy abc');
  assert.equal(revisionWords('abc', 'abd'), 'policy abc, which is NOT OURS');
});
