// How a test peer opens and accepts server-to-server streams: STARTTLS (RFC 6120 §5), then SASL EXTERNAL (XEP-0178).
import { checkServerIdentity, type TLSSocket } from 'node:tls';
import { child, type Element, escapeXml } from './read-xml.ts';
import type { Heard, Wire } from './wire.ts';

/** A certificate with its key and the CA that both sides believe, PEM. */
export type Credentials = { readonly cert: string; readonly key: string; readonly ca: string };

/** How far a stream came, and the peer's answer where it refused: a stream error's or a SASL failure's condition. */
export type Negotiated =
  | { readonly done: true; readonly features: Element | undefined }
  | { readonly done: false; readonly condition: string; readonly text: string };

export type Until = 'connected' | 'tls' | 'authenticated';

/** How a stream is opened: how far, and whether TLS comes first (XEP-0368) instead of STARTTLS. */
export type Opening = { readonly until?: Until; readonly direct?: boolean; readonly within?: number };

/**
 * The initiating side. Verifies the peer's certificate against `ca` and `to`; an empty `cert` shows none.
 * Expected refusals are values; `within` milliseconds (5,000) bound each step.
 */
export async function initiate(
  wire: Wire,
  names: { readonly from: string; readonly to: string },
  credentials: Credentials,
  { until = 'authenticated', direct = false, within = 5_000 }: Opening = {},
): Promise<Negotiated> {
  if (until === 'connected') return { done: true, features: undefined };
  if (!direct) {
    const plain = await openStream(wire, names, within);
    if (!plain.done) return plain;
    await wire.write(`<starttls xmlns='${tlsNamespace}'/>`);
    const proceed = await wire.next(within);
    if (proceed.kind !== 'element' || proceed.element.name !== 'proceed') return refusal(proceed);
  }
  let socket: TLSSocket;
  try {
    const application = direct ? { ALPNProtocols: ['xmpp-server'] } : {};
    const checks = { servername: names.to, rejectUnauthorized: false };
    socket = await wire.connectSecurely({ ...credentials, ...checks, ...application });
  } catch (error) {
    return { done: false, condition: 'tls', text: `${error}` };
  }
  const doubt = doubtAbout(socket, names.to);
  if (doubt) {
    wire.destroy();
    return { done: false, condition: 'certificate', text: doubt };
  }
  if (until === 'tls') return { done: true, features: undefined };

  const secured = await openStream(wire, names, within);
  if (!secured.done) return secured;
  const mechanisms = secured.features && child(secured.features, 'mechanisms', saslNamespace);
  if (!mechanisms?.children.some((mechanism) => mechanism.text === 'EXTERNAL')) {
    return refusal(await wire.next(within).catch((): Heard => ({ kind: 'gone', why: 'EXTERNAL was not offered' })));
  }
  const identity = Buffer.from(names.from).toString('base64');
  await wire.write(`<auth xmlns='${saslNamespace}' mechanism='EXTERNAL'>${identity}</auth>`);
  const answer = await wire.next(within);
  if (answer.kind !== 'element' || answer.element.name !== 'success') return refusal(answer);
  wire.restart();
  return openStream(wire, names, within);
}

/**
 * The receiving side, up to an authenticated stream. Returns the domain that the peer proved, or why it was refused
 * (the peer has been told by then).
 */
