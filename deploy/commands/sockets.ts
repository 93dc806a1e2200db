// Which control sockets a command means: the one that was written, the one that settings name, or all of this machine.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { readSomeSettings } from './check-settings.ts';
import { type Options, textOption, WrongQuestion } from './command.ts';

export const socketFolder = '/run/sallyport';

/** From the options `control` and `settings`; sorted by name where neither is given. */
export function socketsOf(options: Options): readonly string[] {
  const control = textOption(options, 'control');
  const file = textOption(options, 'settings');
  if (control !== undefined) return [control];
  if (file === undefined) return socketsIn(socketFolder);
  const read = readSomeSettings(file);
  if (read.program !== 'neither') return [read.settings.control];
  throw new WrongQuestion(read.problems[0] ?? `${file}: these are no settings`);
}

function socketsIn(folder: string): readonly string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.sock'));
    return names.sort().map((name) => path.join(folder, name));
  } catch {
    return [];
  }
}
