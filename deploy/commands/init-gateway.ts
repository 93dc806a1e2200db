// The plan of `sallyport init gateway`: what a new inner-gateway needs.
import { gatewaySettings } from '@sallyport/inner-gateway/settings.ts';
import { annotateSettings } from './annotate-settings.ts';
import { WrongQuestion } from './command.ts';
import type { SitePlan } from './init-files.ts';
import {
  checkedDomain,
  checkedNode,
  LINK_PORT,
  placesOf,
  policySteps,
  SIP_PORT,
  type Site,
  uriOf,
} from './init-site.ts';

export function gatewayPlan(
  site: Site,
  peers: { readonly proxies: readonly string[]; readonly skype: string | undefined },
): SitePlan {
  const domains = site.domains.map((domain) => checkedDomain(domain, '--domain'));
  const node = checkedNode(site.node ?? 'gateway-1', '--node');
  const fqdn = checkedDomain(site.fqdn ?? `sallyport.${site.domains[0]}`, '--fqdn');
  const skype = checkedDomain(peers.skype ?? `pool.${site.domains[0]}`, '--skype');
  const proxies = (peers.proxies.length === 0 ? [`proxy-1@xmpp.${site.domains[0]}`] : peers.proxies).map(proxyOf);
  const { dir, control, audit, store, quarantine } = placesOf('gateway', site.dir);
  const settings = annotateSettings(
    [
      'The settings of inner-gateway. Paths start at the folder of this file.',
      'What is commented out is as it is said.',
    ],
    gatewaySettings,
    {
      node,
      control,
      metrics: { host: '127.0.0.1', port: 9465 },
      audit: { file: audit, keyFile: 'audit.key' },
      domains,
      users: [],
      policy: 'policy',
      store: { file: store, keyFile: 'store.key' },
      quarantine: { file: quarantine, keyFile: 'quarantine.key' },
      link: { certFile: 'link.pem', keyFile: 'link-key.pem', caFile: 'link-ca.pem', uri: uriOf(node), proxies },
      sip: {
        listen: { host: '::', port: SIP_PORT },
        fqdn,
        certificate: { certFile: 'sip.pem', keyFile: 'sip-key.pem' },
        peers: [{ fqdn: skype, host: skype, port: SIP_PORT, caFile: 'skype-ca.pem', domains }],
      },
    },
  );
  return {
    program: 'inner-gateway',
    dir,
    settingsFile: 'gateway.yaml',
    settings,
    certificates: [
      {
        name: 'sip',
        words: `what Skype sees: ${fqdn}`,
        commonName: fqdn,
        names: { dns: [fqdn] },
        authority: 'server',
        signedBy: 'the CA that the Skype servers trust, for server and client use',
      },
      {
        name: 'link',
        words: `the wall: ${uriOf(node)}`,
        commonName: node,
        names: { dns: [node], uris: [uriOf(node)] },
        authority: 'link',
        signedBy: 'the private CA of the wall, which must keep the URI name',
      },
    ],
    labTrust: { 'link-ca.pem': 'link', 'skype-ca.pem': 'server' },
    secrets: ['store.key', 'quarantine.key'],
    otherTeam: 'dmz-proxy',
    forTheOtherTeam: [
      ['our URI name', uriOf(node)],
      ['for their init', `--gateway ${node}`],
      ['what we dial', proxies.map(({ host, port }) => `${host}:${port}`).join(', ')],
      ['URI names that we expect there', proxies.map(({ uri }) => uri).join(', ')],
      ['the CA of the wall', 'link-ca.pem, the same file on both sides'],
    ],
    ownCaSteps: [`put the CA of the wall at ${dir}/link-ca.pem and the CA of Skype at ${dir}/skype-ca.pem`],
    steps: [
      `in the Skype topology, make ${fqdn} a trusted application server on port ${SIP_PORT} and route the partners' domains to it`,
      `open ${SIP_PORT}/tcp between ${skype} and this machine, and outward to ${proxies.map(({ host, port }) => `${host}:${port}`).join(', ')}`,
      `write into gateway.yaml who may talk to partners (users), and the names of the front ends (sip.peers.alsoNames)`,
      `put the policy at ${dir}/policy (samples in policies/), of the same revision as on the proxy`,
      ...policySteps(dir),
    ],
  };
}

/** NODE@HOST[:PORT]. */
function proxyOf(text: string) {
  const [, node, host, port] = /^([^@]+)@([^@:]+|\[[0-9a-fA-F:.]+\])(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (node === undefined || host === undefined) {
    throw new WrongQuestion(`--proxy ${text}: write NODE@HOST or NODE@HOST:PORT, such as proxy-1@xmpp.in.example`);
  }
  const number = port === undefined ? LINK_PORT : Number(port);
  if (number > 65_535) throw new WrongQuestion(`--proxy ${text}: a port is 65535 at most`);
  return { host: host.replace(/^\[|\]$/g, ''), port: number, uri: uriOf(checkedNode(node, '--proxy')) };
}
