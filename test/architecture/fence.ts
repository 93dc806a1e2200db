// A temporary copy of the workspaces, so that forbidden imports can be written into it and type-checked for real.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from './sources.ts';

const workspaces = ['proto', 'shared', 'dmz-proxy', 'inner-gateway'];

export type Copy = {
  readonly folder: string;
  readonly read: (file: string) => string;
  readonly write: (file: string, text: string) => void;
  readonly remove: () => void;
};

/**
 * Copies the four workspaces without their tests. node_modules is a folder of links: foreign packages lead to the real
 * ones, `@sallyport/…` to the copies, as `npm ci` would lay them out there.
 */
export function copyOfProxy(): Copy {
  const folder = mkdtempSync(path.join(tmpdir(), 'sallyport-fence-'));
  for (const name of workspaces) {
    cpSync(path.join(root, name), path.join(folder, name), {
      recursive: true,
      filter: (source) => !source.endsWith('.test.ts') && path.basename(source) !== 'node_modules',
    });
  }
  for (const name of ['package.json', 'tsconfig.base.json']) cpSync(path.join(root, name), path.join(folder, name));
  const modules = path.join(folder, 'node_modules');
  mkdirSync(path.join(modules, '@sallyport'), { recursive: true });
  for (const name of readdirSync(path.join(root, 'node_modules'))) {
    if (name === '@sallyport' || name.startsWith('.')) continue;
    symlinkSync(path.join(root, 'node_modules', name), path.join(modules, name));
  }
  for (const name of workspaces) symlinkSync(path.join(folder, name), path.join(modules, '@sallyport', name));
  return {
    folder,
    read: (file) => readFileSync(path.join(folder, file), 'utf8'),
    write: (file, text) => writeFileSync(path.join(folder, file), text),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** `tsc -b dmz-proxy` in the copy; the lines of its errors. */
export function typeCheck(folder: string): string[] {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path.join(root, 'node_modules/typescript/bin/tsc'), '-b', 'dmz-proxy', '--pretty', 'false'],
    { cwd: folder, encoding: 'utf8' },
  );
  if (status === 0) return [];
  const errors = stdout.split('\n').filter((line) => /error TS\d+/.test(line));
  return errors.length > 0 ? errors : [`tsc ended with ${status}: ${stdout}${stderr}`];
}
