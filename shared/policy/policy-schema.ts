// What may stand in partners.yaml: strict, closed, and with the words that become the manual.
import { isIP } from 'node:net';
import { z } from 'zod';
import { domainName } from '../settings-schema.ts';
import { type Impossible, refuseWithoutProof, refuseWithoutTrust } from './proof-terms.ts';
import { partnerRate } from './rate-schema.ts';
import { note, people, refuseRepeated } from './schema-pieces.ts';
import { refuseIdleWords, vocabularyFields } from './vocabulary-schema.ts';

const pair = z.strictObject({
  external: people.describe('who outside: an address, *@domain, or *'),
  internal: people.describe('whom inside: an address, *@domain, or *'),
});

const pinned = z.strictObject({
  host: z
    .string()
    .refine((text) => isIP(text) !== 0, { error: 'write an IP address; for a name write connect: dns' })
    .describe('an IP address'),
  port: z.int().min(1).max(65_535).optional().describe('a TCP port; 5269, or 5270 with tls: direct, unless told'),
  tls: z
    .enum(['starttls', 'direct'])
    .default('starttls')
    .describe('how TLS begins: after STARTTLS, or with the first byte'),
});

// A number for YAML, as people write it.
const tlsVersion = z.literal([1.2, 1.3], {
  error: 'write 1.2 or 1.3, without quotes; older versions of TLS are not spoken',
});

const partnerFields = z.strictObject({
  domain: domainName.describe('the domain of the partner, as it stands in its addresses'),
  owner: note.optional().describe('who answers for this entry'),
  notes: note.optional().describe('whatever the next reader should know'),
  connect: z
    .union([z.literal('dns'), z.array(pinned).min(1).max(16)], {
      error: 'write dns, or a list of addresses such as { host: 192.0.2.10, port: 5269 }; never both',
    })
    .describe('where its servers listen: a list, tried in this order, or dns'),
  allowPrivate: z
    .boolean()
    .optional()
    .describe('with dns: connect to private, loopback and own addresses as well, if DNS says so'),
  tls: z
    .strictObject({
      min: tlsVersion.default(1.2).describe('the lowest version'),
      max: tlsVersion.default(1.3).describe('the highest version; 1.2 for old Java servers that fail with 1.3'),
    })
    .optional()
    .describe('the versions of TLS that it may speak, in both directions'),
  bidi: z
    .boolean()
    .optional()
    .describe('true: one stream may carry both directions, whoever dialled it, where its server offers that too'),
  trust: z
    .array(
      z.string().regex(/^trust\/[a-z0-9][a-z0-9._-]{0,99}\.pem$/, {
        error: 'write the path of a PEM file in the folder trust of the policy, such as trust/out-example.pem',
      }),
    )
    .max(16)
    .optional()
    .describe(
      'the CA certificates that its certificate must lead to; no other CA counts for it; required without pinsOnly',
    ),
  pins: z
    .array(
      z.string().regex(/^[0-9a-f]{64}$/, {
        error: 'write the SHA-256 of a public key in hex, 64 characters in lower case',
      }),
    )
    .min(1)
    .max(16)
    .optional()
    .describe('the SHA-256 of the public keys that its certificate may have; asked besides the path to a CA'),
  pinsOnly: z.boolean().optional().describe('true: the pins stand for the path to a CA, as for self-signed partners'),
  external: z
    .enum(['required', 'optional', 'never'])
    .optional()
    .describe(
      'SASL EXTERNAL, by which a certificate speaks: required (without dialback the only way), optional (tried first), or never',
    ),
  dialback: z
    .enum(['never', 'tls-only', 'tls+same-cert'], {
      error: 'write never, tls-only or tls+same-cert; dialback without TLS is not spoken',
    })
    .default('never')
    .describe(
      'server dialback, inside TLS alone: never; tls-only: with any certificate; tls+same-cert: with the one that its own server shows',
    ),
  crl: z
    .strictObject({
      file: z
        .string()
        .regex(/^trust\/[a-z0-9][a-z0-9._-]{0,99}\.crl$/, {
          error: 'write the path of a file in the folder trust of the policy, such as trust/out-example.crl',
        })
        .describe('the revocation lists of its CAs, PEM or one DER'),
      required: z
        .boolean()
        .default(false)
        .describe('true: refuse what no list in date speaks for; false: refuse only what a list names'),
    })
    .optional()
    .describe('which of the certificates are taken back'),
  mayTalk: z
    .union([z.literal('everyone'), z.array(pair).max(100_000)], {
      error:
        'write everyone, or a list of pairs such as { external: ann@out.example, internal: bob@in.example } instead',
    })
    .describe('everyone, or the pairs that may; an empty list refuses all'),
  rate: partnerRate.prefault({}).describe('how much it may send; whatever is left out is as limits.yaml says'),
  invalid: z
    .enum(['refuse', 'close'])
    .default('refuse')
    .describe('a stanza that breaks the grammar: refuse it (and close after repeated ones), or close at the first'),
  unknown: z
    .enum(['strip', 'refuse'])
    .default('strip')
    .describe('unknown children of messages and presence: strip them, or refuse the stanza'),
  ...vocabularyFields,
});

