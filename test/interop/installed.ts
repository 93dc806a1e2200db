// Says whether the programs of the real peers are on this machine.
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** The first of the programs that is not on the PATH (or in the usual sbin folders); undefined when all are there. */
export function firstMissing(programs: readonly string[]): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  return programs.find((program) => !folders.some((folder) => isExecutable(join(folder, program))));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
