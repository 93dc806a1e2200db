// The manual says what the code does: generated files are fresh, every refusal and every named script is there.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { loadPolicy } from '@sallyport/shared/policy/load-policy.ts';
import { refusals } from '@sallyport/shared/refusals.ts';
import { readSources, root } from './architecture/sources.ts';

const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

/** Every README and other Markdown file of the repository. */
function pages(): string[] {
  const found: string[] = [];
  const walk = (below: string) => {
    for (const entry of readdirSync(path.join(root, below), { withFileTypes: true })) {
      const file = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.')) walk(file);
      else if (entry.name.endsWith('.md')) found.push(file);
    }
  };
  walk('');
  return found;
}

test('the generated types and deploy/settings.md are what their sources say', () => {
  const { status, stderr } = spawnSync(process.execPath, [path.join(root, 'deploy/generate.ts'), '--check'], {
    cwd: root,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
});

test('every refusal code is in the manual, and the manual names no other', () => {
  const section = read('deploy/settings.md').split('\n## Refusals\n')[1] ?? '';
  const told = [...section.matchAll(/^\| `([a-z-]+)` \|/gm)].map((match) => match[1]);
  assert.deepEqual(told.toSorted(), Object.keys(refusals).toSorted());
});

test('policies/README.md explains every key of the rules, and no key that is gone', () => {
  const manual = read('deploy/settings.md');
  const section = (name: string) => manual.split(`\n## The policy: ${name}\n`)[1]?.split('\n## ')[0] ?? '';
  const keysOf = (name: string) =>
    [...section(name).matchAll(/^\| `([^`]+)` \|/gm)].flatMap(
      ([, key = '']) => key.split('.').at(-1)?.replace('[]', '') ?? [],
    );
  const known = new Set(['content.yaml', 'labels.yaml', 'texts.yaml', 'examples/*.yaml'].flatMap(keysOf));
  known.delete('LANGUAGE');
  const page = read('policies/README.md');
  const text = page.slice(page.indexOf('## Rules, for who'), page.indexOf('## Limits'));
  const missing = [...known].filter((key) => !text.includes(`\`${key}\``) && !new RegExp(`\\b${key}:`).test(text));
  assert.deepEqual(missing, []);
  const tables = text.slice(text.indexOf('## content.yaml, labels.yaml'));
  const rows = [...tables.matchAll(/^\| (`[a-zA-Z`, ]+) \|/gm)].flatMap(
    ([, cell = '']) => cell.match(/[a-zA-Z]+/g) ?? [],
  );
  const actions = ['action', 'block', 'quarantine', 'redact', 'warn', 'monitor'];
  assert.deepEqual(
    rows.filter((key) => !known.has(key) && !actions.includes(key)),
    [],
  );
});

test('every script and every path that a page of the manual names is there', () => {
  const scripts: unknown = JSON.parse(read('package.json')).scripts;
  assert.ok(typeof scripts === 'object' && scripts !== null);
  const missing: string[] = [];
  for (const page of pages()) {
    const text = read(page);
    for (const [, name] of text.matchAll(/\bnpm run ([a-z][a-z:-]*)/g)) {
      if (name !== undefined && !(name in scripts)) missing.push(`${page}: npm run ${name}`);
    }
    for (const [, link] of text.matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g)) {
      if (link !== undefined && !existsSync(path.join(root, path.dirname(page), link)))
        missing.push(`${page}: ${link}`);
    }
  }
  assert.deepEqual(missing, []);
});

test('every file that an npm script runs is there', () => {
  const manifest: { scripts: Record<string, string> } = JSON.parse(read('package.json'));
  const tools: { bin: Record<string, string> } = JSON.parse(read('deploy/package.json'));
  const files = [
    ...Object.values(manifest.scripts).flatMap((script) =>
      [...script.matchAll(/\bnode (\S+\.ts)/g)].map((match) => match[1] ?? ''),
    ),
    ...Object.values(tools.bin).map((file) => path.join('deploy', file)),
  ];
  assert.deepEqual(
    files.filter((file) => !existsSync(path.join(root, file))),
    [],
  );
});

test('every folder of source has a README', () => {
  const folders = ['proto', 'shared', 'dmz-proxy', 'inner-gateway', 'policies', 'deploy', 'test'];
  assert.deepEqual(
    [...folders, '.'].filter((folder) => !existsSync(path.join(root, folder, 'README.md'))),
    [],
  );
});

test('the repository speaks of the product alone: no path of one machine', () => {
  const machine = new RegExp(['/ho' + 'me/[a-z]', '/wo' + 'rk/', '/ro' + 'ot/'].join('|'));
  const files = [...pages(), ...readSources().map(({ file }) => file)];
  assert.deepEqual(
    files.filter((file) => machine.test(read(file))),
    [],
  );
});

test('the sample policy that is shipped is good', () => {
  for (const side of ['inside', 'dmz'] as const) {
    const result = loadPolicy(path.join(root, 'policies'), side);
    assert.deepEqual(result.ok ? [] : result.problems, []);
  }
});