const partnerSchema = partnerFields.superRefine((entry, context) => {
  const impossible: Impossible = (message, ...path) => context.addIssue({ code: 'custom', path, message });
  const { connect, allowPrivate, tls, trust, pins, pinsOnly, crl } = entry;
  refuseIdleWords(entry, impossible);
  if (connect !== 'dns') {
    if (allowPrivate !== undefined) {
      impossible('is for connect: dns; pinned addresses are taken as they are, so remove it', 'allowPrivate');
    }
    refuseFallback(connect, impossible);
  }
  if (tls !== undefined && tls.max < tls.min) {
    impossible('1.2 is below min, which is 1.3; write max: 1.3, or min: 1.2', 'tls', 'max');
  }
  if (pinsOnly === true) {
    if (pins === undefined) impossible('there are no pins; write pins, or remove pinsOnly and write trust', 'pinsOnly');
    if (trust !== undefined) impossible('no CA counts with pinsOnly; remove trust, or remove pinsOnly', 'trust');
    if (crl !== undefined)
      impossible('with pinsOnly no CA can take anything back; remove crl, or remove pinsOnly', 'crl');
  } else if (trust === undefined || trust.length === 0) {
    refuseWithoutTrust(entry, impossible);
  }
  refuseWithoutProof(entry, impossible);
  // As in load-policy: with dialback and nothing to hold a certificate to, EXTERNAL is never tried.
  const isProved = entry.external !== 'never' && ((trust?.length ?? 0) > 0 || pinsOnly === true);
  if (entry.bidi === true && !isProved) {
    impossible(
      'needs a partner that its certificate proves; write trust, without external: never, or remove bidi',
      'bidi',
    );
  }
});

export const partnersFile = z
  .strictObject({
    partners: z
      .array(partnerSchema)
      .max(10_000)
      .superRefine((partners, context) => {
        refuseRepeated(partners, 'domain', context);
        for (const [i, { domain, mayTalk }] of partners.entries()) {
          if (mayTalk === 'everyone') continue;
          for (const [j, { external }] of mayTalk.entries()) {
            if (external === '*' || external.endsWith(`@${domain}`)) continue;
            const message = `${external} is not of this partner; write an address that ends in @${domain} instead`;
            context.addIssue({ code: 'custom', path: [i, 'mayTalk', j, 'external'], message });
          }
        }
      })
      .describe('the domains that we federate with'),
  })
  .describe('partners.yaml');

export type PartnerEntry = z.infer<typeof partnerSchema>;
export type Pair = z.infer<typeof pair>;

// On one port TLS begins in one way: a failed direct TLS that went on with STARTTLS would be a step down (N10).
function refuseFallback(addresses: readonly z.infer<typeof pinned>[], impossible: Impossible): void {
  const seen = new Map<string, string>();
  for (const [i, address] of addresses.entries()) {
    const { host, tls } = address;
    const place = `${host}, port ${portOf(address)}`;
    const before = seen.get(place);
    if (before === tls) impossible(`${place} stands here again; keep one of them`, 'connect', i);
    else if (before !== undefined) {
      impossible(`${place} stands here with tls: ${before} and with tls: ${tls}; keep one of them`, 'connect', i);
    }
    seen.set(place, tls);
  }
}

/** The port of a pinned address: 5269, by convention 5270 for direct TLS (XEP-0368), unless the entry tells. */
export function portOf({ port, tls }: z.infer<typeof pinned>): number {
  return port ?? (tls === 'direct' ? 5270 : 5269);
}
