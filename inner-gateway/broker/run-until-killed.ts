// A program for crash.test.ts: a broker under load that prints what it accepted and what arrived, until it is killed.
import { openLog } from '@sallyport/shared/log.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import { annToBob, between, bobToAnn, bodyOf, delivered, packetFrom, refusedWith, text } from './test-networks.ts';

const [file = '', keyFile = ''] = process.argv.slice(2);
const store = await openSqliteStore({ file, keyFile, log: openLog('test', 'child', 'error') });
const { inward, outward, xmpp, sip, broker } = between(store, { bootId: 'boot-of-the-killed' });
let turn = 0;

for (const network of [xmpp, sip]) {
  network.behave = async ({ packet }) => {
    await new Promise((resolve) => setTimeout(resolve, turn % 5));
    const { content } = packet;
    process.stdout.write(`arrived ${content.kind === 'bounce' ? content.ofId.slice(2) : packet.id} ${content.kind}\n`);
    return turn++ % 4 === 0 && bodyOf(packet) !== 'bounce' ? refusedWith('far-away') : delivered;
  };
}
await broker.start();

let next = 0;
async function sendForEver(send: (number: number) => ReturnType<typeof inward>): Promise<void> {
  for (;;) {
    const acceptance = await send(next++);
    if (acceptance.passed) process.stdout.write(`accepted ${acceptance.id}\n`);
    else await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
await Promise.all([
  sendForEver((number) => inward(annToBob(`${number}`, `in-${number}`))),
  sendForEver((number) => outward(bobToAnn(`${number}`, `out-${number}`))),
  ...['eve', 'user1', 'user2'].map((user) =>
    sendForEver((number) =>
      inward(packetFrom('ann@out.example', `${user}@in.example`, text(`${number}`), `in-${number}`)),
    ),
  ),
]);
