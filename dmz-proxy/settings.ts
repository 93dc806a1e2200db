// The settings of dmz-proxy: one schema, from which the check, the type and the manual come.
import { isIP } from 'node:net';
import {
  certificate,
  domainName,
  endpoint,
  file,
  linkCertificate,
  operation,
  policyJournal,
  policySignatures,
} from '@sallyport/shared/settings-schema.ts';
import { z } from 'zod';

export const proxySettings = z
  .strictObject({
    ...operation,
    domains: z.array(domainName).min(1).describe('the internal domains that partners may reach through this proxy'),
    retiredDomains: z
      .array(domainName)
      .default([])
      .describe('domains that were ours once: partners are told that they are gone'),
    policy: file.describe('the folder of the policy: partners.yaml, limits.yaml, content.yaml, lists/'),
    contentKeyFile: file
      .optional()
      .describe(
        'the key of lists of hashes, 32 bytes or more, outside of the policy; needed where the policy has such lists; read again when it changes',
      ),
    policySignatures: policySignatures
      .optional()
      .describe('who must have signed the policy; without it anybody who can write to its folder decides'),
    policyJournal: policyJournal.optional(),
    s2s: endpoint.describe('where partners connect (STARTTLS); 5269 unless there is a reason'),
    directTls: endpoint.optional().describe('where partners connect with TLS from the first byte; 5270 by convention'),
    appliances: z
      .array(
        z.string().refine(isNetwork, {
          error:
            'write an address such as 192.0.2.7, or a network such as 192.0.2.0/24 or 2001:db8::/64 (no wider than /8, or /16 for IPv6)',
        }),
      )
      .max(64)
      .default([])
      .describe(
        'load balancers and TLS appliances in front of us: each of their connections must begin with PROXY protocol version 2, and nobody else may use it',
      ),
    dns: z
      .strictObject({
        servers: z
          .array(
            z.string().refine(isNameServer, {
              error:
                'write the IP address of a name server, such as 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:5353',
            }),
          )
          .min(1)
          .max(8)
          .describe('the name servers, tried in this order'),
      })
      .optional()
      .describe('who is asked for partners that say connect: dns; the name servers of the system unless told'),
    certificate: certificate.describe(
      'what partners see: a DNS name for each internal domain that has no certificate of its own',
    ),
    certificates: z
      .array(
        certificate.extend({
          domains: z.array(domainName).min(1).describe('the internal domains that it names, and is shown for'),
        }),
      )
      .max(256)
      .default([])
      .describe('for domains with a certificate of their own; a partner that names none of them sees the common one'),
    dialback: z
      .strictObject({
        secretFile: file.describe(
          'a long random text, the same on all proxies of these domains, readable by the process alone: openssl rand -hex 32',
        ),
      })
      .optional()
      .describe(
        'for partners whose entry allows dialback: the secret of our keys; made anew at each start unless told, which serves one proxy',
      ),
    link: linkCertificate
      .extend({
        listen: endpoint.describe('where inner-gateway dials in; the inner firewall opens this port outward only'),
        uri: z.string().startsWith('spiffe://').describe('the URI name in our own link certificate'),
        gateways: z
          .array(z.string().startsWith('spiffe://'))
          .min(1)
          .describe('the URI names of the gateways that may dial in'),
      })
      .describe('the wall'),
    limits: z
      .strictObject({
        connectionsPerAddress: z.int().min(1).max(1000).default(20).describe('open connections from one IP address'),
        attemptsPerAddress: z
          .int()
          .min(1)
          .max(10_000)
          .default(60)
          .describe('new connections from one IP address in a minute'),
        stanzaBytes: z.int().min(10_000).max(1_048_576).default(65_536).describe('the largest stanza, in bytes'),
        bodyCharacters: z
          .int()
          .min(100)
          .max(65_536)
          .default(16_384)
          .describe('the longest message text, in characters'),
        negotiationSeconds: z.int().min(5).max(600).default(60).describe('from the connection to its authentication'),
        idleSeconds: z.int().min(60).max(7200).default(900).describe('a stream without a byte for so long is closed'),
        keepaliveSeconds: z
          .int()
          .min(10)
          .max(3600)
          .default(240)
          .describe('a space is sent after so long without output'),
        connectSeconds: z
          .int()
          .min(1)
          .max(120)
          .default(60)
          .describe('how long stanzas wait for a partner to be reached'),
        queuePackets: z.int().min(10).max(10_000).default(1_000).describe('stanzas that wait for one pair of domains'),
        queueBytes: z.int().min(65_536).max(67_108_864).default(4_194_304).describe('and how many bytes of them'),
      })
      .prefault({})
      .describe('how much of anything'),
  })
  .superRefine(({ domains, certificates }, context) => {
    const named = certificates.flatMap((each, index) => each.domains.map((domain, at) => ({ domain, index, at })));
    const seen = new Set<string>();
    for (const { domain, index, at } of named) {
      const path = ['certificates', index, 'domains', at];
      if (!domains.includes(domain)) {
        context.addIssue({ code: 'custom', path, message: `write one of the internal domains under domains` });
      } else if (seen.has(domain)) {
        context.addIssue({ code: 'custom', path, message: `leave it with one certificate; it stands above already` });
      }
      seen.add(domain);
    }
  })
  .describe('dmz-proxy');

function isNetwork(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0 || address.includes('%')) return false;
  if (prefix === undefined) return true;
  const bits = Number(prefix);
  return /^\d{1,3}$/.test(prefix) && bits >= (family === 4 ? 8 : 16) && bits <= (family === 4 ? 32 : 128);
}

function isNameServer(text: string): boolean {
  if (isIP(text) !== 0) return true;
  const [, host = '', port = ''] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  const isPort = Number(port) >= 1 && Number(port) <= 65_535;
  return isPort && (isIP(host) === 4 || (/^\[.+\]$/.test(host) && isIP(host.slice(1, -1)) === 6));
}

export type ProxySettings = z.infer<typeof proxySettings>;
