// Pieces that the settings of both processes are made of. Words attached here become the manual.
import { z } from 'zod';
import { toAsciiDomain } from './address/domain-name.ts';
import { addressTrouble, parseDomain, parseJid } from './address/jid.ts';

export const port = z.int().min(0).max(65535).describe('a TCP port; 0 takes any free one');
/** A domain of addresses, in its own letters or with A-labels; kept in its own letters, as all addresses are. */
export const domainName = z
  .string()
  .refine((text) => writtenDomain(text) !== undefined, {
    error: ({ input }) => whyNot(input, 'write a domain name in lower case, such as in.example'),
  })
  .overwrite((text) => writtenDomain(text) ?? text);
/** A name of a host in DNS and TLS: ASCII alone, a name in other letters as A-labels. */
export const hostName = z
  .string()
  .regex(/^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/, {
    error: 'write a host name in lower case, such as gw.in.example; other letters than a to z as xn--',
  });
export const file = z
  .string()
  .min(1)
  .describe('the path of a file; relative paths start at the folder of the settings file')
  .meta({ path: true });
/** An address without resource, its domain in its own letters or with A-labels; kept as addresses are compared. */
export const bareAddress = z
  .string()
  .refine((text) => writtenAddress(text) !== undefined, {
    error: ({ input }) => whyNot(input, 'write an address in lower case, such as bob@in.example'),
  })
  .overwrite((text) => writtenAddress(text) ?? text);

export const endpoint = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('the address to listen on or to dial'),
  port,
});

export const certificate = z.strictObject({
  certFile: file.describe('the certificate with its chain, PEM; read again when it changes'),
  keyFile: file.describe('its private key, PEM; readable by the process alone'),
});

/** One end of the wall's mutual TLS. */
export const linkCertificate = certificate.extend({
  caFile: file.describe('the private CA that both ends of the wall are issued by, PEM'),
  crlFile: file.optional().describe('the revocation list of that CA, PEM; read again when it changes'),
});

/** Who must have signed a policy before it may be in force. */
export const policySignatures = z.strictObject({
  operatorsFile: file.describe(
    'who may sign, in the form of policies/operators.yaml: the root of trust. A signed policy with an operators.yaml of its own follows it; when this file changes, it counts again',
  ),
  required: z
    .union([z.literal(1), z.literal(2)])
    .default(1)
    .describe('the least number of signatures, whatever the operators file says: 2 is the author and somebody else'),
  folder: file.describe('where verified revisions are kept; the process must be able to write there, and nobody else'),
  keep: z.int().min(2).max(100).default(10).describe('so many revisions are kept there'),
});

export const policyJournal = z
  .strictObject({
    file: file.describe('where they are written, one JSON line a decision; readable by the process alone'),
    megabytes: z
      .int()
      .min(1)
      .max(65_536)
      .default(64)
      .describe('so large become the file and the one before it (FILE.1) together; older decisions go'),
  })
  .describe(
    'write down what content rules found, without any text, for `sallyport policy replay`; not written unless told',
  );

export const logging = z.strictObject({
  level: z
    .enum(['trace', 'debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('trace shows the verdict of each stage'),
});

export const operation = {
  node: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{0,62}$/, { error: 'write a short name in lower case, such as proxy-1' })
    .describe('the name of this node, in logs, metrics and on the other side'),
  control: file.describe('the Unix socket that `sallyport status` talks to'),
  metrics: endpoint.describe('Prometheus metrics, /livez and /readyz; keep it on loopback'),
  audit: z
    .strictObject({
      file: file.describe('the audit, one JSON line a decision, hash-chained'),
      keyFile: file
        .optional()
        .describe(
          'an Ed25519 key, PEM, made by `sallyport audit key`; once a minute and at the end it signs where the audit stands',
        ),
      rotateMegabytes: z
        .int()
        .min(1)
        .max(65_536)
        .default(256)
        .describe('a file of this size is left beside a new one, as FILE.NUMBER; the chain goes on'),
      required: z
        .boolean()
        .default(true)
        .describe(
          'while the audit cannot be written: true refuses all that is new, false lets it pass and records how much was lost',
        ),
    })
    .describe('what was decided'),
  log: logging.default({ level: 'info' }).describe('the operational log, JSON lines on standard output'),
};

/** The prepared form of a domain that is written in this form, or in this form with A-labels; else undefined. */
function writtenDomain(text: string): string | undefined {
  const domain = parseDomain(text);
  if (domain === undefined || !domain.includes('.')) return undefined;
  return text === domain || text === toAsciiDomain(domain) ? domain : undefined;
}

/** The prepared form of an address of a person, likewise. */
export function writtenAddress(text: string): string | undefined {
  const jid = parseJid(text);
  if (jid === undefined || jid.local === '' || jid.resource !== '') return undefined;
  return text === jid.bare || text === `${jid.local}@${toAsciiDomain(jid.domain)}` ? jid.bare : undefined;
}

/** What is wrong with an address or a domain that somebody wrote, where more can be said than what to write. */
export function whyNot(input: unknown, mend: string): string {
  // A short look at what is plainly something else helps more than the rule that it breaks first.
  if (typeof input !== 'string' || !/[^\0-\x7f]|xn--/i.test(input)) return mend;
  const trouble = addressTrouble(input);
  return trouble === undefined ? mend : `${visible(input)}: ${trouble}; ${mend}`;
}

/** A text as an operator must see it: with what is invisible, or turns the line around, as escapes. */
function visible(text: string): string {
  return JSON.stringify(text.slice(0, 100)).replace(/[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/gu, (found) =>
    found === ' ' ? found : `\\u${(found.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}
