// Openfire as it stands on the wire, replayed by hand (xmpp-boundary §4.3): its headers, its order, its narrow reader.
import { createHash } from 'node:crypto';
import type { Issued } from '../../deploy/certificates/issue.ts';
import { dial, type Peer } from './scripted-peer.ts';

const declared =
  'xmlns:stream="http://etherx.jabber.org/streams" xmlns="jabber:server" xmlns:db="jabber:server:dialback"';

/** What it says first on a connection that it opens; an XML declaration on a line of its own, and no language. */
export const openfireHeader = (from = 'out.example', to = 'in.example'): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<stream:stream ${declared} to="${to}" from="${from}" version="1.0">`;

/** What it answers a header with: in one write with its features. `id` is a short random text of its own. */
export const openfireAnswer = (id: string, features: string): string =>
  `<?xml version='1.0' encoding='UTF-8'?><stream:stream ${declared} from="out.example" to="in.example" id="${id}" xml:lang="en" version="1.0"><stream:features>${features}</stream:features>`;

export const startTlsAndDialback =
  '<starttls xmlns="urn:ietf:params:xml:ns:xmpp-tls"/><dialback xmlns="urn:xmpp:features:dialback"/>';
/** Behind TLS, to a peer whose certificate it does not believe: an empty list of mechanisms. */
export const noMechanisms =
  '<mechanisms xmlns="urn:ietf:params:xml:ns:xmpp-sasl"></mechanisms><dialback xmlns="urn:xmpp:features:dialback"><errors/></dialback>';

/** Its key: a digest of the stream's id and a secret of ten letters; the domains are no part of it. */
export const openfireKey = (id: string): string => createHash('sha1').update(`${id}k3jDl20xQz`).digest('hex');

/**
 * What its reader makes of our words: it cuts at tags, knows the stream's own elements by their local names and dialback by
 * the literal prefix `db`, and closes at anything else. Undefined: it goes on.
 */
export function openfireObjects(words: string): string | undefined {
  const known =
    /^(stream:stream|stream:features|stream:error|db:result|db:verify|auth|response|starttls|message|presence|iq)$/;
  let depth = 0;
  for (const [, slash, name = '', rest = ''] of words
    .replace(/<\?xml[^>]*\?>/g, '')
    .matchAll(/<(\/?)([^\s/>]+)([^>]*)>/g)) {
    if (name === 'stream:stream') continue;
    if (slash === '/') {
      depth -= 1;
      continue;
    }
    if (depth === 0 && !known.test(name)) return name;
    if (!rest.endsWith('/')) depth += 1;
  }
  return undefined;
}

/** As Openfire dials: a connection that it drops at once, then the real one; through STARTTLS to its second header's answer. */
export async function openfireDials(port: number, issued: Issued): Promise<Peer & { readonly words: string }> {
  const probe = await dial(port);
  probe.socket.end();
  const plain = await dial(port);
  plain.say(openfireHeader());
  await plain.hear('</stream:features>');
  plain.say("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
  await plain.hear('<proceed xmlns="urn:ietf:params:xml:ns:xmpp-tls"/>');
  const peer = await plain.tlsAsClient({ cert: issued.certPem, key: issued.keyPem });
  peer.say(openfireHeader());
  return { ...peer, words: await peer.hear('</stream:features>') };
}

/** Its idle handler: a connection that brings no byte for so long is closed by it, whoever opened it. */
export function closesWhenIdle(peer: Peer, ms: number): void {
  let timer = setTimeout(() => peer.socket.destroy(), ms);
  peer.socket.on('data', () => {
    clearTimeout(timer);
    timer = setTimeout(() => peer.socket.destroy(), ms);
  });
  peer.socket.once('close', () => clearTimeout(timer));
}
