// `sallyport init proxy` and `sallyport init gateway`: keys, requests and settings for a site, and what is next.
import path from 'node:path';
import type { Command, Options, Terminal } from './command.ts';
import { listOption, textOption, WrongQuestion } from './command.ts';
import { type CertificatePlan, type SitePlan, writeSite } from './init-files.ts';
import { gatewayPlan } from './init-gateway.ts';
import { proxyPlan } from './init-proxy.ts';
import type { Site } from './init-site.ts';

const common = {
  dir: { type: 'string' },
  domain: { type: 'string', multiple: true },
  node: { type: 'string' },
  fqdn: { type: 'string' },
  'lab-ca': { type: 'string' },
  force: { type: 'boolean' },
} as const;

const commonHelp = [
  '  --domain D     an internal domain, such as in.example; as often as there are domains (needed)',
  '  --dir DIR      where everything is written',
  '  --node NAME    the name of this node',
  '  --lab-ca DIR   issue the certificates at once from the lab CAs in DIR, which are made if they are not there;',
  '                 without it, requests (CSR) are written for your own CAs',
  '  --force        replace settings, requests and lab certificates; private keys are always kept',
];

export const initProxy: Command = {
  name: 'init proxy',
  summary: 'keys, certificate requests and settings for dmz-proxy',
  help: [
    ...commonHelp,
    '  --fqdn NAME    the host name that partners connect to; xmpp.DOMAIN unless told',
    '  --gateway NAME the node name of a gateway that may dial in; gateway-1 unless told, may be repeated',
  ],
  options: { ...common, gateway: { type: 'string', multiple: true } },
  words: [],
  run: (_words, options, terminal) =>
    init(proxyPlan(siteOf(options), listOption(options, 'gateway')), options, terminal),
};

export const initGateway: Command = {
  name: 'init gateway',
  summary: 'keys, certificate requests and settings for inner-gateway',
  help: [
    ...commonHelp,
    '  --fqdn NAME    our name in the Skype topology; sallyport.DOMAIN unless told',
    '  --proxy NODE@HOST[:PORT]  a proxy to dial; proxy-1@xmpp.DOMAIN unless told, may be repeated',
    '  --skype FQDN   the Skype pool; pool.DOMAIN unless told',
  ],
  options: { ...common, proxy: { type: 'string', multiple: true }, skype: { type: 'string' } },
  words: [],
  run: (_words, options, terminal) =>
    init(
      gatewayPlan(siteOf(options), { proxies: listOption(options, 'proxy'), skype: textOption(options, 'skype') }),
      options,
      terminal,
    ),
};

function siteOf(options: Options): Site {
  const [first, ...rest] = listOption(options, 'domain');
  if (first === undefined) throw new WrongQuestion('write --domain in.example, as often as there are internal domains');
  return {
    domains: [first, ...rest],
    node: textOption(options, 'node'),
    fqdn: textOption(options, 'fqdn'),
    dir: textOption(options, 'dir'),
  };
}

async function init(plan: SitePlan, options: Options, terminal: Terminal): Promise<number> {
  const labCa = textOption(options, 'lab-ca');
  const written = writeSite(plan, { labCa, force: options.force === true });
  const { say } = terminal;
  say(`Written to ${plan.dir}:`);
  for (const { file, words } of written) say(`  ${file.padEnd(18)}${words}`);
  say('');
  say(`For the team of ${plan.otherTeam}:`);
  for (const [what, value] of plan.forTheOtherTeam) say(`  ${what.padEnd(34)}${value}`);
  say('');
  say('Next, in this order:');
  const settings = path.join(plan.dir, plan.settingsFile);
  const steps = [
    ...(labCa === undefined ? [...plan.certificates.map((each) => askFor(each, plan)), ...plan.ownCaSteps] : []),
    ...plan.steps,
    `check: npx sallyport check settings ${settings}`,
    `start ${plan.program} with ${settings} (README.md, "Run it for real"), then look: npx sallyport status`,
  ];
  for (const [index, step] of steps.entries()) say(`  ${index + 1}. ${step}`);
  return 0;
}

function askFor(certificate: CertificatePlan, plan: SitePlan): string {
  const { name } = certificate;
  const file = (ending: string) => path.join(plan.dir, `${name}${ending}`);
  return `have ${file('.csr')} signed by ${certificate.signedBy}; put the answer with its chain at ${file('.pem')}`;
}
