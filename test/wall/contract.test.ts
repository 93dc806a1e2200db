// The contract of the wall, kept by a raw gRPC client that plays the gateway: what each break of it leads to.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { createSecureContext } from 'node:tls';
import { type ClientDuplexStream, credentials, loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { Boundary } from '../../proto/boundary.ts';
import type { FromInside } from '../../proto/generated/sallyport/boundary/v1/FromInside.ts';
import type { FromOutside__Output } from '../../proto/generated/sallyport/boundary/v1/FromOutside.ts';
import { protocolVersion } from '../../shared/link/frame.ts';
import { packetToWire } from '../../shared/packet-on-the-wire.ts';
import {
  authority,
  gatewayUri,
  linkFiles,
  message,
  openOutside,
  proxyUri,
  temporaryFolder,
  until,
} from './two-ends.ts';

const folder = temporaryFolder();
const gatewayFiles = linkFiles(folder, authority, 'gateway', gatewayUri);
let outside: Awaited<ReturnType<typeof openOutside>>;
let released: string[] = [];
const held: (() => void)[] = [];

before(async () => {
  outside = await openOutside({
    files: linkFiles(folder, authority, 'proxy', proxyUri),
    receive: (packet, _again, news) => {
      released.push(packet.id);
      if (packet.id.startsWith('held')) held.push(() => news.settled({ state: 'delivered' }));
      else news.settled({ state: 'delivered' });
    },
  });
});
after(async () => {
  await outside.close();
  folder.remove();
});

type Call = ClientDuplexStream<FromInside, FromOutside__Output>;
type RawGateway = {
  readonly call: Call;
  readonly frames: readonly FromOutside__Output[];
  readonly over: () => boolean;
  readonly close: () => void;
};

function dial(): RawGateway {
  released = [];
  const client = new Boundary(`127.0.0.1:${outside.port}`, channelCredentials(), options);
  const call = client.Exchange();
  const frames: FromOutside__Output[] = [];
  let over = false;
  call.on('data', (frame: FromOutside__Output) => frames.push(frame));
  call.on('error', () => {
    over = true;
  });
  call.on('end', () => {
    over = true;
  });
  return { call, frames, over: () => over, close: () => client.close() };
}

const options = { 'grpc.ssl_target_name_override': 'proxy', 'grpc.use_local_subchannel_pool': 1 };
function channelCredentials() {
  const read = (file: string) => readFileSync(file, 'utf8');
  const context = createSecureContext({
    cert: read(gatewayFiles.certFile),
    key: read(gatewayFiles.keyFile),
    ca: read(gatewayFiles.caFile),
  });
  return credentials.createFromSecureContext(context, { checkServerIdentity: () => undefined });
}

const hello = {
  hello: {
    protocolVersion,
    software: 'raw',
    node: 'raw',
    boot: 'b',
    policyRevision: '',
    clockMs: Date.now(),
    credit: 10,
  },
};
const offer = (seq: number, id: string): FromInside => ({
  offered: [{ seq, id, packet: packetToWire(message(id, 'bob@in.example', 'ann@out.example', 'x')) }],
});

test('a version that cannot talk is told so in a sentence, by number and by what to do', async () => {
  const raw = dial();
  raw.call.write({ hello: { ...hello.hello, protocolVersion: 99, software: 'inner-gateway 9.9.9' } });
  await until('goodbye', () => raw.frames.some((frame) => frame.goodbye));
  const reason = raw.frames.find((frame) => frame.goodbye)?.goodbye?.reason;
  assert.match(reason ?? '', /inner-gateway 9\.9\.9 speaks version 99 .* version 2: install the same release/);
  await until('the end', raw.over);
  raw.close();
});

test('who says anything before hello is heard no further', async () => {
  const raw = dial();
  raw.call.write(offer(1, 'early-1'));
  await until('the end', raw.over);
  assert.deepEqual(released, []);
  raw.close();
});

test('numbers must count up by one', async () => {
  const raw = dial();
  raw.call.write(hello);
  raw.call.write(offer(1, 'count-1'));
  raw.call.write(offer(3, 'count-3'));
  await until('the end', raw.over);
  assert.deepEqual(released, ['count-1']);
  raw.close();
});

test('who offers more than its credit is cut off', async () => {
  const raw = dial();
  raw.call.write(hello);
  await until('their hello', () => raw.frames.length > 0);
  const credit = raw.frames[0]?.hello?.credit ?? 0;
  assert.ok(credit >= 1_000 && credit <= 4_000);
  for (let seq = 1; seq <= credit + 1; seq++) raw.call.write(offer(seq, `held-${seq}`));
  await until('the end', raw.over, 10_000);
  assert.equal(released.length, credit);
  for (const settle of held) settle();
  raw.close();
});

test('the same id is released once, and its end is told again', async () => {
  const raw = dial();
  raw.call.write(hello);
  raw.call.write(offer(1, 'twice'));
  raw.call.write(offer(2, 'twice'));
  await until('both ends', () => raw.frames.flatMap((frame) => frame.settled).length === 2);
  assert.deepEqual(released, ['twice']);
  assert.deepEqual(
    raw.frames.flatMap((frame) => frame.settled).map((settled) => [settled.seq, settled.state]),
    [
      [1, 'DELIVERED'],
      [2, 'DELIVERED'],
    ],
  );
  raw.call.end();
  await until('the end', raw.over);
  raw.close();
});

test('a packet that the contract does not promise is refused, and the link lives on', async () => {
  const raw = dial();
  raw.call.write(hello);
  raw.call.write({ offered: [{ seq: 1, id: 'bad', packet: { from: 'nobody', to: '', atMs: 5 } }] });
  raw.call.write(offer(2, 'good'));
  await until('both ends', () => raw.frames.flatMap((frame) => frame.settled).length === 2);
  const [bad, good] = raw.frames.flatMap((frame) => frame.settled);
  assert.deepEqual([bad?.state, bad?.code, good?.state], ['REFUSED', 'origin-disbelieved', 'DELIVERED']);
  raw.call.end();
  await until('the end', raw.over);
  raw.close();
});

test('who settles what was never offered is cut off', async () => {
  const raw = dial();
  raw.call.write(hello);
  raw.call.write({ settled: [{ seq: 7, state: 'DELIVERED' }] });
  await until('the end', raw.over);
  raw.close();
});

test('packets leave in frames of at most 32, a whole turn of the event loop together', async () => {
  const raw = dial();
  raw.call.write({ hello: { ...hello.hello, credit: 1_000 } });
  await until('the link', () => [...outside.peers.values()].some((peer) => peer.facts().up));
  for (let i = 0; i < 100; i++)
    outside.toInside.send(message(`batch-${i}`, 'ann@out.example', 'bob@in.example', 'x'), () => {});
  await until('all', () => raw.frames.flatMap((frame) => frame.offered).length === 100);
  const sizes = raw.frames.map((frame) => frame.offered.length).filter((size) => size > 0);
  assert.ok(Math.max(...sizes) === 32, `${sizes}`);
  assert.ok(sizes.length <= 5, `${sizes.length} frames for 100 packets`);
  raw.call.write({
    settled: raw.frames.flatMap((frame) => frame.offered).map(({ seq }) => ({ seq, state: 'DELIVERED' as const })),
  });
  raw.call.end();
  await until('the end', raw.over);
  raw.close();
});

test('no more is offered than the other end gave credit for', async () => {
  const raw = dial();
  raw.call.write({ hello: { ...hello.hello, credit: 3 } });
  await until('the link', () => [...outside.peers.values()].some((peer) => peer.facts().up));
  for (let i = 0; i < 10; i++)
    outside.toInside.send(message(`few-${i}`, 'ann@out.example', 'bob@in.example', 'x'), () => {});
  const offered = () => raw.frames.flatMap((frame) => frame.offered);
  await until('three', () => offered().length === 3);
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(offered().length, 3);
  raw.call.write({ taken: [{ seq: 1 }, { seq: 2 }] });
  await until('two more', () => offered().length === 5);
  for (let seq = 1; seq <= 10; seq++) {
    await until(`number ${seq}`, () => offered().length >= seq);
    raw.call.write({ settled: [{ seq, state: 'DELIVERED' }] });
  }
  raw.call.end();
  await until('the end', raw.over);
  raw.close();
});

test('health is served to a known gateway', async () => {
  const file = new URL(import.meta.resolve('grpc-health-check/proto/health/v1/health.proto')).pathname;
  const definition = loadPackageDefinition(loadSync(file, { enums: String }));
  const grpc: unknown = Reflect.get(definition, 'grpc');
  const Health = Reflect.get(Object(Reflect.get(Object(Reflect.get(Object(grpc), 'health')), 'v1')), 'Health');
  const client = new Health(`127.0.0.1:${outside.port}`, channelCredentials(), options);
  const answer = await new Promise<{ status: string }>((resolve, reject) => {
    client.check({ service: 'sallyport.boundary.v1.Boundary' }, (error: Error | null, response: { status: string }) =>
      error === null ? resolve(response) : reject(error),
    );
  });
  assert.equal(answer.status, 'SERVING');
  client.close();
});
