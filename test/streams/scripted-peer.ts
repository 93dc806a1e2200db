// A peer that says exactly what a test tells it to, over a real socket and real TLS.
import { connect, createServer, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, createSecureContext, TLSSocket } from 'node:tls';
import type { Issued } from '../../deploy/certificates/issue.ts';

export type Peer = {
  readonly say: (text: string) => void;
  /** All that came since the last `hear`, as soon as it contains `what`. */
  readonly hear: (what: string) => Promise<string>;
  /** Takes what has come so far. */
  readonly heard: () => string;
  /** Resolves when the other end has closed or cut the connection. */
  readonly closed: Promise<void>;
  readonly isClosed: () => boolean;
  readonly tlsAsClient: (options: ConnectionOptions) => Promise<Peer>;
  readonly tlsAsServer: (issued: Issued) => Promise<Peer>;
  readonly socket: Socket;
};

export function peerOn(socket: Socket): Peer {
  let text = '';
  let shut = false;
  let wake = (): void => {};
  const onData = (chunk: Buffer): void => {
    text += chunk.toString('utf8');
    wake();
  };
  socket.on('data', onData);
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => {
    const close = (): void => {
      shut = true;
      wake();
      resolve();
    };
    socket.on('end', close);
    socket.on('close', close);
  });
  return {
    socket,
    closed,
    isClosed: () => shut,
    say: (words) => socket.write(words),
    heard() {
      const all = text;
      text = '';
      return all;
    },
    async hear(what) {
      const end = Date.now() + 3_000;
      while (!text.includes(what)) {
        if (shut) throw new Error(`closed before ${what} came; heard: ${text}`);
        if (Date.now() > end) throw new Error(`${what} did not come; heard: ${text}`);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, 100);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      const at = text.indexOf(what) + what.length;
      const before = text.slice(0, at);
      text = text.slice(at);
      return before;
    },
    tlsAsClient(options) {
      socket.off('data', onData);
      return new Promise((resolve, reject) => {
        const secure = connectTls({ socket, rejectUnauthorized: false, servername: 'in.example', ...options });
        secure.once('secureConnect', () => resolve(peerOn(secure)));
        secure.once('error', reject);
        secure.once('close', () => reject(new Error('closed in the handshake')));
      });
    },
    tlsAsServer(issued) {
      socket.off('data', onData);
      return new Promise((resolve) => {
        const secureContext = createSecureContext({ cert: issued.certPem, key: issued.keyPem });
        const secure = new TLSSocket(socket, {
          isServer: true,
          secureContext,
          requestCert: true,
          rejectUnauthorized: false,
        });
        secure.once('secure', () => resolve(peerOn(secure)));
      });
    },
  };
}

export async function dial(port: number): Promise<Peer> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  const peer = peerOn(socket);
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return peer;
}

/** A port of a scripted server; each connection is handed to `script`. */
export async function listenScripted(script: (peer: Peer, connection: number) => Promise<void>, fixedPort = 0) {
  const sockets: Socket[] = [];
  const faults: unknown[] = [];
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.push(socket);
    script(peerOn(socket), sockets.length).catch((error: unknown) => faults.push(error));
  });
  await new Promise<void>((resolve) => server.listen(fixedPort, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    port,
    faults,
    connections: () => sockets.length,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

const streams = 'xmlns:stream="http://etherx.jabber.org/streams"';

export function header(attributes = 'from="out.example" to="in.example" version="1.0"', ns = 'jabber:server'): string {
  return `<?xml version="1.0"?><stream:stream xmlns="${ns}" ${streams} ${attributes}>`;
}

export const startTls = '<starttls xmlns="urn:ietf:params:xml:ns:xmpp-tls"/>';

export function auth(text = Buffer.from('out.example').toString('base64'), mechanism = 'EXTERNAL'): string {
  return `<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="${mechanism}">${text}</auth>`;
}

/** Dials and goes as far as the features that offer SASL, or whatever comes instead of them. */
export async function secureClient(port: number, issued: Issued, chain = ''): Promise<Peer> {
  const plain = await dial(port);
  plain.say(header());
  await plain.hear('</stream:features>');
  plain.say(startTls);
  await plain.hear('<proceed xmlns="urn:ietf:params:xml:ns:xmpp-tls"/>');
  return plain.tlsAsClient({ cert: issued.certPem + chain, key: issued.keyPem });
}

/** Dials, proves to be out.example, and stands before its third header. */
export async function authenticatedClient(port: number, issued: Issued): Promise<Peer> {
  const peer = await secureClient(port, issued);
  peer.say(header());
  await peer.hear('</stream:features>');
  peer.say(auth());
  await peer.hear('<success xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>');
  return peer;
}

/** A whole stream of out.example. */
export async function connectedClient(port: number, issued: Issued): Promise<Peer> {
  const peer = await authenticatedClient(port, issued);
  peer.say(header());
  await peer.hear('</stream:features>');
  return peer;
}

const answer = (id: string, attributes = 'from="out.example" to="in.example"'): string =>
  header(`${attributes} id="${id}" version="1.0"`);

/** As the server of out.example, or another: up to TLS. */
export async function acceptTls(peer: Peer, issued: Issued, domain = 'out.example'): Promise<Peer> {
  await peer.hear('xml:lang="en">');
  const names = `from="${domain}" to="in.example"`;
  peer.say(
    `${answer('a1', names)}<stream:features>${startTls.replace('/>', '><required/></starttls>')}</stream:features>`,
  );
  await peer.hear(startTls);
  peer.say('<proceed xmlns="urn:ietf:params:xml:ns:xmpp-tls"/>');
  return peer.tlsAsServer(issued);
}

export const externalFeatures =
  '<stream:features><mechanisms xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><mechanism>EXTERNAL</mechanism></mechanisms></stream:features>';

/** As the server of out.example: a whole stream; `features` are those of its end. */
export async function acceptStream(plain: Peer, issued: Issued, features = ''): Promise<Peer> {
  const peer = await acceptTls(plain, issued);
  await peer.hear('xml:lang="en">');
  peer.say(answer('a2') + externalFeatures);
  await peer.hear('</auth>');
  peer.say('<success xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>');
  await peer.hear('xml:lang="en">');
  peer.say(`${answer('a3')}<stream:features>${features}</stream:features>`);
  return peer;
}

/** The id of the ping in what was heard. */
export function pingIn(words: string): string {
  return / id="([^"]+)"[^>]*><ping /.exec(words)?.[1] ?? '';
}
