// The journeys' site, with both halves and their neighbours on hosts of a network that has walls in it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { change, type Ground } from '../journeys/site-under-test.ts';
import type { Lab } from '../lab/lab-site.ts';
import type { Half } from '../lab/pair.ts';
import type { Namespaces } from './namespaces.ts';
import { type End, openTunnels, startTunnels, type Tunnel } from './tunnels.ts';

export type Layout = {
  readonly proxy: { readonly host: string; readonly command?: readonly string[] };
  readonly gateway: { readonly host: string; readonly command?: readonly string[] };
  /** Where the gateway reaches the proxy's link. */
  readonly link: string;
  /** Where the proxy listens for it. */
  readonly linkListens: string;
  /** Who carries the wire to the link that a journey can cut; root, unless the rules ask who dials it. */
  readonly relayAs?: readonly string[];
};

export const linkPort = 9443;
const proxyAddresses = ['192.0.2.10', '2001:db8:2::10'];
const partnerAddresses = ['203.0.113.11', '2001:db8:1::12'];

/**
 * Puts the halves on the hosts of the layout, one partner at an IPv4 and one at an IPv6 address of the host `outside`,
 * the front end on the host `skype`. Partners dial the proxy by both families in turn. Metrics listen on every address,
 * so that nothing but the rules hides them.
 */
export function groundOn(hosts: Namespaces, layout: Layout): (lab: Lab) => Promise<Ground> {
  return async (lab) => {
    const folder = mkdtempSync(join(tmpdir(), 'perimeter-'));
    const pipe = (name: string): End => ({ path: join(folder, name) });
    const here = (port: number): End => ({ host: '127.0.0.1', port });
    const { proxy, gateway } = lab;
    const relayPort = linkPort + 1;

    change(lab.settings.proxy, (settings) => {
      settings.setIn(['s2s'], { host: '::', port: 5269 });
      settings.setIn(['directTls'], { host: '::', port: 5270 });
      settings.setIn(['link', 'listen'], { host: layout.linkListens, port: linkPort });
      settings.setIn(['metrics', 'host'], '::');
    });
    change(lab.settings.gateway, (settings) => {
      settings.setIn(['link', 'proxies', 0, 'host'], '127.0.0.1');
      settings.setIn(['link', 'proxies', 0, 'port'], relayPort);
      settings.setIn(['sip', 'listen'], { host: '::', port: 5061 });
      settings.setIn(['sip', 'peers', 0, 'host'], '10.20.0.20');
      settings.setIn(['sip', 'peers', 0, 'port'], 5061);
      settings.setIn(['metrics', 'host'], '::');
    });
    change(join(lab.policyDir, 'partners.yaml'), (policy) => {
      for (const n of lab.partners.keys())
        policy.setIn(['partners', n, 'connect'], [{ host: partnerAddresses[n], port: 5269 }]);
    });

    const at = (host: string, tunnels: readonly Tunnel[]) => startTunnels(hosts.on(host), tunnels);
    const metrics = (half: Half) => ({
      there: tunnel(`${half}-metrics`, pipe(`${half}-metrics`), here(lab[half].metrics)),
      here: tunnel(`${half}-metrics`, here(lab[half].metrics), pipe(`${half}-metrics`)),
    });
    const dialling = proxyAddresses.map((host, n) => tunnel(`s2s-${n}`, pipe(`s2s-${n}`), { host, port: 5269 }));
    const partners = lab.partners.map(({ listen }, n) => ({
      there: tunnel(`partner-${n}`, { host: partnerAddresses[n] ?? '', port: 5269 }, pipe(`partner-${n}`)),
      here: tunnel(`partner-${n}`, pipe(`partner-${n}`), listen),
    }));
    const near = await openTunnels([
      tunnel('s2s', here(proxy.s2s), ...dialling.map(({ listen }) => listen)),
      tunnel('sip', here(gateway.sip), pipe('to-gateway')),
      tunnel('front-end', pipe('to-front-end'), lab.frontEnd.listen),
      ...partners.map((each) => each.here),
      metrics('proxy').here,
      metrics('gateway').here,
    ]);
    const relay = tunnel('link', here(relayPort), { host: layout.link, port: linkPort });
    const [wire, ...others] = await Promise.all([
      startTunnels([...hosts.on(layout.gateway.host), ...(layout.relayAs ?? [])], [relay]),
      at(layout.gateway.host, [metrics('gateway').there]),
      at(layout.proxy.host, [metrics('proxy').there]),
      at('outside', [...dialling, ...partners.map((each) => each.there)]),
      at('skype', [
        tunnel('to-gateway', pipe('to-gateway'), { host: '10.20.0.10', port: 5061 }),
        tunnel('to-front-end', { host: '10.20.0.20', port: 5061 }, pipe('to-front-end')),
      ]),
    ]);
    const stop = async () => {
      await Promise.all([near, wire, ...others].map((each) => each.stop()));
      rmSync(folder, { recursive: true, force: true });
    };
    return {
      relay: { port: relayPort, cut: () => wire.cut('link'), stop: async () => {} },
      command: (half) => [...hosts.on(layout[half].host), ...(layout[half].command ?? [])],
      stop,
    };
  };
}

function tunnel(name: string, listen: End, ...to: readonly End[]): Tunnel {
  return { name, listen, to };
}
