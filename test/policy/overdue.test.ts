// A rule that only watches for too long, and an exception that has ended, are reported by a running process.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { metricsText } from '../../shared/metrics.ts';
import { openPolicy } from '../../shared/policy/policy-in-force.ts';
import { openOffice } from './operators.ts';

test('what runs out while a process runs shows in its status and its metric at once, and in the log of the next load', async (t) => {
  const office = openOffice(1);
  const content = join(office.policy, 'content.yaml');
  const exception = `    action: redact\n    unless:\n      - { when: ibans, until: 2027-01-31, approvedBy: [b.jones] }\n`;
  writeFileSync(
    content,
    readFileSync(content, 'utf8')
      .replace('    action: redact\n', exception)
      .replaceAll('until: 2027-05-31', 'until: 2027-02-28'),
  );
  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) });
  let now = Date.parse('2027-01-31T12:00:00Z');
  const opened = openPolicy({ folder: office.policy, side: 'inside', signatures: undefined, log, now: () => now });
  assert.ok(opened.ok);
  t.after(opened.policy.close);
  opened.policy.watch({ onChange: () => undefined, record: () => undefined });
  assert.deepEqual(opened.policy.overdue(), []);
  now = Date.parse('2027-03-02T12:00:00Z');
  const overdue = opened.policy.overdue().join('\n');
  assert.match(overdue, /the rule marking-guess should not only watch any more since 2027-03-01/);
  assert.match(overdue, /an exception of the rule payment-cards-out holds no more since 2027-02-01/);
  const metrics = await metricsText();
  assert.match(metrics, /^sallyport_policy_overdue\{what="monitor"\} [1-9]/m);
  assert.match(metrics, /^sallyport_policy_overdue\{what="exception"\} 1$/m);
  assert.ok(!lines.some((line) => line.includes('has run out')));
  office.addWord('later');
  opened.policy.reload();
  assert.ok(lines.some((line) => /marking-guess.*something in the policy has run out/.test(line)));
});
