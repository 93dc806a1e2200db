// What the front end asks the gateway, over connections that it dials itself: transactions and their answers.
import { connect, type TLSSocket } from 'node:tls';
import { type Connection, type ConnectionEvents, newConnection } from './connection.ts';
import { complaintsOfResponse, type Expected } from './dialect.ts';
import { newBranch, type Place, printRequest, type Request, viasOf } from './dialog.ts';
import { branchOf, header, type SipMessage } from './wire.ts';

export type SipAnswer = {
  readonly status: number;
  readonly reason: string;
  /** By lower-case name; several lines are joined with a comma. Empty for an answer that this side made up itself. */
  readonly headers: ReadonlyMap<string, string>;
  readonly diagnostics?: string;
  /** What the gateway sent; absent when nothing came: no connection (503), no answer in time (408). */
  readonly message?: SipMessage;
};

export type GatewayEndpoint = { readonly fqdn: string; readonly host: string; readonly port: number };

type Waiting = {
  readonly request: Request;
  readonly connection: Connection;
  readonly until: number;
  readonly resolve: (answer: SipAnswer) => void;
};

const dialWithin = 5000;
const negotiateWithin = 5000;
const answerWithin = 40_000;
/** Milliseconds until an answer is given up, where it is not `answerWithin`. */
const patience: Readonly<Record<string, number>> = { INVITE: 120_000, NEGOTIATE: negotiateWithin };

export type Requests = ReturnType<typeof newRequests>;

export function newRequests(options: {
  readonly place: () => Place;
  readonly tls: { readonly cert: string; readonly key: string; readonly ca: string };
  readonly gateway: () => GatewayEndpoint;
  readonly expected: Expected;
  readonly events: Omit<ConnectionEvents, 'ended'>;
  readonly violation: (what: string) => void;
}) {
  const { place, violation, expected } = options;
  const waiting = new Map<string, Waiting>();
  const open = new Set<Connection>();
  let ready: Promise<Connection> | undefined;
  let live: Connection | undefined;

  const sweep = setInterval(() => {
    const now = Date.now();
    for (const [branch, one] of waiting) {
      if (one.until < now) settle(branch, made(408, 'Nothing came'));
    }
  }, 1000);
  sweep.unref();

  const settle = (branch: string, answer: SipAnswer): void => {
    const one = waiting.get(branch);
    waiting.delete(branch);
    one?.resolve(answer);
  };

  const ended = (connection: Connection): void => {
    open.delete(connection);
    if (live === connection) live = undefined;
    for (const [branch, one] of waiting) {
      if (one.connection === connection) settle(branch, made(503, 'The connection ended'));
    }
  };

  const dial = async (): Promise<Connection> => {
    const { host, port, fqdn } = options.gateway();
    const socket = await new Promise<TLSSocket>((resolve, reject) => {
      const dialled = connect({ host, port, servername: fqdn, ...options.tls, minVersion: 'TLSv1.2' });
      dialled.setTimeout(dialWithin, () => dialled.destroy(new Error('the handshake took too long')));
      dialled.once('secureConnect', () => {
        dialled.setTimeout(0);
        resolve(dialled);
      });
      dialled.once('error', reject);
      dialled.once('close', () => reject(new Error('closed during the handshake')));
    });
    const connection = newConnection(socket, { ...options.events, ended });
    open.add(connection);
    await negotiate(connection, fqdn);
    // With TLS 1.3 a certificate is refused only after the handshake.
    if (!connection.isOpen()) throw new Error('the gateway ended the connection');
    live = connection;
    return connection;
  };

  /** Asks once for compression, as Microsoft's servers do; the gateway must refuse, and all goes on without. */
  const negotiate = async (connection: Connection, fqdn: string): Promise<void> => {
    const branch = newBranch();
    const answer = await transact(connection, branch, {
      method: 'NEGOTIATE',
      uri: `sip:${fqdn}`,
      vias: viasOf(place(), branch).slice(0, 1),
      from: `<sip:${place().fqdn}>;tag=${branch.slice(-8)}`,
      to: `<sip:${fqdn}>`,
      callId: branch.slice(7),
      cseq: 1,
      recordRoutes: [],
      maxForwards: 0,
      more: ['Compression: LZ77-64K', 'Supported: NewNegotiate', 'Supported: OCSNative, ECC, IPv6, TlsRecordSplit'],
    });
    if (connection.isOpen() && answer.status !== 405 && answer.status !== 488) {
      violation(`NEGOTIATE is answered ${answer.status} (${answer.reason}), not refused with 405 or 488`);
    }
  };

  const transact = (connection: Connection, branch: string, request: Request): Promise<SipAnswer> =>
    new Promise((resolve) => {
      if (!connection.isOpen()) return resolve(made(503, 'The connection ended'));
      const within = patience[request.method] ?? answerWithin;
      waiting.set(branch, { request, connection, until: Date.now() + within, resolve });
      connection.send(printRequest(request));
    });

  const connected = async (): Promise<Connection | undefined> => {
    if (live?.isOpen() === true) return live;
    ready ??= dial().finally(() => {
      ready = undefined;
    });
    return ready.catch(() => undefined);
  };

  return {
    /** Sends a request and resolves with its final answer; never rejects. Dials when there is no connection. */
    ask: async (request: Omit<Request, 'vias'>): Promise<SipAnswer> => {
      const connection = live?.isOpen() === true ? live : await connected();
      if (connection === undefined) return made(503, 'The gateway could not be reached');
      const branch = newBranch();
      return transact(connection, branch, { ...request, vias: viasOf(place(), branch) });
    },

    /** Sends what has no answer: the ACK of a 200. */
    tell: (request: Omit<Request, 'vias'>): void => {
      if (live?.isOpen() === true) live.send(printRequest({ ...request, vias: viasOf(place(), newBranch()) }));
    },

    answered: (response: SipMessage, connection: Connection): void => {
      const branch = branchOf(header(response, 'via'));
      const one = waiting.get(branch);
      if (one === undefined) {
        // A 200 to INVITE may be repeated until its ACK has come.
        if (!header(response, 'cseq').endsWith('INVITE'))
          violation(`${response.status} answers nothing that was asked`);
        return;
      }
      for (const what of complaintsOfResponse(response, one.request, expected)) {
        violation(`${response.status} to ${one.request.method} ${one.request.callId}: ${what}`);
      }
      if (one.connection !== connection)
        violation(`${response.status} came on another connection than its request went`);
      if (response.status < 200) return;
      if (one.request.method === 'INVITE' && response.status >= 300)
        connection.send(printRequest(ackOf(one.request, response)));
      const diagnostics = header(response, 'ms-diagnostics') || header(response, 'ms-diagnostics-public');
      settle(branch, {
        status: response.status,
        reason: response.reason,
        headers: response.headers,
        ...(diagnostics === '' ? {} : { diagnostics }),
        message: response,
      });
    },

    connections: (): number => open.size,
    dropConnections: (): void => {
      for (const connection of open) connection.close();
    },
    stop: (): void => {
      clearInterval(sweep);
      for (const connection of open) connection.close();
    },
  };
}

/** The ACK of a refusal goes hop by hop: the same branch, the To of the answer (RFC 3261 §17.1.1.3). */
function ackOf(request: Request, response: SipMessage): Request {
  const { uri, from, callId, cseq } = request;
  const vias = request.vias.slice(0, 1);
  return { method: 'ACK', uri, vias, from, to: header(response, 'to'), callId, cseq, recordRoutes: [] };
}

function made(status: number, reason: string): SipAnswer {
  return { status, reason, headers: new Map() };
}
