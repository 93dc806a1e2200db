// What the plans of both programs share: names, places and ports of a site.
import path from 'node:path';
import { toAsciiDomain } from '@sallyport/shared/address/domain-name.ts';
import { domainName, operation } from '@sallyport/shared/settings-schema.ts';
import { WrongQuestion } from './command.ts';

export const LINK_PORT = 9443;
export const S2S_PORT = 5269;
export const SIP_PORT = 5061;

/** What both plans start from. */
export type Site = {
  readonly domains: readonly [string, ...string[]];
  readonly node: string | undefined;
  readonly fqdn: string | undefined;
  readonly dir: string | undefined;
};

/** The URI name of a node in its link certificate. */
export function uriOf(node: string): string {
  return `spiffe://sallyport/${node}`;
}

/** The domain name that was written after `option`, with A-labels as certificates and DNS want it, or a WrongQuestion. */
export function checkedDomain(name: string, option: string): string {
  const read = domainName.safeParse(name);
  if (read.success) return toAsciiDomain(read.data);
  throw new WrongQuestion(`${option} ${name}: write a domain name in lower case, such as in.example`);
}

/** The node name that was written after `option`, or a WrongQuestion. */
export function checkedNode(name: string, option: string): string {
  if (operation.node.safeParse(name).success) return name;
  throw new WrongQuestion(`${option} ${name}: write a short name in lower case, such as proxy-1`);
}

export type Places = {
  readonly dir: string;
  readonly control: string;
  readonly audit: string;
  readonly store: string;
  readonly quarantine: string;
};

/** Where a program keeps what. A site under /etc uses the system's folders, any other keeps everything in one. */
export function placesOf(program: 'proxy' | 'gateway', asked: string | undefined): Places {
  const dir = path.resolve(asked ?? `/etc/sallyport/${program}`);
  if (!dir.startsWith('/etc/')) {
    const own = { control: 'control.sock', audit: 'audit.jsonl' };
    return { dir, ...own, store: 'store.sqlite', quarantine: 'quarantine.sqlite' };
  }
  return {
    dir,
    control: `/run/sallyport/${program}.sock`,
    audit: `/var/log/sallyport/${program}-audit.jsonl`,
    store: `/var/lib/sallyport/${program}.sqlite`,
    quarantine: `/var/lib/sallyport/${program}-quarantine.sqlite`,
  };
}

/** What to do so that nobody alone changes the policy. */
export function policySteps(dir: string): readonly string[] {
  return [
    'have each author and approver make a key on their own machine: npx sallyport policy key NAME.key --as NAME',
    `write their entries into ${dir}/operators.yaml, the same file on both machines, and name it in policySignatures;` +
      ' without it whoever can write to the policy decides (policies/README.md, "Signing and rolling out")',
  ];
}
