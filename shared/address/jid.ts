// Addresses as all of the product writes them: a JID (RFC 7622), prepared once, compared as text.
import { Buffer, isAscii } from 'node:buffer';
import { prepareDomain } from './domain-name.ts';
import { prepareLocal, prepareResource } from './precis.ts';

/**
 * A prepared address. `bare` is `local@domain`, or `domain` alone where `local` is empty. The domain has U-labels, for
 * XML and for comparison; DNS, TLS and SIP take `toAsciiDomain(domain)`.
 */
export type Jid = {
  readonly bare: string;
  readonly local: string;
  readonly domain: string;
  readonly resource: string;
};

const plainLocal = /^[!#-%(-.0-9;=?A-Z[-~]{1,1023}$/;
const plainResource = /^[ -~]{1,1023}$/;
const rememberedAtMost = 20_000;
const rememberedLength = 256;
const remembered = new Map<string, Jid>();

/**
 * Reads and prepares an address: PRECIS for local part and resource, IDNA2008 for the domain (J1 to J9).
 * Returns undefined for what is not an address (refusal code `jid-malformed`). RFC 7622 §3.
 * Results are remembered (20,000 at most, of 256 characters at most), so that equal addresses are mostly one object.
 */
export function parseJid(text: string): Jid | undefined {
  const known = remembered.get(text);
  if (known !== undefined) return known;
  if (text.length > rememberedLength) return jidOf(prepare(text));
  // The text may be a slice of all that was read with it; a copy lets go of that.
  const encoding = isAscii(Buffer.from(text)) ? 'latin1' : 'utf16le';
  const own = Buffer.from(text, encoding).toString(encoding);
  const jid = jidOf(prepare(own));
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

/** Prepares a domain name, as that of an address is; undefined for what is none. IP addresses are none (J5). */
export function parseDomain(text: string): string | undefined {
  const prepared = isKnown(text) ? prepareDomain(text) : undefined;
  return prepared !== undefined && 'text' in prepared ? prepared.text : undefined;
}

/** Why a text is no address, in words for an operator that begin with the part; undefined where it is one. */
export function addressTrouble(text: string): string | undefined {
  const prepared = prepare(text);
  return typeof prepared === 'string' ? prepared : undefined;
}

function jidOf(prepared: Jid | string): Jid | undefined {
  return typeof prepared === 'string' ? undefined : prepared;
}

/** The address, or the trouble with it. */
function prepare(text: string): Jid | string {
  if (text.length > 3071) return 'it has more than 3071 octets';
  if (!isKnown(text)) return 'it has a character that this version does not know';
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  const at = address.indexOf('@');
  const domain = prepareDomain(at < 0 ? address : address.slice(at + 1));
  if ('trouble' in domain) return `the domain ${domain.trouble}`;
  let local = '';
  if (at >= 0) {
    const written = address.slice(0, at);
    const prepared = plainLocal.test(written) ? { text: written.toLowerCase() } : prepareLocal(written);
    if ('trouble' in prepared) return `the name before the @ ${prepared.trouble}`;
    local = prepared.text;
  }
  let resource = '';
  if (slash >= 0) {
    const written = text.slice(slash + 1);
    const prepared = plainResource.test(written) ? { text: written } : prepareResource(written);
    if ('trouble' in prepared) return `the resource ${prepared.trouble}`;
    resource = prepared.text;
  }
  return { bare: local === '' ? domain.text : `${local}@${domain.text}`, local, domain: domain.text, resource };
}

// INVARIANT: what the running Unicode has not assigned is in no address, whatever the tables say: nothing would map it.
function isKnown(text: string): boolean {
  return !/\p{Cn}/u.test(text);
}
