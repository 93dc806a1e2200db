// The SIP adapter: Skype for Business pools as trusted application, and edges as federation peer. Joins the parts.
import type { Clock } from '@sallyport/shared/clock.ts';
import type { Log } from '@sallyport/shared/log.ts';
import type { GatewaySettings } from '../../settings.ts';
import type { Accept, Adapter } from '../adapter.ts';
import { diagnostics } from './answers.ts';
import type { Connection, Told } from './connections/connection.ts';
import { openSipCredentials } from './connections/credentials.ts';
import { peerGroup } from './connections/peer-group.ts';
import { createPeers } from './connections/peers.ts';
import { createConversations } from './conversations.ts';
import { createDelivery } from './deliver.ts';
import { createInvites, type Invites } from './invites.ts';
import { createReceiving } from './receive.ts';
import { createReceiveInvite } from './receive-invite.ts';
import { createReceiveText } from './receive-text.ts';
import { createRequests } from './requests.ts';
import { createRespond } from './respond.ts';
import { createInviteCore } from './sip-js/invite-core.ts';
import { createSite, newToken, type SiteWords } from './site.ts';
import { createTransactions } from './transactions.ts';
import type { SipMessage } from './wire/message.ts';
import { printResponse } from './wire/printer.ts';

/** The adapter, and the port that it listens on once it has started (settings may say 0). */
export type SipAdapter = Adapter & {
  readonly port: () => number;
  /** Reads all certificate files again (SIGHUP); they are watched besides. */
  readonly reload: () => void;
};

type Running = {
  readonly deliver: ReturnType<typeof createDelivery>;
  readonly status: Adapter['status'];
  readonly stop: () => Promise<void>;
  readonly reload: () => void;
  readonly port: number;
};

const sweepMs = 1_000;
const goodbyeMs = 3_000;
const ackMs = 32_000;

/**
 * The SIP adapter of one node. `start` reads the certificate files and throws where one cannot be read or the port
 * is taken: without them there is no adapter.
 */
export function createSipAdapter(world: {
  readonly settings: GatewaySettings;
  readonly log: Log;
  readonly clock: Clock;
  readonly bootId: string;
  /** What the policy says to users inside; what is usual without it. */
  readonly words?: SiteWords;
  /** How often certificate files are looked at; tests make it shorter. */
  readonly lookEveryMs?: number;
}): SipAdapter {
  let running: Running | undefined;
  return {
    network: 'sip',
    port: () => running?.port ?? 0,
    async start(accept) {
      running = await run(world, accept);
    },
    deliver: (delivery) =>
      running?.deliver(delivery) ?? Promise.resolve({ state: 'refused', refusal: { code: 'shutting-down' } }),
    status: () => running?.status() ?? [],
    reload: () => running?.reload(),
    stop: async () => running?.stop(),
  };
}

async function run(world: Parameters<typeof createSipAdapter>[0], accept: Accept): Promise<Running> {
  const { sip } = world.settings;
  const { clock, log } = world;
  const credentials = openSipCredentials(sip, log, world.lookEveryMs);
  const groups = sip.peers.map((peer) => peerGroup(peer, () => credentials.trustOf(peer)));
  let stopping = false;
  let take: (message: SipMessage, connection: Connection) => void = () => {};
  const transactions = createTransactions(clock);
  const conversations = createConversations(clock);
  let invites: Invites | undefined;

  const told: Told = {
    message: (message, connection) => take(message, connection),
    malformed(message, why, connection) {
      log.warn({ peer: connection.name, why }, 'a SIP message is malformed');
      if (message.kind !== 'request' || message.method === 'ACK' || message.method === 'BENOTIFY') return;
      const fields = diagnostics(400, 'the request is malformed', connection.group.settings, sip.fqdn);
      connection.send(printResponse(message, 400, newToken(), fields));
    },
    closed(connection) {
      transactions.lost(connection);
      invites?.lost(connection);
    },
  };
  const peers = createPeers({ ...sip.listen, own: credentials.own, groups }, world, told);
  const port = await peers.start();
  const stopWatching = credentials.watch();
  const site = createSite(world, port);
  const core = createInviteCore({
    contact: site.contact,
    viaHost: site.sentBy,
    newBranch: transactions.newBranch,
    log,
  });
  const requests = createRequests(site, peers, transactions, conversations);
  const calls = createInvites(site, peers, core, conversations, requests);
  invites = calls;
  const respond = createRespond(site, transactions);
  const receive = createReceiving(site, {
    transactions,
    conversations,
    core,
    respond,
    receiveInvite: createReceiveInvite(site, conversations, core, requests, respond),
    receiveText: createReceiveText(site, respond, () => (stopping ? undefined : accept)),
  });
  take = (message, connection) => {
    try {
      if (message.kind === 'request') receive(message, connection);
      else if (!transactions.take(message)) core.take(message);
    } catch (error) {
      log.error({ error: error instanceof Error ? error.stack : 'unknown' }, 'a SIP message could not be handled');
      if (message.kind === 'request' && message.method !== 'ACK') respond(message, connection, 500);
    }
  };

  const timer = setInterval(() => {
    transactions.sweep();
    calls.sweep();
    peers.tick(requests.ping);
    endSilentDialogs();
  }, sweepMs);
  timer.unref();

  function endSilentDialogs(): void {
    const now = clock.now();
    const idleMs = sip.idleMinutes * 60_000;
    for (const dialog of conversations.dialogs()) {
      // Never acknowledged: the dialog stands all the same, and is ended (RFC 3261 §13.3.1.4).
      if (!dialog.acknowledged && now - dialog.startedAt > ackMs) {
        dialog.acknowledged = true;
        requests.end(dialog);
      } else if (now - dialog.usedAt > idleMs && !dialog.ending) requests.end(dialog);
    }
  }

  async function stop(): Promise<void> {
    if (stopping) return;
    stopping = true;
    calls.stop();
    const goodbyes = [...conversations.dialogs()].map((dialog) => {
      dialog.acknowledged = true;
      return requests.end(dialog);
    });
    await withinTime(Promise.all(goodbyes), goodbyeMs);
    clearInterval(timer);
    stopWatching();
    await peers.stop();
    core.stop();
  }

  return {
    deliver: createDelivery(site, peers, conversations, calls, requests, () => stopping),
    status: peers.status,
    reload: credentials.reload,
    stop,
    port,
  };
}

function withinTime(work: Promise<unknown>, ms: number): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
