// Ends of a shared stream, for the tests of XEP-0288: a whole proxy of ours, and partners that ask for it or offer it.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Partner } from '../../shared/policy/policy.ts';
import { acceptTls, auth, externalFeatures, header, listenScripted, type Peer, secureClient } from './scripted-peer.ts';
import { dialOut, partner, policyOf, type Received, type ServerOptions, serve, theirs } from './setting.ts';

const feature = '<bidi xmlns="urn:xmpp:features:bidi"/>';
export const bidi = '<bidi xmlns="urn:xmpp:bidi"/>';
export const success = '<success xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>';
export const both = (port = 1, more: Partial<Partner> = {}): Partner => ({
  ...partner('out.example', port),
  bidi: true,
  ...more,
});

/** Both sides of one proxy: its door and its own streams, joined as main.ts joins them. */
export async function whole(t: TestContext, options: ServerOptions = {}) {
  const received: Received[] = [];
  const receive: NonNullable<ServerOptions['receive']> = (element, bytes, stream, handled) => {
    received.push({ element, stream });
    if (options.receive !== undefined) return options.receive(element, bytes, stream, handled);
    handled();
  };
  const policy = options.policy ?? (() => policyOf(both()));
  const { streams } = dialOut(policy, { ...options, receive });
  const { listener } = await serve({ ...options, policy, receive, carry: streams.carry });
  t.after(async () => {
    await listener.stop('system-shutdown');
    await streams.stop('system-shutdown');
  });
  return { listener, streams, received };
}

/** out.example as a client that has asked for bidi. */
export async function bidiClient(port: number, asks = bidi): Promise<Peer> {
  const peer = await secureClient(port, theirs);
  peer.say(header());
  assert.match(await peer.hear('</stream:features>'), /<bidi xmlns="urn:xmpp:features:bidi"\/>/);
  peer.say(asks + auth());
  await peer.hear(success);
  peer.say(header());
  await peer.hear('</stream:features>');
  return peer;
}

/** out.example as a server that offers bidi; `then` gets the stream and what was said before SASL. */
export function bidiServer(t: TestContext, then: (peer: Peer, asked: string) => Promise<void>, features = '') {
  const made = listenScripted(async (plain) => {
    const peer = await acceptTls(plain, theirs);
    await peer.hear('xml:lang="en">');
    const told = (id: string) => header(`from="out.example" to="in.example" id="${id}" version="1.0"`);
    peer.say(told('a2') + externalFeatures.replace('</stream:features>', `${feature}</stream:features>`));
    const asked = await peer.hear('</auth>');
    peer.say(success);
    await peer.hear('xml:lang="en">');
    peer.say(`${told('a3')}<stream:features>${features}</stream:features>`);
    await then(peer, asked);
  });
  t.after(async () => (await made).close());
  return made;
}
