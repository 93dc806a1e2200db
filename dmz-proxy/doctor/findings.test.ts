// The table of findings, against the README and against itself.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { type FindingCode, findings, found, merged } from './findings.ts';

const whos = { nobody: '–', us: 'we', partner: 'partner', firewall: 'firewall team' };

test('the README has each finding with its words and whoever mends it, and no other', () => {
  const text = readFileSync(path.join(import.meta.dirname, 'README.md'), 'utf8');
  const [, section = ''] = text.split('\n## All findings\n');
  const told = section.split('\n').filter((line) => /^\| `/.test(line));
  const known = Object.entries(findings).map(
    ([code, { level, who, means, mend }]) => `| \`${code}\` | ${level} | ${means} | ${whos[who]} | ${mend || '–'} |`,
  );
  assert.deepEqual(told.toSorted(), known.toSorted());
});

test('what is good asks nothing of anybody; everything else says who must do what', () => {
  for (const [code, { level, who, mend }] of Object.entries(findings)) {
    assert.equal(level === 'good', who === 'nobody', code);
    assert.equal(level === 'good', mend === '', code);
  }
});

test('text of a partner cannot steer a terminal, and has an end', () => {
  const hostile = `\u001b[31m\u202e\n${'x'.repeat(2_000)}`;
  const finding = found('stream-refused', hostile, { at: hostile, mend: hostile });
  for (const text of [finding.at, finding.says, finding.mend]) {
    assert.doesNotMatch(text, /[\p{C}\p{Zl}\p{Zp}]/u);
    assert.ok(text.length <= 500);
  }
});

test('equal findings at several addresses are one finding that names them all', () => {
  const at = (code: FindingCode, place: string) => found(code, 'the same words', { at: place });
  const one = merged([at('port-closed', 'a'), at('port-closed', 'b'), at('port-open', 'c'), at('port-closed', 'a')]);
  assert.deepEqual(
    one.map((each) => [each.code, each.at]),
    [
      ['port-closed', 'a, b'],
      ['port-open', 'c'],
    ],
  );
});
