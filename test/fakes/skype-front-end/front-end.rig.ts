// A fake front end and a gateway played by hand, for the tests of the fake.
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { type SkypeFrontEnd, startSkypeFrontEnd } from './front-end.ts';
import { answerTo, lines, listen, requestText, sdp, type Talk, type Tls, value } from './plain-gateway.ts';

export const fe = 'fe1.sfb.test';
export const gw = 'gw.xmpp.test';
export const contact = `Contact: <sip:${gw}:5061;transport=tls>`;
export const inviteHeaders = [
  contact,
  'Supported: ms-sender',
  'Ms-Conversation-ID: abc',
  'Ms-Text-Format: text/plain; charset=UTF-8;ms-body=SGVsbG8=',
  'Content-Type: application/sdp',
];
export const textHeaders = ['Content-Type: text/plain; charset=UTF-8'];

type Issue = (dns: readonly string[]) => { readonly certPem: string; readonly keyPem: string };

/** Listens as the gateway, and starts front ends that dial it; all of it ends with the test file. */
export async function newRig(issue: Issue, ca: string) {
  const tlsFor = (...dns: string[]): Tls => {
    const { certPem, keyPem } = issue(dns);
    return { cert: certPem, key: keyPem, ca };
  };
  const frontEndTls = tlsFor(fe);
  const gatewayTls = tlsFor(gw);
  const gateway = await listen(gatewayTls);
  const frontEnds: SkypeFrontEnd[] = [];
  after(async () => {
    gateway.stop();
    for (const frontEnd of frontEnds) await frontEnd.stop();
  });
  const start = async (tls: Tls = frontEndTls): Promise<SkypeFrontEnd> => {
    const frontEnd = await startSkypeFrontEnd({
      fqdn: fe,
      domain: 'sfb.test',
      users: ['romeo@sfb.test', 'tybalt@sfb.test'],
      ...tls,
      gateway: () => ({ fqdn: gw, host: '127.0.0.1', port: gateway.port }),
    });
    frontEnds.push(frontEnd);
    return frontEnd;
  };
  return { gateway, gatewayTls, tlsFor, start };
}

/** Answers the NEGOTIATE of a new connection as it must be answered. */
export async function refuseNegotiate(talk: Talk): Promise<string> {
  const negotiate = await talk.next();
  talk.send(answerTo(negotiate, '405 Method Not Allowed', 'n', ['Allow: INVITE']));
  return negotiate;
}

let counter = 0;

/** A request as our gateway would write it, from ann@out.example. */
export function ask(
  method: string,
  uri: string,
  more: {
    callId?: string;
    cseq?: number;
    to?: string;
    headers?: readonly string[];
    body?: string;
    via?: string;
  } = {},
): string {
  counter += 1;
  return requestText(
    `${method} ${uri}`,
    [
      more.via ?? `Via: SIP/2.0/TLS ${gw}:5061;branch=z9hG4bK${counter}`,
      'Max-Forwards: 70',
      'From: <sip:ann@out.example>;tag=ours',
      `To: ${more.to ?? `<${uri}>`}`,
      `Call-ID: ${more.callId ?? `call${counter}`}`,
      `CSeq: ${more.cseq ?? 1} ${method}`,
      ...(more.headers ?? []),
    ],
    more.body ?? '',
  );
}

/** Opens a conversation as the gateway does, and tells what in-dialog requests need. */
export async function openConversation(talk: Talk, callId: string) {
  talk.send(ask('INVITE', 'sip:romeo@sfb.test', { callId, headers: inviteHeaders, body: sdp }));
  assert.match(await talk.next(), /^SIP\/2\.0 100 /);
  assert.match(await talk.next(), /^SIP\/2\.0 180 /);
  const accepted = await talk.next();
  assert.match(accepted, /^SIP\/2\.0 200 /);
  const routes = lines(accepted, 'Record-Route')
    .map((line) => line.replace('Record-Route', 'Route').replace(/>.*/, '>'))
    .reverse();
  const uri = /<(.*)>/.exec(value(accepted, 'Contact'))?.[1] ?? '';
  const to = value(accepted, 'To');
  talk.send(ask('ACK', uri, { callId, to, headers: routes }));
  return { uri, to, routes };
}
