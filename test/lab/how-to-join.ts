// What the lab says when it stays up: where everything is, and how one's own Prosody joins.
import type { Lab, LabPartner } from './lab-site.ts';

export function howToJoin(lab: Lab, folder: string, bare: boolean): readonly string[] {
  const [partner] = lab.partners;
  if (partner === undefined) return [];
  return [
    '',
    'The lab stays up. Ctrl-C ends it.',
    '',
    `  partners connect to   ${lab.proxy.host}:${lab.proxy.s2s} (STARTTLS), ${lab.proxy.host}:${lab.proxy.directTls} (TLS at once)`,
    `  front ends connect to ${lab.gateway.host}:${lab.gateway.sip} (SIP over TLS, as ${lab.gateway.fqdn})`,
    `  metrics               http://${lab.proxy.host}:${lab.proxy.metrics}/metrics, http://${lab.gateway.host}:${lab.gateway.metrics}/metrics`,
    `  policy                ${lab.policyDir} (edit it: a good change is in force within seconds)`,
    `  audit                 ${lab.audit.proxy}`,
    `                        ${lab.audit.gateway}`,
    `  all of this           ${folder}/lab.json`,
    `  how it is             npx sallyport status --control ${folder}/proxy.sock (or gateway.sock)`,
    '',
    ...(bare
      ? prosodyLines(lab, partner)
      : ['To join with your own Prosody: `npm run lab -- --bare` leaves its place free and says how.', '']),
  ];
}

function prosodyLines(lab: Lab, partner: LabPartner): readonly string[] {
  return [
    `To join with your own Prosody, let it play ${partner.domain}:`,
    '',
    '  1. In prosody.cfg.lua:',
    '       modules_enabled = { "saslauth", "tls", "ping", "disco" }',
    `       s2s_ports = { ${partner.listen.port} }  s2s_interfaces = { "${partner.listen.host}" }`,
    '       s2s_secure_auth = true',
    `       VirtualHost "${partner.domain}"`,
    `         ssl = { certificate = "${partner.certFile}", key = "${partner.keyFile}", cafile = "${partner.caFile}" }`,
    `  2. Make the DNS that Prosody asks answer for ${lab.internalDomains.join(' and ')}:`,
    `       _xmpp-server._tcp.${lab.internalDomains[0]}. SRV 0 0 ${lab.proxy.s2s} proxy.lab.example.   proxy.lab.example. A ${lab.proxy.host}`,
    `  3. Write from any account of ${partner.domain} to ${lab.internalUsers[0]}.`,
    '',
  ];
}
