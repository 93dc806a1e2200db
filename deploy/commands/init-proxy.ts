// The plan of `sallyport init proxy`: what a new dmz-proxy needs.
import { proxySettings } from '@sallyport/dmz-proxy/settings.ts';
import { annotateSettings } from './annotate-settings.ts';
import type { SitePlan } from './init-files.ts';
import {
  checkedDomain,
  checkedNode,
  LINK_PORT,
  placesOf,
  policySteps,
  S2S_PORT,
  type Site,
  uriOf,
} from './init-site.ts';

export function proxyPlan(site: Site, gateways: readonly string[]): SitePlan {
  const domains = site.domains.map((domain) => checkedDomain(domain, '--domain'));
  const node = checkedNode(site.node ?? 'proxy-1', '--node');
  const fqdn = checkedDomain(site.fqdn ?? `xmpp.${site.domains[0]}`, '--fqdn');
  const dialling = (gateways.length === 0 ? ['gateway-1'] : gateways).map((name) => checkedNode(name, '--gateway'));
  const { dir, control, audit } = placesOf('proxy', site.dir);
  const settings = annotateSettings(
    ['The settings of dmz-proxy. Paths start at the folder of this file.', 'What is commented out is as it is said.'],
    proxySettings,
    {
      node,
      control,
      metrics: { host: '127.0.0.1', port: 9464 },
      audit: { file: audit, keyFile: 'audit.key' },
      domains,
      policy: 'policy',
      s2s: { host: '::', port: S2S_PORT },
      certificate: { certFile: 's2s.pem', keyFile: 's2s-key.pem' },
      link: {
        certFile: 'link.pem',
        keyFile: 'link-key.pem',
        caFile: 'link-ca.pem',
        listen: { host: '::', port: LINK_PORT },
        uri: uriOf(node),
        gateways: dialling.map(uriOf),
      },
    },
  );
  return {
    program: 'dmz-proxy',
    dir,
    settingsFile: 'proxy.yaml',
    settings,
    certificates: [
      {
        name: 's2s',
        words: `what partners see: ${domains.join(', ')}`,
        commonName: checkedDomain(site.domains[0], '--domain'),
        names: { dns: domains },
        authority: 'server',
        signedBy: 'a CA that your partners trust',
      },
      {
        name: 'link',
        words: `the wall: ${uriOf(node)}`,
        commonName: node,
        names: { dns: [fqdn], uris: [uriOf(node)] },
        authority: 'link',
        signedBy: 'the private CA of the wall, which must keep the URI name',
      },
    ],
    labTrust: { 'link-ca.pem': 'link' },
    secrets: [],
    otherTeam: 'inner-gateway',
    forTheOtherTeam: [
      ['our URI name', uriOf(node)],
      ['where to dial us', `${fqdn}:${LINK_PORT}`],
      ['for their init', `--proxy ${node}@${fqdn}:${LINK_PORT}`],
      ['URI names that we let in', dialling.map(uriOf).join(', ')],
      ['the CA of the wall', 'link-ca.pem, the same file on both sides'],
      ['port in their firewall', `${LINK_PORT}/tcp, from inside to us; nothing from us to inside`],
    ],
    ownCaSteps: [`put the CA of the wall at ${dir}/link-ca.pem`],
    steps: [
      `open ${S2S_PORT}/tcp to and from the partners, and ${LINK_PORT}/tcp from the gateways alone`,
      ...domains.map((domain) => `publish in DNS: _xmpp-server._tcp.${domain}. SRV 0 0 ${S2S_PORT} ${fqdn}.`),
      `put the policy at ${dir}/policy (samples in policies/), without the lists that only the inside may hold`,
      ...policySteps(dir),
    ],
  };
}
