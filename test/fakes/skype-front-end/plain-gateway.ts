// The other end for the fake front end's own test: TLS sockets and SIP as plain text, no reader, no state.
import { connect, createServer, type TLSSocket } from 'node:tls';

export type Tls = { readonly cert: string; readonly key: string; readonly ca: string };

export type Talk = {
  readonly send: (text: string) => void;
  /** The next message, whole; keep-alives are left out. */
  readonly next: () => Promise<string>;
  readonly ended: Promise<void>;
  readonly close: () => void;
};

/** Messages of one socket as text. Bodies must be ASCII for the count of characters to be that of bytes. */
export function talkOver(socket: TLSSocket): Talk {
  let text = '';
  const ready: string[] = [];
  const waiting: ((message: string) => void)[] = [];
  socket.setEncoding('latin1');
  socket.on('data', (chunk) => {
    text = (text + String(chunk)).replace(/^(?:\r\n)+/, '');
    for (;;) {
      const head = text.indexOf('\r\n\r\n');
      if (head < 0) return;
      const size = Number(/^content-length:\s*(\d+)/im.exec(text.slice(0, head))?.[1] ?? 0);
      if (text.length < head + 4 + size) return;
      const message = text.slice(0, head + 4 + size);
      text = text.slice(head + 4 + size).replace(/^(?:\r\n)+/, '');
      const take = waiting.shift();
      if (take === undefined) ready.push(message);
      else take(message);
    }
  });
  socket.on('error', () => {});
  return {
    send: (message) => void socket.write(message),
    next: () => {
      const first = ready.shift();
      if (first !== undefined) return Promise.resolve(first);
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('no SIP message came within 3 s')), 3000);
        waiting.push((message) => {
          clearTimeout(timer);
          resolve(message);
        });
      });
    },
    ended: new Promise((resolve) => socket.once('close', () => resolve())),
    close: () => socket.destroy(),
  };
}

/** Dials the front end. */
export function dial(port: number, servername: string, tls: Tls): Promise<Talk> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, servername, ...tls });
    socket.once('secureConnect', () => resolve(talkOver(socket)));
    socket.once('error', reject);
  });
}

/** Listens as the gateway does; `accepted` gives the next connection of the front end. */
export async function listen(tls: Tls) {
  const ready: Talk[] = [];
  const waiting: ((talk: Talk) => void)[] = [];
  const sockets = new Set<TLSSocket>();
  const server = createServer({ ...tls, requestCert: true, rejectUnauthorized: true }, (socket) => {
    sockets.add(socket);
    const talk = talkOver(socket);
    const take = waiting.shift();
    if (take === undefined) ready.push(talk);
    else take(talk);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  return {
    port: bound !== null && typeof bound === 'object' ? bound.port : 0,
    accepted: (): Promise<Talk> => {
      const first = ready.shift();
      return first === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(first);
    },
    stop: (): void => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** All lines of one header, as written. */
export function lines(message: string, name: string): readonly string[] {
  const head = message.slice(0, message.indexOf('\r\n\r\n'));
  return head.split('\r\n').filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`));
}

export function value(message: string, name: string): string {
  return lines(message, name)[0]?.replace(/^[^:]*:\s*/, '') ?? '';
}

/** An answer that repeats what must be repeated. `toTag` is added where the request's To has none. */
export function answerTo(
  request: string,
  status: string,
  toTag: string,
  more: readonly string[] = [],
  body = '',
): string {
  const to =
    value(request, 'To').includes(';tag=') || toTag === ''
      ? value(request, 'To')
      : `${value(request, 'To')};tag=${toTag}`;
  return [
    `SIP/2.0 ${status}`,
    ...lines(request, 'Via'),
    ...lines(request, 'Record-Route'),
    ...lines(request, 'From'),
    `To: ${to}`,
    ...lines(request, 'Call-ID'),
    ...lines(request, 'CSeq'),
    ...more,
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
}

export function requestText(line: string, headers: readonly string[], body = ''): string {
  return [`${line} SIP/2.0`, ...headers, `Content-Length: ${body.length}`, '', body].join('\r\n');
}

export const sdp =
  'v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=session\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=message 5061 sip null\r\na=accept-types:text/plain text/html\r\n';
