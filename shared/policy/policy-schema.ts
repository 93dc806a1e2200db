// What may stand in partners.yaml and content.yaml: strict, closed, and with the words that become the manual.
import { isIP } from 'node:net';
import { z } from 'zod';
import { parseJid } from '../address/jid.ts';
import { domainName } from '../settings-schema.ts';

const note = z.string().max(1_000);

/** `*@out.example`, `ann@out.example`, or `*`: everyone. */
const people = z.string().refine((text) => text === '*' || isBare(text.startsWith('*@') ? `x${text.slice(1)}` : text), {
  error: 'write an address in lower case such as ann@out.example, or *@out.example for its whole domain, or * for all',
});

const pair = z.strictObject({
  external: people.describe('who outside: an address, *@domain, or *'),
  internal: people.describe('whom inside: an address, *@domain, or *'),
});

const partnerSchema = z.strictObject({
  domain: domainName.describe('the domain of the partner, as it stands in its addresses'),
  owner: note.optional().describe('who answers for this entry'),
  notes: note.optional().describe('whatever the next reader should know'),
  connect: z
    .array(
      z.strictObject({
        host: z
          .string()
          .refine((text) => isIP(text) !== 0, { error: 'write an IP address; no DNS query is made for a partner' })
          .describe('an IP address'),
        port: z.int().min(1).max(65_535).default(5269).describe('a TCP port'),
      }),
    )
    .min(1)
    .max(16)
    .describe('where its servers listen, tried in this order'),
  trust: z
    .array(
      z.string().regex(/^trust\/[a-z0-9][a-z0-9._-]{0,99}\.pem$/, {
        error: 'write the path of a PEM file in the folder trust of the policy, such as trust/out-example.pem',
      }),
    )
    .min(1)
    .max(16)
    .describe('the CA certificates that its certificate must lead to; no other CA counts for this partner'),
  mayTalk: z
    .union([z.literal('everyone'), z.array(pair).max(100_000)], {
      error:
        'write everyone, or a list of pairs such as { external: ann@out.example, internal: bob@in.example } instead',
    })
    .describe('everyone, or the pairs that may; an empty list refuses all'),
  rate: z
    .strictObject({
      stanzasPerSecond: z.number().positive().max(100_000).default(200).describe('stanzas a second, of each stream'),
      burst: z.int().min(1).max(1_000_000).default(800).describe('so many at once'),
      bytesPerSecond: z.int().min(10_000).max(1_073_741_824).default(1_048_576).describe('bytes a second'),
    })
    .prefault({})
    .describe('how much it may send'),
  invalid: z
    .enum(['refuse', 'close'])
    .default('refuse')
    .describe('a stanza that breaks the grammar: refuse it (and close after repeated ones), or close at the first'),
  unknown: z
    .enum(['strip', 'refuse'])
    .default('strip')
    .describe('unknown children of messages and presence: strip them, or refuse the stanza'),
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

const listSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, { error: 'write a short name in lower case, such as project-names' })
    .describe('the name of the rule in the audit and on the console'),
  title: z.string().min(1).max(200).describe('what it is for, in one line'),
  why: note.optional().describe('the reason for it'),
  owner: note.optional().describe('who answers for it'),
  file: z
    .string()
    .regex(/^lists\/[a-z0-9][a-z0-9._-]{0,99}\.txt$/, {
      error: 'write the path of a text file in the folder lists of the policy, such as lists/project-names.txt',
    })
    .describe('the words: one a line, # starts a comment'),
  where: z
    .enum(['inside', 'both'])
    .describe('inside: the words are secret and never leave for the DMZ; both: the proxy checks them too'),
  direction: z.enum(['inward', 'outward', 'both']).describe('which texts: those that come in, those that leave, both'),
  text: z.string().max(300).optional().describe('what the sender may read; leave it out to say nothing'),
});

export const contentFile = z
  .strictObject({
    lists: z
      .array(listSchema)
      .max(200)
      .superRefine((lists, context) => refuseRepeated(lists, 'id', context))
      .describe('the word lists; the first that matches decides'),
  })
  .describe('content.yaml');

export type PartnerEntry = z.infer<typeof partnerSchema>;
export type ListEntry = z.infer<typeof listSchema>;
export type Pair = z.infer<typeof pair>;

function refuseRepeated<K extends string>(
  entries: readonly Readonly<Record<K, string>>[],
  key: K,
  context: z.RefinementCtx,
): void {
  const seen = new Set<string>();
  for (const [i, entry] of entries.entries()) {
    if (seen.has(entry[key])) {
      context.addIssue({
        code: 'custom',
        path: [i, key],
        message: `${entry[key]} stands here again; keep one of them`,
      });
    }
    seen.add(entry[key]);
  }
}

function isBare(text: string): boolean {
  const jid = parseJid(text);
  return jid !== undefined && jid.local !== '' && jid.bare === text;
}
