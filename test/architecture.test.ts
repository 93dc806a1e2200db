// The house: who may import whom, how long a file is, what nobody may do. test/architecture/ holds the tables.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {
  dependencies,
  emitterFiles,
  longFiles,
  processFiles,
  repositoryTools,
  testPrograms,
} from './architecture/exceptions.ts';
import { copyOfProxy, typeCheck } from './architecture/fence.ts';
import { importTable, type Row, testRow } from './architecture/import-table.ts';
import { type Import, lineAt, readSource, readSources, root, type Source } from './architecture/sources.ts';

const sources = readSources();
const isTest = (file: string) => /\.(test|contract|fixtures|rig)\.ts$/.test(file) || file in testPrograms;
const runsInTestsOnly = (file: string) => isTest(file) || file.startsWith('test/');

/** What is wrong with the imports of one file, one line each. */
function forbiddenImports(source: Source): string[] {
  const row = rowOf(source.file);
  if (row === undefined) return [`${source.file}: no row of the import table fits this folder`];
  return source.imports
    .filter((found) => !isAllowed(source.file, row, found))
    .map(({ line, specifier }) => `${source.file}:${line}: may not import ${specifier}, because ${row.because}`);
}

function rowOf(file: string): Row | undefined {
  // A test of a neighbour is a test like the others; the neighbour itself is bound by its own row.
  const place = file.startsWith('test/') && isTest(file) ? 'test/' : file;
  return importTable
    .filter(({ from }) => place === from || (from.endsWith('/') && place.startsWith(from)))
    .toSorted((a, b) => b.from.length - a.from.length)[0];
}

function isAllowed(from: string, row: Row, { file, package: name }: Import): boolean {
  const within = (folders: readonly string[]) =>
    folders.some((folder) => file === folder || (folder.endsWith('/') && file?.startsWith(folder)));
  const extra = isTest(from) ? testRow : undefined;
  if (file !== undefined) {
    // Nobody imports a main.ts or a test, and nobody but a test imports what tests share.
    if (/(^|\/)main\.ts$|\.test\.ts$/.test(file) || (isTest(file) && !runsInTestsOnly(from))) return false;
    const workspace = `${from.split('/')[0]}/`;
    return within([own(row, from), ...row.may, ...(extra === undefined ? [] : [...extra.may, workspace])]);
  }
  if (name?.startsWith('node:')) {
    return extra !== undefined || row.node.includes('*') || row.node.includes(name.slice('node:'.length));
  }
  return name !== undefined && [...row.packages, ...(extra?.packages ?? [])].includes(name);
}

// A row for one file speaks for that file; its own folder is still its own.
function own(row: Row, file: string): string {
  return row.from.endsWith('/') ? row.from : `${path.posix.dirname(file)}/`;
}

test('imports stay within the table', () => {
  assert.deepEqual(sources.flatMap(forbiddenImports), []);
});

test('a forbidden import is found in every form that it can have', () => {
  const forms = [
    "import { x } from '../../inner-gateway/settings.ts';",
    "import type { X } from '@sallyport/inner-gateway/settings.ts';",
    "import '../../inner-gateway/settings.ts';",
    "export * from '../../inner-gateway/settings.ts';",
    "const x = await import('../../inner-gateway/settings.ts');",
    "type X = import('../../inner-gateway/settings.ts').X;",
    "const x = require('../../inner-gateway/settings.ts');",
    "new Worker(new URL('../../inner-gateway/settings.ts', import.meta.url));",
    'const x = await import(name);',
    "import {\n  x,\n} from '../../inner-gateway/settings.ts';",
    "import net from 'node:net';",
    "import left from 'left-pad';",
  ];
  for (const form of forms) {
    assert.equal(forbiddenImports(readSource('dmz-proxy/stages/check-sender.ts', `// x\n${form}\n`)).length, 1, form);
  }
  const innocent =
    "// import '../../inner-gateway/a.ts'\nconst text = `import '../../inner-gateway/a.ts'`;\nconst r = /'/;\n";
  assert.deepEqual(forbiddenImports(readSource('dmz-proxy/stages/check-sender.ts', innocent)), []);
  const across = "import { x } from '../inner-gateway/settings.ts';";
  assert.equal(
    forbiddenImports(readSource('dmz-proxy/x.test.ts', across)).length,
    1,
    'not in a test beside its file either',
  );
});

test('the table names only what is there, or is still to come', () => {
  const toCome = new Set(['inner-gateway/directory/directory.ts']);
  const named = new Set([...importTable.flatMap(({ from, may }) => [from, ...may]), ...Object.keys(testPrograms)]);
  assert.deepEqual(
    [...named].filter((name) => !toCome.has(name) && !existsSync(path.join(root, name))),
    [],
  );
});

test('no file is longer than 300 lines', () => {
  const long = sources.filter(({ text }) => text.trimEnd().split('\n').length > 300).map(({ file }) => file);
  assert.deepEqual(long.toSorted(), Object.keys(longFiles).toSorted());
});

