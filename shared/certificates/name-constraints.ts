// Name constraints (RFC 5280 §4.2.1.10): under which names a CA may issue.
import { domainToASCII } from 'node:url';
import * as pkijs from 'pkijs';
import type { PeerName } from './peer-certificate.ts';
import type { ReadCertificate } from './read-certificate.ts';

type Base = { readonly type: number; readonly value: unknown };
const DIRECTORY_NAME = 4;
const DNS_NAME = 2;
const URI = 6;
const IP_ADDRESS = 7;
const OTHER_NAME = 0;

/**
 * Whether every name of `certificate` is inside what `constraints` permit and outside what they exclude.
 * SRVName and xmppAddr are held to the constraints on DNS names; the common name too where there is no SAN.
 * A constraint on a kind of name that we cannot compare refuses a certificate that carries such a name.
 */
export function isWithin(constraints: pkijs.NameConstraints, certificate: ReadCertificate): boolean {
  const permitted = basesOf(constraints.permittedSubtrees);
  const excluded = basesOf(constraints.excludedSubtrees);
  const { names, hasSan, commonName } = certificate.peer;
  const hosts: readonly PeerName[] = hasSan || commonName === undefined ? names : [{ kind: 'DNS', name: commonName }];
  return (
    hosts.every((name) => nameIsWithin(name, permitted, excluded)) &&
    subjectIsWithin(certificate.subjectName, permitted, excluded)
  );
}

function nameIsWithin(name: PeerName, permitted: readonly Base[], excluded: readonly Base[]): boolean {
  switch (name.kind) {
    case 'DNS':
      return domainIsWithin(name.name, DNS_NAME, permitted, excluded);
    case 'SRV':
    case 'xmppAddr': {
      if ([...permitted, ...excluded].some((base) => base.type === OTHER_NAME)) return false;
      return domainIsWithin(name.name.replace(/^_[a-z-]+\./i, ''), DNS_NAME, permitted, excluded);
    }
    case 'URI':
      return domainIsWithin(hostOf(name.name), URI, permitted, excluded);
    case 'IP':
      return ![...permitted, ...excluded].some((base) => base.type === IP_ADDRESS);
    default:
      return name.kind satisfies never;
  }
}

function domainIsWithin(name: string, type: number, permitted: readonly Base[], excluded: readonly Base[]): boolean {
  const allowed = permitted.filter((base) => base.type === type);
  const isUnder = (base: Base) => isSubdomain(name, base.value, type === URI);
  return (
    (allowed.length === 0 || allowed.some(isUnder)) && !excluded.some((base) => base.type === type && isUnder(base))
  );
}

/** For DNS the base and all below it; for URIs a base without a leading dot is that host alone. */
function isSubdomain(name: string, base: unknown, isUri: boolean): boolean {
  if (typeof base !== 'string') return false;
  const host = asciiHost(name);
  const root = asciiHost(base.replace(/^\./, ''));
  if (root === '') return true;
  if (host === root) return !(isUri && base.startsWith('.'));
  return (!isUri || base.startsWith('.')) && host.endsWith(`.${root}`);
}

function asciiHost(name: string): string {
  const lower = name.toLowerCase().replace(/\.$/, '');
  return /^[\x21-\x7e]*$/.test(lower) ? lower : domainToASCII(lower);
}

function hostOf(uri: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#:]+)/i.exec(uri)?.[1] ?? '';
}

function subjectIsWithin(
  subject: pkijs.RelativeDistinguishedNames,
  permitted: readonly Base[],
  excluded: readonly Base[],
): boolean {
  const parts = partsOf(subject);
  const isUnder = (base: Base) =>
    base.value instanceof pkijs.RelativeDistinguishedNames &&
    partsOf(base.value).every((part, index) => part === parts[index]);
  const allowed = permitted.filter((base) => base.type === DIRECTORY_NAME);
  if (parts.length === 0) return true;
  return (
    (allowed.length === 0 || allowed.some(isUnder)) &&
    !excluded.some((base) => base.type === DIRECTORY_NAME && isUnder(base))
  );
}

function partsOf(name: pkijs.RelativeDistinguishedNames): readonly string[] {
  return name.typesAndValues.map((each) => {
    const value: unknown = each.value.valueBlock.value;
    return `${each.type}=${typeof value === 'string' ? fold(value) : Buffer.from(each.value.toBER()).toString('hex')}`;
  });
}

function fold(value: string): string {
  return value.trim().replace(/\s+/g, ' ').toLowerCase();
}

function basesOf(subtrees: readonly pkijs.GeneralSubtree[] | undefined): readonly Base[] {
  return (subtrees ?? []).map((tree) => ({ type: tree.base.type, value: tree.base.value }));
}
