// Another server as a measure: component → A → server-to-server TLS with EXTERNAL → B → component (XEP-0114), CPU per message.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { issueAuthority, issueCertificate } from '../../../deploy/certificates/issue.ts';
import { freePort } from '../../daemon.ts';
import { type StreamPart, streamCutter } from '../../fakes/xmpp-partner/read-xml.ts';
import { startEjabberd } from '../../interop/ejabberd.ts';
import { startProsody } from '../../interop/prosody.ts';
import type { XmppServer, XmppServerOptions } from '../../interop/xmpp-server.ts';
import { cpuMicros } from './cpu-time.ts';

export type Forwarder = 'Prosody' | 'ejabberd';

// Plain forwarding: acknowledgements would be work that is not asked of the pair either. ejabberd has none between servers.
const starts: Readonly<Record<Forwarder, (options: XmppServerOptions) => Promise<XmppServer>>> = {
  Prosody: (options) => startProsody({ ...options, streamManagement: false, logLevel: 'warn' }),
  ejabberd: (options) => startEjabberd({ ...options, logLevel: 'warning' }),
};

export type ForwardingRound = {
  readonly messages: number;
  /** CPU time of each server for one message, microseconds. */
  readonly cpuMicrosA: number;
  readonly cpuMicrosB: number;
  /** From the sender's write to the receiver's read, milliseconds. */
  readonly p50: number;
  readonly p99: number;
};

export type Forwarding = {
  /** Sends that many messages, at most `window` under way. Rejects after 120 s. */
  round(messages: number): Promise<ForwardingRound>;
  stop(): Promise<void>;
};

/**
 * Starts two servers and connects both components; one message went through when it resolves, so the stream is up.
 * `core` binds both servers to one processor core, `window` is 1,000 unless told.
 */
export async function startForwarding(
  forwarder: Forwarder,
  options: { readonly window?: number; readonly core?: number } = {},
): Promise<Forwarding> {
  const authority = issueAuthority({ name: `${forwarder} forwarding` });
  await using starting = new AsyncDisposableStack();
  const ports = { a: await freePort(), b: await freePort() };
  const start = async (own: 'a' | 'b', other: 'a' | 'b') => {
    const component = { domain: `load.${own}.example`, secret: 'load' };
    const { certPem, keyPem } = issueCertificate(authority, { dns: [`${own}.example`, component.domain] });
    const server = await starts[forwarder]({
      domain: `${own}.example`,
      users: [],
      certs: { cert: certPem, key: keyPem, ca: authority.certPem },
      hosts: new Map([[`load.${other}.example`, { host: '127.0.0.1', port: ports[other] }]]),
      s2sPort: ports[own],
      component,
      ...(options.core !== undefined && { core: options.core }),
    });
    starting.defer(server.stop);
    const connected = await connectComponent(server.componentPort, component);
    starting.defer(async () => void connected.socket.destroy());
    return { server, connected };
  };
  const a = await start('a', 'b');
  const b = await start('b', 'a');
  const measure = async (messages: number): Promise<ForwardingRound> => {
    const before = [cpuMicros(a.server.pid()), cpuMicros(b.server.pid())] as const;
    const times = await pump(a.connected, b.connected, messages, options.window ?? 1_000);
    const spent = (pid: number, since: number) => (cpuMicros(pid) - since) / messages;
    times.sort();
    return {
      messages,
      cpuMicrosA: spent(a.server.pid(), before[0]),
      cpuMicrosB: spent(b.server.pid(), before[1]),
      p50: times[Math.floor(messages * 0.5)] ?? 0,
      p99: times[Math.floor(messages * 0.99)] ?? 0,
    };
  };
  await measure(1);
  const started = starting.move();
  return { round: measure, stop: () => started.disposeAsync() };
}

type Component = { readonly socket: Socket; listen(take: (part: StreamPart) => void): void };

async function connectComponent(
  port: number,
  { domain, secret }: { readonly domain: string; readonly secret: string },
): Promise<Component> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await once(socket, 'connect');
  const cutter = streamCutter();
  const decoder = new StringDecoder('utf8');
  const accepted = Promise.withResolvers<void>();
  let take = (part: StreamPart) => {
    if (part.kind === 'header') {
      const proof = createHash('sha1')
        .update(`${part.attributes.get('id')}${secret}`)
        .digest('hex');
      socket.write(`<handshake>${proof}</handshake>`);
    } else if (part.kind === 'element' && part.raw.startsWith('<handshake')) accepted.resolve();
    else accepted.reject(new Error(`${domain}: the component was refused`));
  };
  socket.on('data', (bytes: Buffer) => {
    for (const part of cutter.push(decoder.write(bytes))) take(part);
  });
  socket.on('error', () => {});
  socket.on('close', () => accepted.reject(new Error(`${domain}: the connection ended`)));
  socket.write(
    `<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' to='${domain}'>`,
  );
  await accepted.promise;
  return {
    socket,
    listen: (next) => {
      take = next;
    },
  };
}

function pump(from: Component, to: Component, messages: number, window: number): Promise<Float64Array> {
  const sentAt = new Float64Array(messages);
  const took = new Float64Array(messages);
  const { promise, resolve, reject } = Promise.withResolvers<Float64Array>();
  const late = setTimeout(() => reject(new Error(`${came} of ${messages} messages came within 120 s`)), 120_000);
  let sent = 0;
  let came = 0;
  let filling = false;
  const fill = () => {
    filling = false;
    const piece: string[] = [];
    for (; sent < messages && sent - came < window; sent += 1) {
      sentAt[sent] = performance.now();
      piece.push(messageNumber(sent));
    }
    if (piece.length > 0) from.socket.write(piece.join(''));
  };
  to.listen((part) => {
    if (part.kind !== 'element') return;
    const id = Number(/\sid=["'](\d+)["']/.exec(part.raw)?.[1]);
    took[id] = performance.now() - (sentAt[id] ?? 0);
    came += 1;
    if (came === messages) resolve(took);
    if (filling) return;
    filling = true;
    setImmediate(fill);
  });
  from.listen((part) => {
    if (part.kind === 'element') reject(new Error(`the sender got an answer: ${part.raw}`));
  });
  fill();
  return promise.finally(() => clearTimeout(late));
}

function messageNumber(id: number): string {
  return `<message from='ann@load.a.example/desk' to='bob@load.b.example' id='${id}' type='chat' xml:lang='en'><body>${text}</body><active xmlns='http://jabber.org/protocol/chatstates'/><request xmlns='urn:xmpp:receipts'/></message>`;
}

// 80 characters, as in the other measurements.
const text = 'The minutes of the meeting are in the usual place; please read them before noon.';
