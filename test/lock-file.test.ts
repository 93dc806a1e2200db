// The lock file holds what every machine needs: npm leaves out packages of other platforms when it updates the file
// beside an installed tree, and then `npm ci` refuses to work elsewhere.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

type Entry = { readonly optionalDependencies?: Readonly<Record<string, string>>; readonly resolved?: string };
const lock: { packages: Record<string, Entry> } = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', 'package-lock.json'), 'utf8'),
);

test('every optional package of every platform is in the lock file', () => {
  const missing: string[] = [];
  for (const [place, { optionalDependencies = {} }] of Object.entries(lock.packages)) {
    for (const name of Object.keys(optionalDependencies)) {
      const nested = `${place}/node_modules/${name}`;
      if (!(`node_modules/${name}` in lock.packages) && !(nested in lock.packages))
        missing.push(`${place || 'root'} → ${name}`);
    }
  }
  assert.deepEqual(missing, [], 'make the file anew in an empty folder: npm install --package-lock-only');
});

test('no registry is named in the lock file', () => {
  const named = Object.values(lock.packages).flatMap(({ resolved }) =>
    resolved?.startsWith('http') ? [resolved] : [],
  );
  assert.deepEqual(named, []);
});
