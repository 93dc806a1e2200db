// The settings of dmz-proxy: one schema, from which the check, the type and the manual come.
import {
  certificate,
  domainName,
  endpoint,
  file,
  linkCertificate,
  operation,
} from '@sallyport/shared/settings-schema.ts';
import { z } from 'zod';

export const proxySettings = z
  .strictObject({
    ...operation,
    domains: z.array(domainName).min(1).describe('the internal domains that partners may reach through this proxy'),
    policy: file.describe('the folder of the policy: partners.yaml, content.yaml, lists/'),
    s2s: endpoint.describe('where partners connect (STARTTLS); 5269 unless there is a reason'),
    directTls: endpoint.optional().describe('where partners connect with TLS from the first byte; 5270 by convention'),
    certificate: certificate.describe('what partners see: a DNS name for each internal domain'),
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
  .describe('dmz-proxy');

export type ProxySettings = z.infer<typeof proxySettings>;
