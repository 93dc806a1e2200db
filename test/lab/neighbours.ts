// The neighbours of the lab: XMPP partner servers outside and a Skype front end inside, over the real protocols.
import { readFileSync } from 'node:fs';
import { type SkypeFrontEnd, startSkypeFrontEnd } from '../fakes/skype-front-end/front-end.ts';
import { startXmppPartner, type XmppPartner } from '../fakes/xmpp-partner/xmpp-partner.ts';
import type { Lab, LabPartner } from './lab-site.ts';

export type Neighbours = {
  readonly partners: ReadonlyMap<string, XmppPartner>;
  readonly frontEnd: () => SkypeFrontEnd;
  /** Ends the front end and starts another in its place, as after a restart of the machine. */
  readonly restartFrontEnd: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

export async function startNeighbours(lab: Lab): Promise<Neighbours> {
  const partners = new Map<string, XmppPartner>();
  for (const partner of lab.partners) partners.set(partner.domain, await startPartner(lab, partner));
  let frontEnd = await startFrontEnd(lab);
  return {
    partners,
    frontEnd: () => frontEnd,
    async restartFrontEnd() {
      await frontEnd.stop();
      frontEnd = await startFrontEnd(lab);
    },
    async stop() {
      await Promise.all([...partners.values()].map((partner) => partner.stop()));
      await frontEnd.stop();
    },
  };
}

export function startPartner(lab: Lab, partner: LabPartner): Promise<XmppPartner> {
  return startXmppPartner({
    domain: partner.domain,
    users: partner.users,
    ...pemsOf(partner),
    ...partner.listen,
    proxy: { host: lab.proxy.host, port: lab.proxy.s2s },
  });
}

function startFrontEnd(lab: Lab): Promise<SkypeFrontEnd> {
  const { frontEnd, gateway } = lab;
  return startSkypeFrontEnd({
    fqdn: frontEnd.fqdn,
    domain: frontEnd.domain,
    users: frontEnd.users,
    ...pemsOf(frontEnd),
    ...frontEnd.listen,
    gateway: { fqdn: gateway.fqdn, host: gateway.host, port: gateway.sip },
  });
}

/** Certificate, key and CA as PEM texts. */
export function pemsOf(files: { readonly certFile: string; readonly keyFile: string; readonly caFile: string }) {
  const read = (file: string) => readFileSync(file, 'utf8');
  return { cert: read(files.certFile), key: read(files.keyFile), ca: read(files.caFile) };
}
