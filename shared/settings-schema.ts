// Pieces that the settings of both processes are made of. Words attached here become the manual.
import { z } from 'zod';

export const port = z.int().min(0).max(65535).describe('a TCP port; 0 takes any free one');
export const domainName = z
  .string()
  .regex(/^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/, {
    error: 'write a domain name in lower case, such as in.example',
  });
export const file = z
  .string()
  .min(1)
  .describe('the path of a file; relative paths start at the folder of the settings file')
  .meta({ path: true });
export const bareAddress = z
  .string()
  .regex(/^[^@\s]+@[a-z0-9.-]+$/, { error: 'write an address in lower case, such as bob@in.example' });

export const endpoint = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('the address to listen on or to dial'),
  port,
});

export const certificate = z.strictObject({
  certFile: file.describe('the certificate with its chain, PEM'),
  keyFile: file.describe('its private key, PEM; readable by the process alone'),
});

/** One end of the wall's mutual TLS. */
export const linkCertificate = certificate.extend({
  caFile: file.describe('the private CA that both ends of the wall are issued by, PEM'),
  crlFile: file.optional().describe('the revocation list of that CA, PEM; read again when it changes'),
});

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
    .strictObject({ file: file.describe('the audit, one JSON line a decision, hash-chained') })
    .describe('what was decided'),
  log: logging.default({ level: 'info' }).describe('the operational log, JSON lines on standard output'),
};