test('every file says in its first line what it is for', () => {
  const silent = sources.filter(({ text }) => !/^(#!.*\n)?\/\/ \S.{20,}/.test(text)).map(({ file }) => file);
  assert.deepEqual(silent, []);
});

test('the runtime dependencies of each workspace are a closed list', () => {
  const manifest = (folder: string): { dependencies?: Record<string, string>; workspaces?: string[] } =>
    JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8'));
  assert.deepEqual(manifest('.').workspaces, Object.keys(dependencies));
  assert.deepEqual(manifest('.').dependencies, undefined, 'the root has tools only');
  for (const [workspace, listed] of Object.entries(dependencies)) {
    const declared = Object.entries(manifest(workspace).dependencies ?? {});
    const foreign = declared.map(([name]) => name).filter((name) => !name.startsWith('@sallyport/'));
    assert.deepEqual(foreign.toSorted(), Object.keys(listed).toSorted(), `${workspace}/package.json`);
    for (const [name, version] of declared)
      assert.match(version, /^\d+\.\d+\.\d+$/, `${workspace}: ${name} is pinned exactly`);
    for (const { file, imports } of sources) {
      if (!file.startsWith(`${workspace}/`) || isTest(file) || file in repositoryTools) continue;
      for (const found of imports) {
        const needed = found.package ?? `@sallyport/${found.specifier.split('/')[1]}`;
        if (needed.startsWith('node:') || (found.file !== undefined && !found.specifier.startsWith('@'))) continue;
        assert.ok(
          declared.some(([name]) => name === needed),
          `${file} imports ${needed}, which ${workspace}/package.json lacks`,
        );
      }
    }
  }
});

test('only main.ts, the tools and the tests read the environment or end the process', () => {
  const found = sources
    .filter(({ file, code, imports }) => {
      if (runsInTestsOnly(file) || file.endsWith('/main.ts')) return false;
      return /\bprocess\s*\.\s*(env|exit)\b/.test(code) || imports.some((one) => one.package === 'node:process');
    })
    .map(({ file }) => file);
  assert.deepEqual(found.toSorted(), Object.keys(processFiles).toSorted());
});

test('events stay in the file that owns the socket', () => {
  const found = sources
    .filter(({ file, code, imports }) => {
      if (runsInTestsOnly(file)) return false;
      return /\bEventEmitter\b/.test(code) || imports.some((one) => one.package === 'node:events');
    })
    .map(({ file }) => file);
  assert.deepEqual(found.toSorted(), Object.keys(emitterFiles).toSorted());
});

test('nobody switches the compiler off, exports by default, or says any', () => {
  const forbidden = [
    [/^\s*\/\/\s*@ts-|\/\*\s*@ts-/gm, 'text', 'switches the compiler off'],
    [/\bexport\s+default\b|\bexport\s*\{[^}]*\bas\s+default\b/g, 'code', 'exports by default'],
    [/[:<,|&(]\s*any\b(?!\s*[:=(.])|\bas\s+any\b/g, 'code', 'says any'],
    [/\bexport\s+(?:\*|(?:type\s*)?\{[^}]*\}\s*from)/g, 'code', 'exports what is not its own'],
  ] as const;
  const found = sources.flatMap((source) =>
    forbidden.flatMap(([pattern, where, what]) =>
      [...source[where].matchAll(pattern)].map(
        (match) => `${source.file}:${lineAt(source.text, match.index)}: ${what}`,
      ),
    ),
  );
  assert.deepEqual(found, []);
});

test('dmz-proxy cannot reach inner-gateway: the type check refuses the import, and refuses it because of the fence', (t) => {
  const copy = copyOfProxy();
  t.after(copy.remove);
  assert.deepEqual(typeCheck(copy.folder), [], 'without the forbidden import the copy is good');

  const forbidden = [
    "import type { GatewaySettings as Inside } from '../inner-gateway/settings.ts';",
    "import type { GatewaySettings as Inside } from '@sallyport/inner-gateway/settings.ts';",
    "import type { Adapter as Inside } from '../inner-gateway/adapters/adapter.ts';",
    "import type { Adapter as Inside } from '@sallyport/inner-gateway/adapters/adapter.ts';",
  ];
  for (const line of forbidden) {
    copy.write('dmz-proxy/reach-inside.ts', `${line}\nexport type Reached = Inside;\n`);
    const errors = typeCheck(copy.folder);
    assert.ok(
      errors.length > 0 && errors.every((error) => error.includes('reach-inside.ts')),
      `${line}\n${errors.join('\n')}`,
    );
  }

  // The same import passes as soon as the project may see the other one: the refusal above is the fence's work.
  const settings = JSON.parse(copy.read('dmz-proxy/tsconfig.json'));
  settings.references.push({ path: '../inner-gateway' });
  copy.write('dmz-proxy/tsconfig.json', JSON.stringify(settings));
  copy.write('dmz-proxy/reach-inside.ts', `${forbidden[0]}\nexport type Reached = Inside;\n`);
  assert.deepEqual(typeCheck(copy.folder), []);
});
