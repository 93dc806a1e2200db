// Which network a packet goes to: the inner domains are SIP's, all others are partners behind the proxy.
import type { Network } from '../adapters/adapter.ts';

export function chooseNetwork(domain: string, internal: ReadonlySet<string>): Network {
  return internal.has(domain) ? 'sip' : 'xmpp';
}
