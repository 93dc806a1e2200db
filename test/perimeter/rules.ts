// Loads the rule files of deploy/firewall on a host of a test, as they are shipped.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../architecture/sources.ts';
import type { Namespaces } from './namespaces.ts';

export type RuleFile = 'dmz-host' | 'outer-router' | 'inner-router' | 'inside-host' | 'one-host';

/** The file's text; of what its reader is to set, only `values` differ from what is shipped. */
export function rulesOf(file: RuleFile, values: Readonly<Record<string, string>> = {}): string {
  const text = readFileSync(path.join(root, 'deploy/firewall', `${file}.nft`), 'utf8');
  const [top = '', ...below] = text.split(/^(?=# ---- The rules)/m);
  let changed = top;
  for (const [name, value] of Object.entries(values)) {
    const define = new RegExp(`^define ${name} = (?:"[^"\n]*"|\\{[^}\n]*\\}|\\S+)`, 'm');
    if (!define.test(changed)) throw new Error(`${file}.nft has no variable ${name} at its top`);
    changed = changed.replace(define, `define ${name} = ${value}`);
  }
  return [changed, ...below].join('');
}

/** Loads the file on that host, all of it or nothing. */
export function loadRules(
  hosts: Namespaces,
  host: string,
  file: RuleFile,
  values: Readonly<Record<string, string>> = {},
): void {
  hosts.run(host, ['nft', '-f', '-'], rulesOf(file, values));
}

/** Takes every rule of that host away, as somebody who is root there can. */
export function dropRules(hosts: Namespaces, host: string): void {
  hosts.run(host, ['nft', 'flush', 'ruleset']);
}

/** How many packets a named counter of the file has counted on that host. */
export function countOf(hosts: Namespaces, host: string, file: RuleFile, counter: string): number {
  const table = `sallyport_${file.replace('-', '_')}`;
  const listed = hosts.run(host, ['nft', 'list', 'counter', 'inet', table, counter]);
  return Number(/packets (\d+)/.exec(listed)?.[1] ?? Number.NaN);
}
