// A hostile gRPC server in the place of the proxy, with the proxy's own certificate: it says whatever a test wants.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after } from 'node:test';
import { Server, ServerCredentials, type ServerDuplexStream, type ServerWritableStream } from '@grpc/grpc-js';
import { loadSync, type ServiceDefinition } from '@grpc/proto-loader';
import { Boundary } from '../../proto/boundary.ts';
import type { BoundaryHandlers } from '../../proto/generated/sallyport/boundary/v1/Boundary.ts';
import type { FromInside__Output } from '../../proto/generated/sallyport/boundary/v1/FromInside.ts';
import type { FromOutside } from '../../proto/generated/sallyport/boundary/v1/FromOutside.ts';
import type { PartnerState } from '../../proto/generated/sallyport/boundary/v1/PartnerState.ts';
import type { PartnersRequest__Output } from '../../proto/generated/sallyport/boundary/v1/PartnersRequest.ts';
import type { SignedPolicy__Output } from '../../proto/generated/sallyport/boundary/v1/SignedPolicy.ts';
import { protocolVersion } from '../../shared/link/frame.ts';
import { until } from '../pair/whole-site.ts';
import type { SiteUnderAttack } from './site-under-attack.ts';

// Our own writer refuses what a field cannot hold; a liar's does not. The loader types a service as any definition.
const loaded = loadSync(new URL('../../proto/boundary.proto', import.meta.url).pathname);
const { Exchange } = loaded['sallyport.boundary.v1.Boundary'] as ServiceDefinition;
const lying: typeof Boundary.service = {
  ...Boundary.service,
  Exchange: { ...Boundary.service.Exchange, responseSerialize: Exchange!.responseSerialize },
};

type Call = ServerDuplexStream<FromInside__Output, FromOutside>;
export type Link = { readonly call: Call; readonly frames: FromInside__Output[]; readonly isOver: () => boolean };

/** A hello that the gateway takes, with all in it that it can be made to swallow. */
const hello = {
  hello: {
    protocolVersion,
    software: 'hostile\u001b[31m\n',
    node: 'x'.repeat(100_000),
    boot: 'b',
    policyRevision: '',
    clockMs: -1,
    credit: 4_294_967_295,
  },
};

/** The lie that a policy was taken, and whatever else fits into an answer. */
const activation = {
  active: true,
  published: 'x'.repeat(100_000),
  received: '',
  verified: '\u001b[31m',
  revision: 'f'.repeat(100_000),
  problems: Array.from({ length: 10_000 }, () => 'hostile\u001b[31m\n'),
};

/** Ends the proxy of this site and takes its place, until the last test of the file. */
export async function startHostileProxy(site: Pick<SiteUnderAttack, 'pair' | 'lab' | 'folder'>) {
  await site.pair.end('proxy');
  const links: Link[] = [];
  const policies: SignedPolicy__Output[] = [];
  let partnerCall: ServerWritableStream<PartnersRequest__Output, PartnerState> | undefined;
  const handlers: BoundaryHandlers = {
    Exchange(call) {
      const frames: FromInside__Output[] = [];
      let over = false;
      const end = () => {
        over = true;
      };
      call.on('data', (frame: FromInside__Output) => frames.push(frame));
      call.on('end', end).on('error', end).on('cancelled', end).on('close', end);
      links.push({ call, frames, isOver: () => over });
    },
    Partners(call) {
      call.on('error', () => {});
      partnerCall = call;
    },
    ActivatePolicy({ request }, answer) {
      policies.push(request);
      answer(null, activation);
    },
    Diagnose(call) {
      call.on('error', () => {});
      call.end();
    },
  };
  const pem = (name: string) => readFileSync(join(site.folder, 'pki', name));
  const server = new Server({ 'grpc.max_send_message_length': -1, 'grpc.max_receive_message_length': -1 });
  server.addService(lying, handlers);
  const pair = { cert_chain: pem('proxy-link.crt'), private_key: pem('proxy-link.key') };
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(
      `127.0.0.1:${site.lab.proxy.link}`,
      ServerCredentials.createSsl(pem('proxy-link-ca.crt'), [pair], true),
      (error) => (error === null ? resolve() : reject(error)),
    );
  });
  after(() => server.forceShutdown());

  /** The link that the gateway makes next. */
  async function nextLink(): Promise<Link> {
    const from = links.length;
    for (const link of links) if (!link.isOver()) link.call.end();
    await until('the gateway dials', () => links.length > from, 20_000);
    return links.at(-1)!;
  }

  /** A link on which hellos were said. */
  async function liveLink(changes: Partial<(typeof hello)['hello']> = {}): Promise<Link> {
    const link = await nextLink();
    link.call.write({ hello: { ...hello.hello, ...changes } });
    await until('the gateway says hello', () => link.frames.some((frame) => frame.hello), 10_000);
    return link;
  }

  return {
    links,
    policies,
    hello,
    nextLink,
    liveLink,
    partnerCall: () => partnerCall,
    stop: () => server.forceShutdown(),
  };
}
