// A Skype for Business front end for the lab, journeys, tests and bench: it speaks the dialect of the real one over
// mutual TLS (sip-dialect §§1 to 5), with a reader of its own, and writes down whatever the gateway does wrong.
import { randomBytes } from 'node:crypto';
import { createServer, type TLSSocket } from 'node:tls';
import { newAnswers, type Person } from './answers.ts';
import type { Form } from './bodies.ts';
import { type Connection, newConnection } from './connection.ts';
import type { Dialog, Place } from './dialog.ts';
import { newInbox } from './inbox.ts';
import type { Canned, Orders } from './orders.ts';
import { type GatewayEndpoint, newRequests } from './requests.ts';
import { newUser, type SkypeUser } from './user.ts';
import type { SipMessage } from './wire.ts';

export type LogEntry = { readonly at: number; readonly direction: 'in' | 'out'; readonly text: string };

export type SkypeFrontEnd = {
  readonly port: number;
  /** One of the users given at the start; throws for all others. */
  readonly user: (address: string) => SkypeUser;
  /** Connections at this moment, those dialled by either side. */
  readonly connections: () => number;
  /** Cuts all connections, as a restart of the front end does; dialogs are kept. */
  readonly dropConnections: () => void;
  /** Forgets all dialogs, as restarted clients do: requests in them are answered 481. */
  readonly forgetDialogs: () => void;
  /** INVITEs to this user are answered so from now on, `times` times; undefined: accepted again. */
  readonly answerInvitesWith: (
    address: string,
    status: number | undefined,
    headers?: Readonly<Record<string, string>>,
    times?: number,
  ) => void;
  /** The same for MESSAGEs, in dialogs and out of them. 481 also makes the user forget the dialog. */
  readonly answerMessagesWith: (
    address: string,
    status: number | undefined,
    headers?: Readonly<Record<string, string>>,
    times?: number,
  ) => void;
  /** INVITE (after its 180), MESSAGE and INFO are answered so many milliseconds late. */
  readonly delayAnswers: (ms: number) => void;
  /** Whether the 200 to an INVITE says that the first text was taken from it. */
  readonly textFormatTaken: (taken: boolean) => void;
  /** How users write: plain text, HTML, or both as multipart/alternative. */
  readonly writeAs: (form: Form) => void;
  /** What the gateway did wrong, in words, the first 1,000. A test asserts that it is empty. */
  readonly violations: () => readonly string[];
  /** The last messages as they were on the wire, 1,000 if the start did not say otherwise. */
  readonly log: () => readonly LogEntry[];
  readonly stop: () => Promise<void>;
};

const violationsAtMost = 1000;

/** Starts listening; resolves when it does. `gateway` may be a function, asked at every dial. Certificates are PEM texts. */
export async function startSkypeFrontEnd(options: {
  readonly fqdn: string;
  readonly domain: string;
  /** Bare addresses. */
  readonly users: readonly string[];
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
  /** 127.0.0.1 if not given. */
  readonly host?: string;
  /** 0 or absent: any free one. */
  readonly port?: number;
  readonly gateway: GatewayEndpoint | (() => GatewayEndpoint);
  /** Messages kept for `log`. */
  readonly logAtMost?: number;
}): Promise<SkypeFrontEnd> {
  const { fqdn, domain, cert, key, ca, gateway } = options;
  const endpoint = typeof gateway === 'function' ? gateway : () => gateway;
  const logAtMost = options.logAtMost ?? 1000;
  const violations: string[] = [];
  let log: LogEntry[] = [];
  let port = options.port ?? 0;
  let form: Form = 'plain';
  const accepted = new Set<Connection>();
  const sockets = new Set<TLSSocket>();
  const people = new Map<string, Person>();
  const dialogs = new Map<string, Dialog>();
  const orders: Orders = { invites: new Map(), messages: new Map(), delay: 0, textFormatTaken: false };

  const place = (): Place => ({ fqdn, port });
  const violation = (what: string): void => {
    if (violations.length < violationsAtMost) violations.push(what);
  };
  const write = (direction: 'in' | 'out', text: string): void => {
    if (logAtMost === 0) return;
    log.push({ at: Date.now(), direction, text });
    if (log.length >= 2 * logAtMost) log = log.slice(-logAtMost);
  };
  const expected = {
    get gatewayFqdn() {
      return endpoint().fqdn;
    },
    domain,
  };
  const events = {
    message: (message: SipMessage, connection: Connection) => {
      if (message.method === '') requests.answered(message, connection);
      else answers.received(message, connection);
    },
    broken: (why: string) => violation(`unreadable: ${why}`),
    log: write,
  };
  const requests = newRequests({ place, tls: { cert, key, ca }, gateway: endpoint, expected, events, violation });
  const answers = newAnswers({ place, expected, people, dialogs, orders, violation });

  const users = new Map<string, SkypeUser>();
  for (const written of options.users) {
    const address = written.toLowerCase();
    const opaque = randomBytes(12).toString('base64').replace(/[+/=]/g, '_');
    const contact = `sip:${address};opaque=user:epid:qKP5${opaque}AAA;gruu`;
    const person: Person = { address, contact, inbox: newInbox(address), dialogs: new Map() };
    people.set(address, person);
    users.set(address, newUser(person, { place, requests, dialogs, forget: answers.forget, form: () => form }));
  }

  const server = createServer({ cert, key, ca, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.2' });
  server.on('connection', (socket) => socket.on('error', () => socket.destroy()));
  server.on('tlsClientError', (error) => write('in', `a handshake failed: ${error.message}`));
  server.on('secureConnection', (socket) => {
    const names = socket.getPeerCertificate().subjectaltname ?? '';
    if (!names.split(', ').includes(`DNS:${endpoint().fqdn}`)) {
      violation(`a client's certificate does not name the gateway: ${names}`);
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    accepted.add(newConnection(socket, { ...events, ended: (connection) => accepted.delete(connection) }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, options.host ?? '127.0.0.1', resolve);
  });
  const bound = server.address();
  if (bound !== null && typeof bound === 'object') port = bound.port;

  const order =
    (orderOf: Map<string, Canned>) =>
    (
      address: string,
      status: number | undefined,
      headers: Readonly<Record<string, string>> = {},
      times = Number.POSITIVE_INFINITY,
    ) => {
      if (status === undefined) orderOf.delete(address.toLowerCase());
      else orderOf.set(address.toLowerCase(), { status, headers, times });
    };

  return {
    port,
    user: (address) => {
      const user = users.get(address.toLowerCase());
      if (user === undefined) throw new Error(`${address} is not a user of this front end`);
      return user;
    },
    connections: () => accepted.size + requests.connections(),
    dropConnections: () => {
      for (const connection of accepted) connection.close();
      requests.dropConnections();
    },
    forgetDialogs: () => {
      dialogs.clear();
      for (const person of people.values()) person.dialogs.clear();
    },
    answerInvitesWith: order(orders.invites),
    answerMessagesWith: order(orders.messages),
    delayAnswers: (ms) => {
      orders.delay = ms;
    },
    textFormatTaken: (taken) => {
      orders.textFormatTaken = taken;
    },
    writeAs: (chosen) => {
      form = chosen;
    },
    violations: () => {
      const missing = answers.missingAcks();
      return missing === 0 ? [...violations] : [...violations, `${missing} refused INVITEs have no ACK`];
    },
    log: () => log.slice(-logAtMost),
    stop: async () => {
      answers.stop();
      requests.stop();
      for (const person of people.values()) person.inbox.close();
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
