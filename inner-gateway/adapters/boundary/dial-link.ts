// Dialling a proxy: one gRPC channel and one Exchange per link, mutual TLS 1.3, the server's exact URI name pinned.
// When a link ends the next one is dialled; and it is made anew before it grows old, without losing a packet.
import { createSecureContext, type PeerCertificate } from 'node:tls';
import { credentials } from '@grpc/grpc-js';
import { Boundary, largestFrame } from '@sallyport/proto/boundary.ts';
import type { PartnerState__Output } from '@sallyport/proto/generated/sallyport/boundary/v1/PartnerState.ts';
import { backoff } from '@sallyport/shared/backoff.ts';
import type { Diagnosis } from '@sallyport/shared/finding.ts';
import type { Peer } from '@sallyport/shared/link/peer.ts';
import type { Log } from '@sallyport/shared/log.ts';
import { linkCredentials, uriNames, watchLinkCredentials } from '@sallyport/shared/mutual-tls.ts';
import type { GatewaySettings } from '../../settings.ts';
import { askDoctor } from './ask-doctor.ts';
import type { PolicyDelivery } from './deliver-policy.ts';

type ProxyEntry = GatewaySettings['link']['proxies'][number];

export type DialWorld = {
  readonly settings: GatewaySettings['link'];
  readonly proxy: ProxyEntry;
  readonly peer: Peer;
  readonly log: Log;
  readonly delivery: PolicyDelivery;
  /** What the proxy tells of its partners. */
  readonly onPartner: (state: PartnerState__Output) => void;
};

export type Dialling = {
  /** In words why the last link ended or could not be made; empty while all is well. */
  readonly lastTrouble: () => string;
  /** What the proxy's doctor finds, or why it cannot be asked; undefined while there is no link. */
  readonly diagnose: (question: {
    readonly domain: string;
    readonly from: string;
  }) => Promise<Pick<Diagnosis, 'proxy' | 'findings'> | { readonly trouble: string }> | undefined;
  readonly stop: () => void;
};

const firstRetryMs = 250;
// Stanzas wait ten seconds for the inside: a proxy that is back must be found within that.
const longestRetryMs = 2_000;

/** Dials until it is stopped. */
export function keepDialling(world: DialWorld): Dialling {
  let stopped = false;
  let trouble = '';
  let client: Client | undefined;
  let failures = 0;
  let endPause: () => void = () => {};
  const files = linkCredentials(world.settings);
  // New certificates or a new CRL: the next link uses them, and it is made at once.
  const stopWatching = watchLinkCredentials(world.settings, () => endPause());

  async function run(): Promise<void> {
    while (!stopped) {
      const link = dialOnce(world, files);
      void link.up.then(() => {
        client = link.client;
        if (client !== undefined) world.delivery.linkIsUp(client, world.peer.facts().boot);
      });
      const early = await Promise.race([link.over, link.up]);
      const outcome = early ?? (await Promise.race([link.over, pauseUntil(world.settings.remakeSeconds * 1000)]));
      endPause();
      if (outcome === undefined) {
        // Time to make it anew: the old one runs on until the new one has said hello, and ends it.
        failures = 0;
        continue;
      }
      if (stopped) return;
      trouble = outcome.why;
      failures = outcome.wasUp ? 0 : failures + 1;
      if (failures > 0)
        world.log.warn(
          { proxy: world.proxy.uri, why: outcome.why, failures },
          'the link to the proxy could not be made',
        );
      await pauseUntil(backoff(failures, { firstMs: firstRetryMs, capMs: longestRetryMs }));
    }
  }

  // Ends early, with undefined, when certificates change or we stop.
  function pauseUntil(ms: number): Promise<undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), ms);
      endPause = () => {
        clearTimeout(timer);
        resolve(undefined);
      };
    });
  }

  void run();
  return {
    diagnose: (question) => (client !== undefined && world.peer.facts().up ? askDoctor(client, question) : undefined),
    lastTrouble: () => (world.peer.facts().up ? '' : trouble),
    stop() {
      stopped = true;
      stopWatching();
      endPause();
    },
  };
}

type Ended = { readonly why: string; readonly wasUp: boolean };

type Client = InstanceType<typeof Boundary>;

type DialledLink = { readonly client?: Client; readonly up: Promise<undefined>; readonly over: Promise<Ended> };

function dialOnce(world: DialWorld, files: ReturnType<typeof linkCredentials>): DialledLink {
  const { proxy, peer, log } = world;
  let client: Client;
  try {
    client = openClient(proxy, files);
  } catch (error) {
    return {
      up: new Promise(() => {}),
      over: Promise.resolve({ why: error instanceof Error ? error.message : 'unknown', wasUp: false }),
    };
  }
  const call = client.Exchange();
  const partners = client.Partners({});
  partners.on('data', (state: PartnerState__Output) => world.onPartner(state));
  partners.on('error', () => {});
  let wasUp = false;
  const { promise: up, resolve } = Promise.withResolvers<undefined>();
  const entered = () => {
    wasUp = true;
    resolve(undefined);
  };
  const over = peer.attend(call, entered).then((why) => {
    // A call that was destroyed lives on at the other end, and with it the connection, until it is cancelled.
    call.cancel();
    partners.cancel();
    client.close();
    if (wasUp) log.info({ proxy: proxy.uri, why }, 'a link has ended');
    return { why: wasUp ? why : explain(why), wasUp };
  });
  return { client, up, over };
}

// In TLS 1.3 the server judges our certificate after we believe to be connected: we only see it hang up.
function explain(why: string): string {
  const hungUp =
    /Failed to connect|ECONNRESET|Connection dropped|the link broke|closed the link/.test(why) &&
    !/ECONNREFUSED|certificate/.test(why);
  return hungUp
    ? `${why}: the proxy hung up on us; it may not take our certificate (name, CA or revoked), its log says why`
    : why;
}

function openClient(proxy: ProxyEntry, files: ReturnType<typeof linkCredentials>): InstanceType<typeof Boundary> {
  const read = files.read();
  const context = createSecureContext({
    cert: read.cert,
    key: read.key,
    ca: read.ca,
    minVersion: 'TLSv1.3',
    ...(read.crl === undefined ? {} : { crl: read.crl }),
  });
  const checkServerIdentity = (_host: string, certificate: PeerCertificate) => {
    const names = uriNames(certificate.raw);
    if (names.length === 1 && names[0] === proxy.uri) return undefined;
    return new Error(
      `the certificate of the proxy names ${names.join(', ') || 'nobody'}, link.proxies says ${proxy.uri}`,
    );
  };
  return new Boundary(
    `${proxy.host}:${proxy.port}`,
    credentials.createFromSecureContext(context, { checkServerIdentity }),
    {
      'grpc.ssl_target_name_override': 'dmz-proxy.sallyport.internal',
      'grpc.max_receive_message_length': largestFrame,
      'grpc.max_send_message_length': largestFrame,
      'grpc.enable_http_proxy': 0,
      'grpc.enable_retries': 0,
      'grpc.use_local_subchannel_pool': 1,
      'grpc.keepalive_time_ms': 20_000,
      'grpc.keepalive_timeout_ms': 5_000,
    },
  );
}
