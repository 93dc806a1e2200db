// `npm run generate`: writes what is made from something else: proto/generated, deploy/settings.md, the tables of characters.
// With --check it changes nothing, and ends with 1 where the committed files are not what it would write.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { proxySettings } from '@sallyport/dmz-proxy/settings.ts';
import { gatewaySettings } from '@sallyport/inner-gateway/settings.ts';
import { conditionBlock } from '@sallyport/shared/policy/condition-schema.ts';
import { contentFile } from '@sallyport/shared/policy/content-schema.ts';
import { examplesFile } from '@sallyport/shared/policy/example-schema.ts';
import { labelsFile } from '@sallyport/shared/policy/label-schema.ts';
import { operatorsFile } from '@sallyport/shared/policy/operators.ts';
import { partnersFile } from '@sallyport/shared/policy/policy-schema.ts';
import { limitsFile } from '@sallyport/shared/policy/rate-schema.ts';
import { textsFile } from '@sallyport/shared/policy/texts.ts';
import { refusalsTable, settingsTable } from '@sallyport/shared/settings-manual.ts';
import { type ZodType, z } from 'zod';
import { addressTables } from './generate-address-tables.ts';
import { contentTables } from './generate-content-tables.ts';

const root = path.join(import.meta.dirname, '..');
const generated = 'proto/generated';
const manual = 'deploy/settings.md';
const tables = 'shared/address/generated/tables.ts';
const characters = 'shared/content/generated/tables.ts';

// Editors complete and check by these; the programs never read them.
const policyFiles = {
  partners: partnersFile,
  content: contentFile,
  labels: labelsFile,
  limits: limitsFile,
  operators: operatorsFile,
  texts: textsFile,
  examples: examplesFile,
};
const schemaOf = (name: string) => `policies/${name}.schema.json`;

/** Writes all of it into the folder `to`, at the paths that they have in the repository. */
function generate(to: string): void {
  const types = path.join(to, generated);
  rmSync(types, { recursive: true, force: true });
  mkdirSync(types, { recursive: true });
  const options = ['--longs=Number', '--enums=String', '--defaults', '--oneofs', '--bytes=Buffer'];
  const extensions = ['--importFileExtension=.ts', '--targetFileExtension=.ts', '--grpcLib=@grpc/grpc-js'];
  const made = spawnSync(
    process.execPath,
    [
      path.join(root, 'node_modules/@grpc/proto-loader/build/bin/proto-loader-gen-types.js'),
      ...options,
      ...extensions,
      `--outDir=${types}`,
      'proto/boundary.proto',
    ],
    { cwd: root, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`proto-loader-gen-types failed:\n${made.stderr}`);
  write(to, manual, manualText());
  for (const [name, schema] of Object.entries(policyFiles)) write(to, schemaOf(name), jsonSchema(name, schema));
  write(to, tables, addressTables());
  write(to, characters, contentTables());
}

function write(to: string, file: string, text: string): void {
  mkdirSync(path.dirname(path.join(to, file)), { recursive: true });
  writeFileSync(path.join(to, file), text);
}

function jsonSchema(name: string, schema: ZodType): string {
  const title = `${name}.yaml of a Sallyport policy; made by npm run generate`;
  return `${JSON.stringify({ ...z.toJSONSchema(schema, { io: 'input' }), title }, null, 1)}\n`;
}

function manualText(): string {
  return `<!-- Made by npm run generate from the schemas; change those, not this. -->
# Settings and refusals

Settings are YAML, one file a process. Relative paths start at the folder of the settings file. Every problem of a file
is told at once, one line each, \`file:line: key: what is wrong; write … instead\`, and the process ends with 2.
\`[]\` in a key stands for each entry of a list.

## dmz-proxy

${settingsTable(proxySettings)}

## inner-gateway

${settingsTable(gatewaySettings)}

## The policy: partners.yaml

[policies/README.md](../policies/README.md) explains the policy with examples.

${settingsTable(partnersFile)}

## The policy: content.yaml

${settingsTable(contentFile)}

### A condition

The name of a detector, or a block with one question and the keys that go with it.

${settingsTable(conditionBlock)}

## The policy: labels.yaml

${settingsTable(labelsFile)}

## The policy: texts.yaml

${settingsTable(textsFile)}

## The policy: limits.yaml

${settingsTable(limitsFile)}

## The policy: examples/*.yaml

${settingsTable(examplesFile)}

## Refusals

What the audit, the metrics and the status call a refusal, what its sender is told, and what it means. *bounce*: the
sender gets the error. *drop*: nobody is told. *close*: the error is told and the stream ends.

${refusalsTable()}
`;
}

/** What differs between two folders, one line a file. */
function differences(committed: string, fresh: string): string[] {
  const schemas = Object.keys(policyFiles).map(schemaOf);
  const names = new Set([
    manual,
    tables,
    characters,
    ...schemas,
    ...filesOf(committed, generated),
    ...filesOf(fresh, generated),
  ]);
  const found: string[] = [];
  for (const name of [...names].sort()) {
    const before = textOf(path.join(committed, name));
    const after = textOf(path.join(fresh, name));
    if (before === after) continue;
    if (before === undefined) found.push(`${name}: is missing`);
    else if (after === undefined) found.push(`${name}: should not be there`);
    else found.push(`${name}: line ${firstDifference(before, after)} and what follows`);
  }
  return found;
}

function filesOf(folder: string, under: string): string[] {
  return readdirSync(path.join(folder, under), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function firstDifference(a: string, b: string): number {
  const other = b.split('\n');
  const line = a.split('\n').findIndex((text, i) => text !== other[i]);
  return line < 0 ? a.split('\n').length + 1 : line + 1;
}

if (process.argv.includes('--check')) {
  const fresh = mkdtempSync(path.join(tmpdir(), 'sallyport-generate-'));
  try {
    generate(fresh);
    const found = differences(root, fresh);
    if (found.length > 0) {
      console.error(`These files are not what their sources say:\n  ${found.join('\n  ')}\nRun: npm run generate`);
      process.exitCode = 1;
    }
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
} else generate(root);
