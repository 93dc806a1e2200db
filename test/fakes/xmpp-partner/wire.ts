// One XML stream of a test peer over TCP and then TLS: reads parts one by one or as they come, writes joined.
import type { Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import {
  type ConnectionOptions,
  connect as connectTls,
  createServer as createTlsServer,
  type TLSSocket,
  type TlsOptions,
} from 'node:tls';
import { type Element, parseElement, type StreamPart, streamCutter } from './read-xml.ts';

/** What the peer did next. `gone`: the connection ended, with what the platform said about it. */
export type Heard =
  | { readonly kind: 'header'; readonly attributes: ReadonlyMap<string, string>; readonly raw: string }
  | { readonly kind: 'element'; readonly element: Element; readonly raw: string }
  | { readonly kind: 'end' }
  | { readonly kind: 'gone'; readonly why: string };

export type Wire = {
  /** The next thing that the peer did; rejects after `within` milliseconds. After the end it is `gone` for ever. */
  next(within: number): Promise<Heard>;
  /** From now on everything goes to this function as it comes. */
  listen(listener: (heard: Heard) => void): void;
  /** Writes; what is written in one turn of the event loop leaves as one piece. Resolves when there is room for more. */
  write(xml: string): Promise<void>;
  /** TLS from here on, as the client (`connect`) or as the server (`answer`). Forgets what was read. */
  connectSecurely(options: ConnectionOptions): Promise<TLSSocket>;
  answerSecurely(options: TlsOptions): Promise<TLSSocket>;
  /** A new stream begins on the same connection (RFC 6120 §4.3.3). */
  restart(): void;
  pause(): void;
  resume(): void;
  /** Closes the stream and then the connection. */
  end(): Promise<void>;
  destroy(): void;
  readonly closed: Promise<string>;
  readonly isOpen: () => boolean;
};

/** The wire over a connected socket. `note` is told every piece of XML in ('<') and out ('>'). */
export function openWire(plain: Socket, note: (direction: '<' | '>', xml: string) => void): Wire {
  let socket = plain;
  let cutter = streamCutter();
  let decoder = new StringDecoder('utf8');
  let open = true;
  let why = '';
  let leaving: string[] = [];
  let flushing: Promise<void> | undefined;
  let listener: ((heard: Heard) => void) | undefined;
  const heard: Heard[] = [];
  let waiting: ((heard: Heard) => void) | undefined;
  const ended = Promise.withResolvers<string>();

  const hear = (what: Heard) => {
    const taker = waiting;
    waiting = undefined;
    if (listener) listener(what);
    else if (taker) taker(what);
    else if (heard.length < 10_000) heard.push(what);
  };
  const onData = (bytes: Buffer) => {
    let parts: readonly StreamPart[];
    try {
      parts = cutter.push(decoder.write(bytes));
      for (const part of parts) {
        note('<', part.kind === 'end' ? '</stream:stream>' : part.raw);
        if (part.kind === 'element') hear({ kind: 'element', raw: part.raw, element: parseElement(part.raw) });
        else hear(part);
      }
    } catch (error) {
      why = `unreadable: ${error}`;
      socket.destroy();
    }
  };
  const onError = (error: Error) => {
    why ||= error.message;
  };
  const onClose = () => {
    if (!open) return;
    open = false;
    ended.resolve(why || 'closed');
    hear({ kind: 'gone', why: why || 'closed' });
  };
  const attach = (next: Socket) => {
    socket = next;
    socket.setNoDelay(true);
    socket.on('data', onData).on('error', onError).on('close', onClose);
  };
  const leavePlain = (): Socket => {
    socket.off('data', onData).off('close', onClose);
    restart();
    return socket;
  };
  const connectSecurely = (options: ConnectionOptions): Promise<TLSSocket> => {
    const raw = leavePlain();
    const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
    const upgraded = connectTls({ ...options, socket: raw });
    raw.on('close', () => upgraded.destroy());
    attach(upgraded);
    upgraded.once('secureConnect', () => resolve(upgraded));
    upgraded.once('close', () => reject(new Error(`TLS failed: ${why || 'closed'}`)));
    return promise;
  };
  const answerSecurely = (options: TlsOptions): Promise<TLSSocket> => {
    const raw = leavePlain();
    const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
    // Only a tls.Server fills in `authorized`; this one never listens.
    const server = createTlsServer(options);
    const broken = (error?: Error) => {
      why ||= error?.message ?? 'closed';
      raw.destroy();
      onClose();
      reject(new Error(`TLS failed: ${why}`));
    };
    const cut = () => broken();
    raw.once('close', cut);
    server.once('tlsClientError', broken).once('secureConnection', (upgraded) => {
      raw.off('close', cut).on('close', () => upgraded.destroy());
      attach(upgraded);
      resolve(upgraded);
    });
    server.emit('connection', raw);
    return promise;
  };
  const restart = () => {
    cutter = streamCutter();
    decoder = new StringDecoder('utf8');
  };
  const flush = async (): Promise<void> => {
    await new Promise<void>((resolve) => setImmediate(resolve));
    const piece = leaving.join('');
    leaving = [];
    flushing = undefined;
    if (!open || !socket.writable) return;
    note('>', piece);
    if (!socket.write(piece))
      await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), ended.promise]);
  };
  const write = (xml: string): Promise<void> => {
    leaving.push(xml);
    flushing ??= flush();
    return flushing;
  };

  attach(plain);
  return {
    write,
    restart,
    closed: ended.promise,
    isOpen: () => open,
    next: (within) => {
      const ready = heard.shift();
      if (ready) return Promise.resolve(ready);
      if (!open) return Promise.resolve({ kind: 'gone', why: why || 'closed' });
      const { promise, resolve, reject } = Promise.withResolvers<Heard>();
      const timer = setTimeout(() => reject(new Error(`nothing came within ${within} ms`)), within);
      waiting = resolve;
      return promise.finally(() => {
        clearTimeout(timer);
        if (waiting === resolve) waiting = undefined;
      });
    },
    listen: (to) => {
      listener = to;
      for (const what of heard.splice(0)) to(what);
      if (!open) to({ kind: 'gone', why: why || 'closed' });
    },
    connectSecurely,
    answerSecurely,
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    end: async () => {
      if (!open) return;
      await write('</stream:stream>');
      socket.end();
      const timer = setTimeout(() => socket.destroy(), 500);
      await ended.promise;
      clearTimeout(timer);
    },
    destroy: () => socket.destroy(),
  };
}
