// A whole site for journeys: the pair as two processes, neighbours on every side, and a wire that can be cut.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Document, parseDocument } from 'yaml';
import { type SkypeFrontEnd, startSkypeFrontEnd } from '../fakes/skype-front-end/front-end.ts';
import type { SkypeUser } from '../fakes/skype-front-end/user.ts';
import type { XmppPartner } from '../fakes/xmpp-partner/xmpp-partner.ts';
import type { XmppUser } from '../fakes/xmpp-partner/xmpp-user.ts';
import { type Lab, writeSite } from '../lab/lab-site.ts';
import { pemsOf, startPartner } from '../lab/neighbours.ts';
import { type Command, type Pair, startPair } from '../lab/pair.ts';
import { type LinkRelay, startLinkRelay } from './link-relay.ts';
import { notListed } from './people.ts';

export type SiteOptions = {
  /** The processes log the verdict of every stage. */
  readonly trace?: boolean;
  /** How long stanzas wait in the proxy for a partner that is not reached. */
  readonly connectSeconds?: number;
  /** Where the halves and their neighbours stand, if not all on this machine. */
  readonly ground?: (lab: Lab) => Promise<Ground>;
  /** Where the proxy listens for partners; 127.0.0.1 unless told. `::` is every address of the machine, both families. */
  readonly listenOn?: string;
  /** Whom the proxy asks about partners that say `connect: dns`, such as 127.0.0.1:5353. */
  readonly nameServer?: string;
};

/** Its maker may change settings and policy of the lab, not the ports at which the neighbours here listen and dial. */
export type Ground = {
  /** The wire between the two processes. */
  readonly relay: LinkRelay;
  readonly command: Command;
  readonly stop: () => Promise<void>;
};

export type Site = {
  readonly lab: Lab;
  readonly pair: Pair;
  readonly relay: LinkRelay;
  readonly partner: (domain: string) => XmppPartner;
  readonly frontEnd: () => SkypeFrontEnd;
  /** The people, by their bare address. */
  readonly outsider: (address: string) => XmppUser;
  readonly insider: (address: string) => SkypeUser;
  readonly partnerGoes: (domain: string) => Promise<void>;
  readonly partnerComes: (domain: string) => Promise<void>;
  readonly frontEndGoes: () => Promise<void>;
  readonly frontEndComes: () => Promise<void>;
  /** What the gateway did wrong at any front end of this site, in words. */
  readonly violations: () => readonly string[];
  /** Ends everything and removes its files. */
  readonly stop: () => Promise<void>;
};

/** Starts it all; resolves when the link stands. */
export async function startSite(options: SiteOptions = {}): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-journey-'));
  const lab = await writeSite(folder, { logLevel: options.trace === true ? 'trace' : 'info' });
  const { relay, ...ground } = await (options.ground ?? oneMachine)(lab);
  change(lab.settings.proxy, (settings) => {
    if (options.connectSeconds !== undefined) settings.setIn(['limits', 'connectSeconds'], options.connectSeconds);
    if (options.nameServer !== undefined) settings.setIn(['dns', 'servers'], [options.nameServer]);
    if (options.listenOn === undefined) return;
    for (const port of ['s2s', 'directTls']) settings.setIn([port, 'host'], options.listenOn);
  });

  const partners = new Map<string, XmppPartner>();
  const violations: string[] = [];
  let frontEnd: SkypeFrontEnd | undefined;
  const partnerComes = async (domain: string) => {
    const place = lab.partners.find((each) => each.domain === domain);
    if (place === undefined) throw new Error(`${domain} is no partner of the lab`);
    partners.set(domain, await startPartner(lab, place));
  };
  const partnerGoes = async (domain: string) => {
    const partner = partners.get(domain);
    partners.delete(domain);
    await partner?.stop();
  };
  const frontEndComes = async () => {
    const { fqdn, domain, users, listen } = lab.frontEnd;
    frontEnd = await startSkypeFrontEnd({
      ...{ fqdn, domain, ...pemsOf(lab.frontEnd), ...listen },
      users: [...users, notListed],
      gateway: { fqdn: lab.gateway.fqdn, host: lab.gateway.host, port: lab.gateway.sip },
    });
  };
  const frontEndGoes = async () => {
    violations.push(...(frontEnd?.violations() ?? []));
    const going = frontEnd;
    frontEnd = undefined;
    await going?.stop();
  };
  const there = <T>(what: T | undefined, name: string): T => {
    if (what === undefined) throw new Error(`${name} is away`);
    return what;
  };
  const partnerOf = (domain: string) => there(partners.get(domain), domain);
  const theFrontEnd = () => there(frontEnd, 'the front end');

  for (const { domain } of lab.partners) await partnerComes(domain);
  await frontEndComes();
  const neighboursGo = async () => {
    await ground.stop();
    await Promise.all([...partners.values()].map((partner) => partner.stop()));
    await frontEnd?.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const pair = await startPair(lab, ground.command).catch(async (error: unknown) => {
    await neighboursGo();
    throw error;
  });
  const stop = async () => {
    await pair.stop();
    await neighboursGo();
  };
  try {
    await pair.ready();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...{ lab, pair, relay, partnerGoes, partnerComes, frontEndGoes, frontEndComes, stop },
    partner: partnerOf,
    frontEnd: theFrontEnd,
    outsider: (address) => partnerOf(address.slice(address.indexOf('@') + 1)).user(address),
    insider: (address) => theFrontEnd().user(address),
    violations: () => [...violations, ...(frontEnd?.violations() ?? [])],
  };
}

async function oneMachine(lab: Lab): Promise<Ground> {
  const relay = await startLinkRelay(lab.proxy.link);
  change(lab.settings.gateway, (settings) => {
    settings.setIn(['link', 'proxies', 0, 'port'], relay.port);
  });
  return { relay, command: [], stop: relay.stop };
}

/** Changes one YAML file. */
export function change(file: string, edit: (settings: Document) => void): void {
  const settings = parseDocument(readFileSync(file, 'utf8'));
  edit(settings);
  writeFileSync(file, settings.toString());
}
