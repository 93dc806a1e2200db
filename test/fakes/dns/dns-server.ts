// A small authoritative DNS server on loopback (RFC 1035, RFC 2782) that sends a real XMPP server to places of a test.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

export type DnsServer = {
  readonly port: number;
  /** The questions so far, such as `SRV _xmpp-server._tcp.inner.example`; the newest 1,000. */
  questions(): readonly string[];
  stop(): Promise<void>;
};

/**
 * Starts it on 127.0.0.1, UDP, a free port. Each domain's `_xmpp-server._tcp` SRV record points to `s2s.DOMAIN`, whose
 * A record is the host (an IPv4 address). Anything else under those names exists without data; other names do not exist.
 */
export async function startDnsServer(
  places: ReadonlyMap<string, { readonly host: string; readonly port: number }>,
): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const questions: string[] = [];

  socket.on('message', (query, sender) => {
    const question = readQuestion(query);
    if (!question) return;
    questions.push(`${typeNames.get(question.type) ?? question.type} ${question.name}`);
    if (questions.length > 1_000) questions.shift();
    socket.send(answerTo(query, question, places), sender.port, sender.address);
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

type Question = { readonly name: string; readonly type: number; readonly end: number };

const A = 1;
const SRV = 33;
const typeNames = new Map([
  [A, 'A'],
  [6, 'SOA'],
  [28, 'AAAA'],
  [SRV, 'SRV'],
]);

function readQuestion(query: Buffer): Question | undefined {
  const isQuery = query.length >= 17 && (query.readUInt8(2) & 0x80) === 0 && query.readUInt16BE(4) === 1;
  if (!isQuery) return undefined;
  const labels: string[] = [];
  let at = 12;
  for (;;) {
    const length = query[at];
    if (length === undefined || length > 63 || at + length + 5 > query.length) return undefined;
    at += 1;
    if (length === 0) break;
    labels.push(query.toString('latin1', at, at + length));
    at += length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at), end: at + 4 };
}

function answerTo(
  query: Buffer,
  question: Question,
  places: ReadonlyMap<string, { readonly host: string; readonly port: number }>,
): Buffer {
  const domain = [...places.keys()].find((each) => question.name === each || question.name.endsWith(`.${each}`));
  const place = domain ? places.get(domain) : undefined;
  const record = domain && place ? recordFor(question, domain, place) : undefined;

  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  // Response, authoritative; what was asked for (recursion) is repeated and said to be available.
  header.writeUInt8(0x84 | (query.readUInt8(2) & 0x01), 2);
  header.writeUInt8(0x80 | (place ? 0 : 3), 3);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(record ? 1 : 0, 6);
  return Buffer.concat([header, query.subarray(12, question.end), ...(record ? [record] : [])]);
}

function recordFor(
  { name, type }: Question,
  domain: string,
  place: { readonly host: string; readonly port: number },
): Buffer | undefined {
  if (type === SRV && name === `_xmpp-server._tcp.${domain}`) {
    const priorityWeightPort = Buffer.alloc(6);
    priorityWeightPort.writeUInt16BE(place.port, 4);
    return record(SRV, Buffer.concat([priorityWeightPort, encodeName(`s2s.${domain}`)]));
  }
  if (type === A && name === `s2s.${domain}`) return record(A, Buffer.from(place.host.split('.').map(Number)));
  return undefined;
}

function record(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0); // the name of the question
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(60, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function encodeName(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}
