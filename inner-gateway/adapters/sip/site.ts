// What this node is to its SIP peers: names, domains, clock, log. Facts that do not change while it runs.
import { hash, randomBytes } from 'node:crypto';
import type { Clock } from '@sallyport/shared/clock.ts';
import type { Log } from '@sallyport/shared/log.ts';
import type { Packet } from '@sallyport/shared/packet.ts';
import { markingLine } from '@sallyport/shared/policy/marking-line.ts';
import type { Policy } from '@sallyport/shared/policy/policy.ts';
import { compileTexts } from '@sallyport/shared/policy/texts.ts';
import type { TextName } from '@sallyport/shared/user-texts.ts';
import type { GatewaySettings } from '../../settings.ts';

export type Site = {
  readonly sip: GatewaySettings['sip'];
  /** The internal domains. */
  readonly domains: ReadonlySet<string>;
  readonly fqdn: string;
  /** `host:port` of our Via and Contact: what the topology lists, never an IP address (sip-dialect §2.1). */
  readonly sentBy: string;
  readonly contact: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly newPacketId: () => string;
  /** A text of the policy for a user inside, in the language of the site: SIP tells none. */
  readonly text: (name: TextName) => string;
  /** The line that tells the marking of a message; empty where there is none, or none is shown. */
  readonly marking: (packet: Packet) => string;
};

/** What the policy says to users; without it what is usual. */
export type SiteWords = () => Pick<Policy, 'labels' | 'texts'>;

const usualTexts = compileTexts();

/** The facts of a node that listens on `port`. */
export function createSite(
  world: {
    readonly settings: GatewaySettings;
    readonly log: Log;
    readonly clock: Clock;
    readonly bootId: string;
    readonly words?: SiteWords;
  },
  port: number,
): Site {
  const { sip, domains } = world.settings;
  const sentBy = `${sip.fqdn}:${sip.publicPort ?? port}`;
  const words: SiteWords = world.words ?? (() => ({}));
  let packets = 0;
  return {
    sip,
    domains: new Set(domains),
    fqdn: sip.fqdn,
    sentBy,
    contact: `sip:${sentBy};transport=tls`,
    clock: world.clock,
    log: world.log,
    newPacketId: () => `${world.bootId}-sip-${++packets}`,
    text: (name) => (words().texts ?? usualTexts)(name, '').text,
    marking: (packet) => markingLine(packet, words(), ''),
  };
}

/** A Call-ID, a tag, a conversation id: 16 random bytes that nobody can guess. */
export function newToken(): string {
  return randomBytes(16).toString('hex');
}

/** A thread for XMPP, the same for all that is said in one dialog, which tells nothing about its Call-ID. */
export function threadOf(callId: string): string {
  return hash('sha256', callId).slice(0, 32);
}
