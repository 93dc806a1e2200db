// Peers of dialback: a server that stands for a domain when it is asked about keys, and one that is proved by dialback.
import type { TestContext } from 'node:test';
import { issueCertificate } from '../../deploy/certificates/issue.ts';
import type { Partner } from '../../shared/policy/policy.ts';
import { acceptTls, header, listenScripted, type Peer, secureClient } from './scripted-peer.ts';
import { partner, policyOf, serve, stranger, type theirs } from './setting.ts';

/** A certificate of out.example that nobody here trusts. */
export const untrusted = issueCertificate(stranger, { dns: ['out.example'] });

export const dialbackNs = 'xmlns:db="jabber:server:dialback"';

/** A partner whose entry says dialback, and names nobody to trust unless `trust` is given. */
export function dialbackPartner(port: number, more: Partial<Partner> = {}, domain = 'out.example'): Partner {
  return { ...partner(domain, port, []), dialback: 'tls-only', external: 'never', ...more };
}

export const policyWith = (...partners: Partner[]) => policyOf(...partners);

export function attribute(xml: string, name: string): string {
  return new RegExp(` ${name}="([^"]*)"`).exec(xml)?.[1] ?? '';
}

/** The key between the tags of a question. */
export const keyIn = (xml: string): string => />([^<]*)<\/db:(?:verify|result)>$/.exec(xml)?.[1] ?? '';

/**
 * The real server of a domain. `judge` sees each question as it came and says the answer, or nothing; `asked` keeps
 * them. The connection lives until the other end closes it.
 */
export async function authoritative(
  judge: (question: string, connection: number) => string | undefined | Promise<string | undefined>,
  issued = untrusted,
  domain = 'out.example',
) {
  const asked: string[] = [];
  const heard: string[] = [];
  const server = await listenScripted(async (plain, connection) => {
    const peer = await acceptTls(plain, issued, domain);
    const to = `from="${domain}" to="in.example"`;
    heard.push(await peer.hear('xml:lang="en">'));
    peer.say(`${header(`${dialbackNs} ${to} id="v${connection}" version="1.0"`)}<stream:features/>`);
    const words = await peer.hear('</db:verify>');
    asked.push(words);
    const answer = await judge(words, connection);
    if (answer !== undefined) peer.say(answer);
  });
  return { ...server, asked, heard };
}

/** The answer of an authoritative server to a question as it came. */
export function answerTo(
  question: string,
  type: string,
  more: { id?: string; from?: string; to?: string } = {},
): string {
  const from = more.from ?? attribute(question, 'to');
  const to = more.to ?? attribute(question, 'from');
  return `<db:verify from="${from}" to="${to}" id="${more.id ?? attribute(question, 'id')}" type="${type}"/>`;
}

export const result = (key = 'k1', from = 'out.example', to = 'in.example'): string =>
  `<db:result from="${from}" to="${to}">${key}</db:result>`;

export const dialbackHeader = header(`${dialbackNs} from="out.example" to="in.example" version="1.0"`);

/** Dials as out.example with a certificate that proves nothing; stands behind the features that offer dialback. */
export async function stranded(port: number, issued = untrusted): Promise<Peer & { readonly id: string }> {
  const peer = await secureClient(port, issued);
  peer.say(dialbackHeader);
  const words = await peer.hear('</stream:features>');
  return { ...peer, id: attribute(words, 'id') };
}

export const message = (from = 'ann@out.example', to = 'bob@in.example') =>
  `<message from="${from}" to="${to}" id="m1"><body>hello</body></message>`;
export const valid = '<db:result from="in.example" to="out.example" type="valid"/>';
export const error = (condition: string, to = 'out.example', from = 'in.example') =>
  new RegExp(`<db:result from="${from}" to="${to}" type="error"><error type="[a-z]+"><${condition} `);

type Options = Parameters<typeof serve>[0];

/** Our door, and the real server of out.example behind the entry. */
export async function site(
  t: TestContext,
  judge: Parameters<typeof authoritative>[0],
  terms: Partial<Partner> = {},
  options: Options & { readonly issued?: typeof theirs; readonly others?: readonly Partner[] } = {},
) {
  const home = await authoritative(judge, options.issued);
  const policy = () => policyOf(dialbackPartner(home.port, terms), ...(options.others ?? []));
  const door = await serve({ policy, ...options });
  t.after(() => home.close());
  t.after(() => door.listener.stop('system-shutdown'));
  return { home, ...door, port: door.listener.port };
}
