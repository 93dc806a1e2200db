// A scripted XMPP partner server: real server-to-server streams over TLS (RFC 6120, XEP-0178), users driven by a test.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { dialledStreams, type StreamFacts } from './dialled-streams.ts';
import { accept, initiate, type Negotiated, refusal, type Until } from './negotiate.ts';
import { escapeXml } from './read-xml.ts';
import { type ReceivedStanza, receivedStanza } from './stanza.ts';
import { type Heard, openWire, type Wire } from './wire.ts';
import { type XmppUser, xmppUser } from './xmpp-user.ts';

export type Place = { readonly host: string; readonly port: number };

export type XmppPartnerOptions = {
  readonly domain: string;
  /** Bare addresses, or local parts in the domain. */
  readonly users: readonly string[];
  /** PEM texts, not paths. */
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
  readonly host?: string;
  readonly port?: number;
  /** Where internal domains are reached; asked at each connection when it is a function. */
  readonly proxy: Place | (() => Place);
  readonly answersPings?: boolean;
};

export type XmppPartner = {
  readonly domain: string;
  readonly port: number;
  /** The user with that address or local part. */
  user(address: string): XmppUser;
  /** A stream in one's own hands. A refusal is not thrown: it is in `negotiated`. */
  openStream(options: RawStreamOptions): Promise<RawStream>;
  streams(): readonly StreamFacts[];
  /** Cuts every connection, both ways, without closing a stream. */
  dropStreams(): void;
  /** Stops reading on the streams that the other side opened, and reads on. */
  pause(): void;
  resume(): void;
  /** New connections are cut at once, until told otherwise. */
  refuseConnections(refuse: boolean): void;
  /** Raw XML on all streams, `<` came and `>` went; the newest 10,000 pieces. */
  log(): readonly string[];
  /** Why connections of the other side were turned away, oldest first. */
  refusals(): readonly string[];
  stop(): Promise<void>;
};

export type RawStreamOptions = {
  readonly from?: string;
  readonly to: string;
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
  /** How far to go before the test takes over; authenticated by default. */
  readonly until?: Until;
  /** Dial here with TLS from the first byte (XEP-0368), instead of the proxy's port for STARTTLS. */
  readonly directTls?: Place;
};

export type RawStream = {
  readonly negotiated: Negotiated;
  write(xml: string): Promise<void>;
  next(within?: number): Promise<Heard>;
  /** The condition of the stream error that ends it; rejects when none comes within the milliseconds. */
  streamError(within?: number): Promise<string>;
  readonly closed: Promise<string>;
  end(): Promise<void>;
  destroy(): void;
};

