// A front end that a test plays by hand: it listens, and answers each request by a function.
import { createServer, type TLSSocket } from 'node:tls';
import { atEnd, authority, pool } from './rig.ts';

export type ByHand = {
  readonly port: number;
  /** Everything that came, in order, as text; one request each as long as they come one by one. */
  readonly heard: string[];
  readonly sockets: Set<TLSSocket>;
};

/** `answer` gets the text of each request, and returns what is written back. */
export async function frontEndByHand(answer: (request: string) => string): Promise<ByHand> {
  const heard: string[] = [];
  const sockets = new Set<TLSSocket>();
  const server = createServer(
    { cert: pool.certPem, key: pool.keyPem, ca: authority.certPem, requestCert: true, rejectUnauthorized: true },
    (socket) => {
      sockets.add(socket);
      let rest = '';
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
      socket.on('data', (chunk: Buffer) => {
        rest += chunk.toString('latin1');
        for (;;) {
          const end = rest.indexOf('\r\n\r\n');
          if (end < 0) return;
          const length = Number(/\r\nContent-Length: (\d+)/.exec(rest)?.[1] ?? 0);
          if (rest.length < end + 4 + length) return;
          const request = rest.slice(0, end + 4 + length);
          rest = rest.slice(request.length);
          heard.push(request);
          const back = answer(request);
          if (back !== '') socket.write(back);
        }
      });
    },
  );
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  atEnd(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port, heard, sockets };
}

/** The value of a header line of a request. */
export function line(request: string, name: string): string {
  return new RegExp(`\\r\\n${name}: (.*)\\r\\n`, 'i').exec(request)?.[1] ?? '';
}

/** A final response to a request of the adapter's. */
export function respond(request: string, status: number, tag: string, more: readonly string[] = [], body = ''): string {
  const to = line(request, 'To');
  const lines = [
    `SIP/2.0 ${status} Whatever`,
    `Via: ${line(request, 'Via')}`,
    `From: ${line(request, 'From')}`,
    `To: ${to.includes(';tag=') ? to : `${to};tag=${tag}`}`,
    `Call-ID: ${line(request, 'Call-ID')}`,
    `CSeq: ${line(request, 'CSeq')}`,
    ...more,
    `Content-Length: ${body.length}`,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
