// Addresses as all of the product writes them: a JID (RFC 7622), prepared once, compared as text.
// ASCII only for now; whatever else is refused as malformed. PRECIS takes this file's place with its tables.
import { Buffer, isAscii } from 'node:buffer';

/** A prepared address. `bare` is `local@domain`, or `domain` alone where `local` is empty. */
export type Jid = {
  readonly bare: string;
  readonly local: string;
  readonly domain: string;
  readonly resource: string;
};

const localPattern = /^[!#-%(-.0-9;=?A-Z[-~]{1,1023}$/;
const labelPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const resourcePattern = /^[ -~]{1,1023}$/;
const rememberedAtMost = 20_000;
const rememberedLength = 256;
const remembered = new Map<string, Jid>();

/**
 * Reads and prepares an address: lower case for local part and domain, the resource as it stands.
 * Returns undefined for what is not an address (refusal code `jid-malformed`). RFC 7622 §3, xmpp-boundary J1, J2.
 * Results are remembered (20,000 at most, of 256 characters at most), so that equal addresses are mostly one object.
 */
export function parseJid(text: string): Jid | undefined {
  const known = remembered.get(text);
  if (known !== undefined) return known;
  if (text.length > rememberedLength) return prepare(text);
  // The text may be a slice of all that was read with it; a copy lets go of that. Beyond ASCII it is no address.
  const own = isAscii(Buffer.from(text)) ? Buffer.from(text, 'latin1').toString('latin1') : '';
  const jid = prepare(own);
  if (jid === undefined) return undefined;
  if (remembered.size >= rememberedAtMost) remembered.clear();
  remembered.set(own, jid);
  return jid;
}

/** The address as text, with its resource where it has one. */
export function jidText(jid: Jid): string {
  return jid.resource === '' ? jid.bare : `${jid.bare}/${jid.resource}`;
}

/** The same address without its resource. */
export function bareJid(jid: Jid): Jid {
  return jid.resource === '' ? jid : { bare: jid.bare, local: jid.local, domain: jid.domain, resource: '' };
}

/** Prepares a domain name: lower case, one trailing dot removed, LDH labels. IP addresses are refused (J5). */
export function parseDomain(text: string): string | undefined {
  const domain = (text.endsWith('.') ? text.slice(0, -1) : text).toLowerCase();
  if (domain.length === 0 || domain.length > 253) return undefined;
  const labels = domain.split('.');
  if (!labels.every((label) => labelPattern.test(label))) return undefined;
  // An A-label stands for a name that we cannot prepare yet; a last label of digits is an IPv4 address.
  if (labels.some((label) => label.startsWith('xn--')) || /^\d+$/.test(labels.at(-1) ?? '')) return undefined;
  return domain;
}

function prepare(text: string): Jid | undefined {
  if (text.length > 3071) return undefined;
  const slash = text.indexOf('/');
  const resource = slash < 0 ? '' : text.slice(slash + 1);
  if (slash >= 0 && !resourcePattern.test(resource)) return undefined;
  const address = slash < 0 ? text : text.slice(0, slash);
  const at = address.indexOf('@');
  const local = at < 0 ? '' : address.slice(0, at);
  if (at >= 0 && !localPattern.test(local)) return undefined;
  const domain = parseDomain(at < 0 ? address : address.slice(at + 1));
  if (domain === undefined) return undefined;
  const prepared = local.toLowerCase();
  return { bare: prepared === '' ? domain : `${prepared}@${domain}`, local: prepared, domain, resource };
}
