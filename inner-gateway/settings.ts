// The settings of inner-gateway: one schema, from which the check, the type and the manual come.
import {
  bareAddress,
  certificate,
  domainName,
  endpoint,
  file,
  hostName,
  linkCertificate,
  operation,
  policyJournal,
  policySignatures,
  port,
} from '@sallyport/shared/settings-schema.ts';
import { z } from 'zod';

export const gatewaySettings = z
  .strictObject({
    ...operation,
    domains: z.array(domainName).min(1).describe('the internal domains; all other domains are outside'),
    users: z.array(bareAddress).default([]).describe('the internal users who may talk to partners'),
    policy: file.describe('the folder of the policy: partners.yaml, limits.yaml, content.yaml, lists/'),
    contentKeyFile: file
      .optional()
      .describe(
        'the key of lists of hashes, 32 bytes or more, outside of the policy; needed where the policy has such lists; read again when it changes',
      ),
    policySignatures: policySignatures
      .extend({
        deliver: z
          .boolean()
          .default(true)
          .describe('give every proxy its copy of what is in force, over the link; it needs the same operators there'),
      })
      .optional()
      .describe('who must have signed the policy; without it anybody who can write to its folder decides'),
    policyJournal: policyJournal.optional(),
    store: z
      .strictObject({
        file: file.describe('the SQLite file that keeps undelivered packets across restarts'),
        keyFile: file.describe('32 random bytes that seal the texts in it; without them it is unreadable'),
      })
      .describe('what is kept'),
    quarantine: z
      .strictObject({
        file: file.describe('the SQLite file of the packets that content rules hold'),
        keyFile: file.describe('32 random bytes that seal the texts in it; not the key of the store'),
        atMostItems: z.int().min(4).max(20_000).default(2_000).describe('so many packets are held; more are refused'),
        atMostMegabytes: z.int().min(1).max(4_096).default(64).describe('so much is held; more is refused'),
        atMostPerSender: z.int().min(1).max(10_000).default(50).describe('so many packets of one sender are held'),
        expireDays: z
          .int()
          .min(1)
          .max(90)
          .default(14)
          .describe('what nobody has released by then is refused, and its sender told'),
      })
      .optional()
      .describe('where packets are held that a content rule puts into quarantine; without it they are refused'),
    link: linkCertificate
      .extend({
        uri: z.string().startsWith('spiffe://').describe('the URI name in our own link certificate'),
        proxies: z
          .array(
            z.strictObject({
              host: z.string().min(1).describe('where the proxy listens for the link'),
              port,
              uri: z.string().startsWith('spiffe://').describe('the URI name in its link certificate'),
            }),
          )
          .min(1)
          .describe('the proxies to dial'),
        remakeSeconds: z.int().min(5).max(900).default(600).describe('the link is made anew so often'),
      })
      .describe('the wall'),
    sip: z
      .strictObject({
        listen: endpoint.describe('where front ends and edges connect; 5061 unless there is a reason'),
        fqdn: hostName.describe('our name in the Skype topology; the certificate must carry it'),
        publicPort: port.optional().describe('the port that peers reach us on, where it is not the one we listen on'),
        certificate: certificate.describe('what front ends see; with serverAuth and clientAuth'),
        peers: z
          .array(
            z.strictObject({
              fqdn: hostName.describe('the name that its certificate must carry'),
              alsoNames: z.array(hostName).default([]).describe('further names of the same pool: each front end'),
              host: z.string().min(1).describe('where to dial it'),
              port: port.default(5061),
              caFile: file.describe('the CA that issues its certificate, PEM; read again when it changes'),
              crlFile: file.optional().describe('the revocation lists of that CA, PEM; read again when it changes'),
              dialect: z
                .enum(['skype', 'federation'])
                .default('skype')
                .describe('a Skype pool, or an edge that we federate with'),
              domains: z.array(domainName).min(1).describe('the internal domains whose users it serves'),
              wildcard: z.boolean().default(false).describe('take *.domain in its certificate'),
              tls: z.enum(['1.2', '1.3']).default('1.2').describe('the oldest TLS version taken from it'),
            }),
          )
          .min(1)
          .describe('the Skype pools and edges'),
        inviteSeconds: z
          .int()
          .min(10)
          .max(180)
          .default(60)
          .describe('how long a person may take to pick up a conversation'),
        idleMinutes: z.int().min(1).max(120).default(10).describe('a silent conversation is ended with BYE'),
      })
      .describe('Skype for Business'),
  })
  .describe('inner-gateway');

export type GatewaySettings = z.infer<typeof gatewaySettings>;
