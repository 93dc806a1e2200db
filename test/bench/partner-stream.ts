// A partner's stream for the door's bench: as little of a server as gets in, so that what is measured is the proxy.
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { auth, dial, header, type Peer, peerOn, startTls } from '../streams/scripted-peer.ts';
import type { BenchPartner, CrowdedSite } from './crowded-site.ts';

export type Transport = 'starttls' | 'direct';

/** Dials the door, shakes hands, proves the domain, and stands behind the last features. */
export async function openStream(
  { lab }: CrowdedSite,
  partner: BenchPartner,
  transport: Transport = 'starttls',
): Promise<Peer> {
  const to = lab.internalDomains[0] ?? '';
  const greet = header(`from="${partner.domain}" to="${to}" version="1.0"`);
  const proof = { cert: partner.certPem, key: partner.keyPem, servername: to, rejectUnauthorized: false };
  const peer =
    transport === 'direct' ? await direct(lab.proxy.directTls, proof) : await upgraded(lab.proxy.s2s, greet, proof);
  peer.say(greet);
  await peer.hear('</stream:features>');
  peer.say(auth(Buffer.from(partner.domain).toString('base64')));
  await peer.hear('<success xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>');
  peer.say(greet);
  await peer.hear('</stream:features>');
  return peer;
}

type Proof = { readonly cert: string; readonly key: string; readonly servername: string };

async function upgraded(port: number, greet: string, proof: Proof): Promise<Peer> {
  const plain = await dial(port);
  plain.say(greet);
  await plain.hear('</stream:features>');
  plain.say(startTls);
  await plain.hear('<proceed xmlns="urn:ietf:params:xml:ns:xmpp-tls"/>');
  return plain.tlsAsClient(proof);
}

async function direct(port: number, proof: Proof): Promise<Peer> {
  const socket = connectTls({
    ...proof,
    socket: connect({ port, host: '127.0.0.1', noDelay: true }),
    rejectUnauthorized: false,
  });
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  return peerOn(socket);
}
