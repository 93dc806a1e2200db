// The wall, served: gateways dial in, each is one peer; packets go to the live one that the pair belongs to.
import type { TLSSocket } from 'node:tls';
import { Server, ServerCredentials, type ServerDuplexStream, type ServerWritableStream, status } from '@grpc/grpc-js';
import { Boundary, largestFrame } from '@sallyport/proto/boundary.ts';
import type { BoundaryHandlers } from '@sallyport/proto/generated/sallyport/boundary/v1/Boundary.ts';
import type { FromInside__Output } from '@sallyport/proto/generated/sallyport/boundary/v1/FromInside.ts';
import type { FromOutside } from '@sallyport/proto/generated/sallyport/boundary/v1/FromOutside.ts';
import type { PartnerState } from '@sallyport/proto/generated/sallyport/boundary/v1/PartnerState.ts';
import type { PartnersRequest__Output } from '@sallyport/proto/generated/sallyport/boundary/v1/PartnersRequest.ts';
import type { AuditHead } from '@sallyport/shared/audit.ts';
import type { Clock, Instant } from '@sallyport/shared/clock.ts';
import type { Finding } from '@sallyport/shared/finding.ts';
import type { Receive } from '@sallyport/shared/link/arrivals.ts';
import type { LinkStream } from '@sallyport/shared/link/frame.ts';
import { createPeer, type Peer, type PeerWorld } from '@sallyport/shared/link/peer.ts';
import type { Log } from '@sallyport/shared/log.ts';
import { gauge } from '@sallyport/shared/metrics.ts';
import { HealthImplementation } from 'grpc-health-check';
import type { ProxySettings } from '../settings.ts';
import { listenForGateways } from './listen-for-gateways.ts';
import { sendDiagnosis } from './send-diagnosis.ts';
import { type PolicyDesk, takePolicy } from './take-policy.ts';

export type LinkWorld = {
  readonly settings: ProxySettings['link'];
  readonly introduction: PeerWorld['introduction'];
  /** What comes from inside. */
  readonly receive: Receive;
  readonly partners: () => readonly PartnerState[];
  /** The partner doctor; `by` is who asks. */
  readonly diagnose: (question: { domain: string; from: string }, by: string) => AsyncIterable<Finding>;
  /** Judges a revision of the policy that a gateway sends. */
  readonly policies: PolicyDesk;
  /** A gateway is there now: what waited for one may go. */
  readonly onUp: () => void;
  /** Where our audit stands: each gateway writes it down once a minute. */
  readonly auditHead: () => AuditHead;
  readonly clock: Clock;
  readonly log: Log;
};

export type ServedLink = {
  readonly port: number;
  /** By URI name; those that are up may be offered to. */
  readonly peers: ReadonlyMap<string, Peer>;
  /** Says goodbye to all, then closes. */
  readonly stop: (reason: string) => Promise<void>;
};

const oldestConnectionMs = 960_000;
const sweepMs = 10_000;
const partnersEveryMs = 2_000;

