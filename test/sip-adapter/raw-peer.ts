// A SIP peer that a test plays by hand: TLS to the adapter, bytes as written, bytes as they come back.
import { connect, type TLSSocket } from 'node:tls';
import type { Issued } from '../../deploy/certificates/issue.ts';
import { atEnd, authority, fqdn, pool } from './rig.ts';

export type RawPeer = {
  readonly write: (text: string) => void;
  /** Waits for the next response; fails after 3 s. */
  readonly response: () => Promise<{ readonly status: number; readonly text: string }>;
  /** Waits until the adapter has closed the connection. */
  readonly closed: Promise<void>;
  /** What came and was not taken as a response. */
  readonly rest: () => string;
  readonly end: () => void;
};

export async function rawPeer(port: number, certificate: Issued | 'none' = pool): Promise<RawPeer> {
  const socket = await new Promise<TLSSocket>((resolve, reject) => {
    const started = connect({
      host: '127.0.0.1',
      port,
      servername: fqdn,
      ca: authority.certPem,
      ...(certificate === 'none' ? {} : { cert: certificate.certPem, key: certificate.keyPem }),
    });
    started.once('secureConnect', () => resolve(started));
    started.once('error', reject);
  });
  atEnd(() => socket.destroy());
  let rest = '';
  let wake = () => {};
  socket.on('data', (chunk: Buffer) => {
    rest += chunk.toString();
    wake();
  });
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
  function take(): { status: number; text: string } | undefined {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0 || !rest.startsWith('SIP/2.0 ')) return undefined;
    const length = Number(/\r\nContent-Length: (\d+)/.exec(rest)?.[1] ?? 0);
    const text = rest.slice(0, end + 4 + length);
    rest = rest.slice(text.length);
    return { status: Number(text.slice(8, 11)), text };
  }
  return {
    write: (text) => socket.write(text),
    async response() {
      const until = Date.now() + 3_000;
      for (;;) {
        const found = take();
        if (found !== undefined) return found;
        if (Date.now() > until) throw new Error(`no response; there is: ${rest}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
          setTimeout(resolve, 100);
        });
      }
    },
    closed,
    rest: () => rest,
    end: () => socket.destroy(),
  };
}

let requests = 0;

/** A request as a front end writes it; `headers` replaces or adds lines, an empty value leaves one out. */
export function request(
  method: string,
  headers: Readonly<Record<string, string>> = {},
  body = '',
  uri = 'sip:ann@out.example',
): string {
  const number = ++requests;
  const all: Record<string, string> = {
    Via: `SIP/2.0/TLS 10.1.2.3:5061;branch=z9hG4bK${number}.raw;branched=FALSE`,
    'Max-Forwards': '69',
    From: '"Bob"<sip:bob@in.example>;tag=7be9;epid=a4ac',
    To: '<sip:ann@out.example>',
    'Call-ID': `call-${number}`,
    CSeq: `1 ${method}`,
    'Content-Type': body === '' ? '' : 'text/plain; charset=UTF-8',
    'Content-Length': String(Buffer.byteLength(body)),
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === '' ? [] : [`${name}: ${value}`]));
  return `${method} ${uri} SIP/2.0\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}

export const offer =
  'v=0\r\no=- 0 0 IN IP4 172.24.1.9\r\ns=session\r\nc=IN IP4 172.24.1.9\r\nt=0 0\r\n' +
  'm=message 5060 sip null\r\na=accept-types:text/plain text/html\r\n';

export const contact = '<sip:bob@in.example;opaque=user:epid:qKP5AAA;gruu>';