/** Starts the partner on `host` (127.0.0.1) and `port` (a free one). It dials the proxy when somebody first writes. */
export async function startXmppPartner(options: XmppPartnerOptions): Promise<XmppPartner> {
  const { domain, cert, key, ca } = options;
  const credentials = { cert, key, ca };
  const place = () => (typeof options.proxy === 'function' ? options.proxy() : options.proxy);
  const log: string[] = [];
  const refusals: string[] = [];
  const note = (direction: '<' | '>', xml: string) => {
    log.push(`${direction} ${xml}`);
    if (log.length > 20_000) log.splice(0, 10_000);
  };
  const raw = new Set<Wire>();
  const accepted = new Map<Wire, StreamFacts>();
  const dialled = dialledStreams({ domain, credentials, place, note });
  let refusing = false;

  const people = new Map<string, ReturnType<typeof xmppUser>>();
  for (const name of options.users) {
    const address = name.includes('@') ? name : `${name}@${domain}`;
    people.set(address, xmppUser(address, dialled.write));
  }

  const take = (from: string, heard: Heard, wire: Wire) => {
    if (heard.kind === 'end') return void wire.end();
    if (heard.kind !== 'element') return;
    const stanza = receivedStanza(heard.element, heard.raw);
    const asks = stanza.name === 'iq' && (stanza.type === 'get' || stanza.type === 'set');
    const isPing = asks && heard.element.children[0]?.namespace === 'urn:xmpp:ping';
    const person = people.get(stanza.to.split('/')[0] ?? '');
    const unknown = !person && stanza.name === 'message' && stanza.type !== 'error' && stanza.body !== undefined;
    if (isPing) return void (options.answersPings !== false && answer(from, pong(stanza)));
    if (unknown || (asks && !person)) return answer(from, unavailable(stanza));
    person?.arrive(stanza);
  };
  const answer = (to: string, xml: string) => void dialled.write(to, xml).catch(() => {});

  const serve = async (socket: Socket): Promise<void> => {
    if (refusing) return void socket.destroy();
    const wire = openWire(socket, note);
    accepted.set(wire, { direction: 'in', local: domain, remote: '', state: 'opening' });
    wire.closed.finally(() => accepted.delete(wire));
    const outcome = await accept(wire, domain, credentials).catch(
      (error) => ({ done: false, condition: `${error}` }) as const,
    );
    if (!outcome.done) {
      refusals.push(outcome.condition);
      if (refusals.length > 1_000) refusals.shift();
      return wire.destroy();
    }
    accepted.set(wire, { direction: 'in', local: domain, remote: outcome.from, state: 'open' });
    wire.listen((heard) => take(outcome.from, heard, wire));
  };

  const server = createServer((socket) => void serve(socket));
  server.listen(options.port ?? 0, options.host ?? '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  const port = bound && typeof bound === 'object' ? bound.port : 0;

  return {
    domain,
    port,
    user: (address) => {
      const person = people.get(address.includes('@') ? address : `${address}@${domain}`);
      if (!person) throw new Error(`${domain} has no user ${address}`);
      return person.user;
    },
    openStream: async ({ from = domain, to, until = 'authenticated', directTls, ...own }) => {
      const socket = connect(directTls ?? place());
      await once(socket, 'connect');
      const wire = openWire(socket, note);
      raw.add(wire);
      wire.closed.finally(() => raw.delete(wire));
      const opening = { until, direct: directTls !== undefined };
      return rawStream(wire, await initiate(wire, { from, to }, { ...credentials, ...own }, opening));
    },
    streams: () => [...accepted.values(), ...dialled.facts()],
    dropStreams: () => {
      for (const wire of [...accepted.keys(), ...raw]) wire.destroy();
      dialled.drop();
    },
    pause: () => accepted.forEach((_, wire) => void wire.pause()),
    resume: () => accepted.forEach((_, wire) => void wire.resume()),
    refuseConnections: (refuse) => {
      refusing = refuse;
    },
    log: () => log,
    refusals: () => refusals,
    stop: async () => {
      server.close();
      await Promise.all([dialled.stop(), ...[...accepted.keys(), ...raw].map((wire) => wire.end())]);
      if (server.listening) await once(server, 'close');
    },
  };
}

function rawStream(wire: Wire, negotiated: Negotiated): RawStream {
  return {
    negotiated,
    write: wire.write,
    next: (within = 5_000) => wire.next(within),
    streamError: async (within = 5_000) => {
      if (!negotiated.done) return negotiated.condition;
      const until = Date.now() + within;
      for (;;) {
        const heard = await wire.next(Math.max(1, until - Date.now()));
        if (heard.kind === 'element' && heard.element.name === 'error') return refusal(heard).condition;
        if (heard.kind === 'gone') throw new Error(`the connection ended without a stream error: ${heard.why}`);
      }
    },
    closed: wire.closed,
    end: wire.end,
    destroy: wire.destroy,
  };
}

function pong(ping: ReceivedStanza): string {
  return `<iq type='result' from='${escapeXml(ping.to)}' to='${escapeXml(ping.from)}' id='${escapeXml(ping.id)}'/>`;
}

/** What a server says for an account that it does not have, or a request that nobody there answers (RFC 6121 §8.5). */
function unavailable({ name, from, to, id }: ReceivedStanza): string {
  const addresses = `from='${escapeXml(to)}' to='${escapeXml(from)}' id='${escapeXml(id)}'`;
  return `<${name} type='error' ${addresses}><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></${name}>`;
}