/** Serves the wall; rejects with one plain line when a file or the port is wrong. */
export async function serveLink(world: LinkWorld): Promise<ServedLink> {
  const { settings, log } = world;
  const peers = new Map(settings.gateways.map((uri) => [uri, peerFor(uri, world)]));
  const sockets = new Map<string, { readonly socket: TLSSocket; readonly uri: string; readonly since: Instant }>();
  const server = new Server({
    'grpc.max_receive_message_length': largestFrame,
    'grpc.max_send_message_length': largestFrame,
    'grpc.max_concurrent_streams': 16,
  });
  const handlers: BoundaryHandlers = {
    Exchange(call) {
      const connection = sockets.get(call.getPeer());
      const peer = connection === undefined ? undefined : peers.get(connection.uri);
      if (connection === undefined || peer === undefined) {
        call.emit('error', { code: status.PERMISSION_DENIED, details: 'this connection is of no known gateway' });
        return;
      }
      void peer.attend(linkStream(call, connection.socket)).then((why) => {
        log.info({ gateway: connection.uri, why: why.slice(0, 300) }, 'a link has ended');
      });
    },
    Partners(call) {
      sendPartners(call, world.partners);
    },
    ActivatePolicy(call, answer) {
      const by = sockets.get(call.getPeer())?.uri ?? 'an unknown gateway';
      try {
        answer(null, takePolicy(world.policies, call.request, by));
      } catch (error) {
        log.error({ err: error }, 'taking a policy fell over a fault of our own');
        answer({ code: status.INTERNAL, details: 'a fault of our own' });
      }
    },
    Diagnose(call) {
      const { domain, from } = call.request;
      const by = sockets.get(call.getPeer())?.uri ?? 'an unknown gateway';
      sendDiagnosis(call, world.introduction().node, world.diagnose({ domain, from }, by)).catch((error: unknown) => {
        log.error({ err: error }, 'the doctor fell over a fault of our own');
        call.emit('error', { code: status.INTERNAL, details: 'a fault of our own' });
      });
    },
  };
  server.addService(Boundary.service, handlers);
  new HealthImplementation({ '': 'SERVING', 'sallyport.boundary.v1.Boundary': 'SERVING' }).addToServer(server);
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const door = await listenForGateways({
    listen: settings.listen,
    files: settings,
    gateways: settings.gateways,
    admit(socket, uri) {
      const name = `${socket.remoteAddress}:${socket.remotePort}`;
      sockets.set(name, { socket, uri, since: world.clock.now() });
      socket.once('close', () => sockets.delete(name));
      injector.injectConnection(socket);
    },
    // Whoever is revoked cannot come back; the others dial again at once and lose nothing.
    onRenewed: () => farewellAll(peers, 'certificates were renewed: please dial again'),
    log,
  });
  // A gateway makes its link anew by itself; a connection that is older than that belongs to none that behaves.
  const sweep = setInterval(() => {
    const now = world.clock.now();
    for (const { socket, since } of sockets.values()) if (now - since > oldestConnectionMs) socket.destroy();
  }, sweepMs);
  sweep.unref();

  return {
    port: door.port,
    peers,
    async stop(reason) {
      clearInterval(sweep);
      door.close();
      farewellAll(peers, reason);
      const deadline = world.clock.now() + 2_000;
      while ([...peers.values()].some((peer) => peer.facts().up) && world.clock.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      injector.destroy();
      server.forceShutdown();
      for (const { socket } of sockets.values()) socket.destroy();
    },
  };
}

const countersigned = gauge('audit_countersigned', 'the last audit record that a gateway has written down', [
  'gateway',
]);
const linksUp = gauge('gateway_connected', '1 while a gateway is connected', ['gateway']);

function peerFor(uri: string, world: LinkWorld): Peer {
  linksUp.set({ gateway: uri }, 0);
  return createPeer({
    introduction: world.introduction,
    receive: world.receive,
    // What a gateway took is committed there: its end comes as a packet, if its sender must be told.
    afterTaken: 'forget',
    marks: 'released',
    onUp(hello) {
      linksUp.set({ gateway: uri }, 1);
      const skewMs = hello.clockMs - world.clock.now();
      world.log.info(
        { gateway: uri, peerNode: hello.node.slice(0, 64), software: hello.software.slice(0, 64), skewMs },
        'the inside is connected',
      );
      world.onUp();
    },
    onDown() {
      linksUp.set({ gateway: uri }, 0);
      world.log.warn({ gateway: uri }, 'the inside is away');
    },
    audit: {
      head: world.auditHead,
      onCountersigned: (sequence) => countersigned.set({ gateway: uri }, sequence),
    },
    clock: world.clock,
    log: world.log,
  });
}

// Destroying a call tells the other end nothing; the connection is the link's alone, so that one is destroyed.
function linkStream(call: ServerDuplexStream<FromInside__Output, FromOutside>, socket: TLSSocket): LinkStream {
  return {
    get destroyed() {
      return socket.destroyed;
    },
    write: (frame) => call.write(frame),
    read: () => call.read(),
    end: () => call.end(),
    destroy: () => socket.destroy(),
    on(event: string, listener: (error: Error) => void) {
      // A call whose connection dies at the wrong moment never says so itself, and its successor would wait for ever.
      if (event === 'close') {
        if (socket.destroyed) setImmediate(() => listener(new Error('the connection is gone')));
        else socket.once('close', () => listener(new Error('the connection is gone')));
      }
      return call.on(event, listener);
    },
  };
}

function farewellAll(peers: ReadonlyMap<string, Peer>, reason: string): void {
  for (const peer of peers.values()) peer.farewell(reason);
}

function sendPartners(
  call: ServerWritableStream<PartnersRequest__Output, PartnerState>,
  partners: LinkWorld['partners'],
): void {
  const send = () => {
    for (const state of partners()) call.write(state);
  };
  send();
  const timer = setInterval(send, partnersEveryMs);
  const stop = () => clearInterval(timer);
  call.on('cancelled', stop);
  call.on('close', stop);
  call.on('error', stop);
}
