// A small authoritative DNS server on loopback (RFC 1035, RFC 2782) that says what a test wants: records, and every trouble.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readQuestion, type Said, writeAnswer } from './dns-message.ts';

export type DnsServer = {
  readonly port: number;
  /** The questions so far, such as `SRV _xmpp-server._tcp.inner.example`; the newest 1,000. */
  questions(): readonly string[];
  stop(): Promise<void>;
};

export type Place = { readonly host: string; readonly port: number };

/** What it says to a question such as `SRV _xmpp-server._tcp.out.example`; asked at each question, so a test may change it. */
export type Zone = ReadonlyMap<string, Said>;

/**
 * Starts it on 127.0.0.1, UDP, a free port. Each domain in `places` has an `_xmpp-server._tcp` SRV record to `s2s.DOMAIN`,
 * whose A record is the host (an IPv4 address). `zone` says the rest, and goes before. Other types of a name that is known
 * have no data; other names do not exist.
 */
export async function startDnsServer(places: ReadonlyMap<string, Place>, zone: Zone = new Map()): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const questions: string[] = [];

  socket.on('message', (query, sender) => {
    const question = readQuestion(query);
    if (!question) return;
    questions.push(`${question.type} ${question.name}`);
    if (questions.length > 1_000) questions.shift();
    const said = zone.get(`${question.type} ${question.name}`) ?? saidOf(question, places, zone);
    if (said !== 'silence') socket.send(writeAnswer(query, question, said), sender.port, sender.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');

  return {
    port: socket.address().port,
    questions: () => questions,
    stop: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
}

function saidOf(
  { name, type }: { readonly name: string; readonly type: string },
  places: ReadonlyMap<string, Place>,
  zone: Zone,
): Said {
  const isKnown = [...zone.keys()].some((key) => key.endsWith(` ${name}`));
  const domain = [...places.keys()].find((each) => name === each || name.endsWith(`.${each}`));
  const place = domain === undefined ? undefined : places.get(domain);
  if (place === undefined) return isKnown ? [] : 'NXDOMAIN';
  if (type === 'SRV' && name === `_xmpp-server._tcp.${domain}`) {
    return [{ priority: 0, weight: 0, port: place.port, target: `s2s.${domain}` }];
  }
  return type === 'A' && name === `s2s.${domain}` ? [place.host] : [];
}