export async function accept(
  wire: Wire,
  domain: string,
  credentials: Credentials,
  within = 5_000,
): Promise<{ readonly done: true; readonly from: string } | { readonly done: false; readonly condition: string }> {
  if (!(await answerHeader(wire, domain, within))) return { done: false, condition: 'host-unknown' };
  await wire.write(`<stream:features><starttls xmlns='${tlsNamespace}'><required/></starttls></stream:features>`);
  const request = await wire.next(within);
  if (request.kind !== 'element' || request.element.name !== 'starttls') {
    return await fail(wire, 'policy-violation');
  }
  await wire.write(`<proceed xmlns='${tlsNamespace}'/>`);
  let socket: TLSSocket;
  try {
    socket = await wire.answerSecurely({ ...credentials, requestCert: true, rejectUnauthorized: false });
  } catch {
    return { done: false, condition: 'tls' };
  }
  const header = await answerHeader(wire, domain, within);
  if (!header) return { done: false, condition: 'host-unknown' };
  const from = header.get('from') ?? '';
  const doubt = doubtAbout(socket, from);
  if (doubt) return await fail(wire, 'not-authorized', doubt);
  await wire.write(
    `<stream:features><mechanisms xmlns='${saslNamespace}'><mechanism>EXTERNAL</mechanism></mechanisms></stream:features>`,
  );
  const auth = await wire.next(within);
  if (auth.kind !== 'element' || auth.element.name !== 'auth') return await fail(wire, 'not-authorized');
  const identity = auth.element.text === '=' ? from : Buffer.from(auth.element.text, 'base64').toString();
  if (identity !== from || auth.element.attributes.get('mechanism') !== 'EXTERNAL') {
    await wire.write(`<failure xmlns='${saslNamespace}'><invalid-authzid/></failure>`);
    await wire.end();
    return { done: false, condition: 'invalid-authzid' };
  }
  await wire.write(`<success xmlns='${saslNamespace}'/>`);
  wire.restart();
  if (!(await answerHeader(wire, domain, within))) return { done: false, condition: 'host-unknown' };
  await wire.write('<stream:features/>');
  return { done: true, from };
}

/** Sends our stream header and reads the answer with its features, or the refusal. */
export async function openStream(
  wire: Wire,
  names: { readonly from: string; readonly to: string },
  within: number,
): Promise<Negotiated> {
  await wire.write(streamHeader(names));
  const header = await wire.next(within);
  if (header.kind !== 'header') return refusal(header);
  if (!header.attributes.get('id')) return { done: false, condition: 'no-id', text: header.raw };
  const features = await wire.next(within);
  if (features.kind !== 'element' || features.element.name !== 'features') return refusal(features);
  return { done: true, features: features.element };
}

/** A stream header (RFC 6120 §4.7). */
export function streamHeader(names: { readonly from?: string; readonly to?: string; readonly id?: string }): string {
  const attributes = Object.entries(names).map(([key, value]) => ` ${key}='${escapeXml(value ?? '')}'`);
  return `<?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' xmlns:db='jabber:server:dialback' version='1.0' xml:lang='en'${attributes.join('')}>`;
}

/** The condition in a stream error, a SASL failure, or of a connection that ended. */
export function refusal(heard: Heard): { readonly done: false; readonly condition: string; readonly text: string } {
  switch (heard.kind) {
    case 'element': {
      const condition = heard.element.children.find((each) => each.name !== 'text');
      const text = child(heard.element, 'text')?.text ?? '';
      return { done: false, condition: condition?.name ?? heard.element.name, text };
    }
    case 'gone':
      return { done: false, condition: 'gone', text: heard.why };
    case 'header':
    case 'end':
      return { done: false, condition: heard.kind, text: '' };
    default:
      return heard satisfies never;
  }
}

const tlsNamespace = 'urn:ietf:params:xml:ns:xmpp-tls';
const saslNamespace = 'urn:ietf:params:xml:ns:xmpp-sasl';

async function answerHeader(wire: Wire, domain: string, within: number) {
  const header = await wire.next(within);
  if (header.kind !== 'header') {
    wire.destroy();
    return undefined;
  }
  const from = header.attributes.get('from');
  const id = crypto.randomUUID();
  await wire.write(streamHeader(from ? { from: domain, to: from, id } : { from: domain, id }));
  if (header.attributes.get('to') === domain) return header.attributes;
  await fail(wire, 'host-unknown');
  return undefined;
}

async function fail(wire: Wire, condition: string, text = '') {
  const words = text && `<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>${escapeXml(text)}</text>`;
  await wire.write(`<stream:error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>${words}</stream:error>`);
  await wire.end();
  return { done: false, condition } as const;
}

function doubtAbout(socket: TLSSocket, domain: string): string | undefined {
  const certificate = socket.getPeerCertificate();
  if (!certificate.raw) return 'no certificate';
  if (!socket.authorized) return `the chain is not good: ${socket.authorizationError}`;
  if (certificate.subjectaltname?.includes(`othername:XmppAddr:${domain}`)) return undefined;
  return checkServerIdentity(domain, certificate)?.message;
}
