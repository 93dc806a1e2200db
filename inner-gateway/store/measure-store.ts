// Measures the SQLite store: keep and settle in a closed loop. `node inner-gateway/store/measure-store.ts [seconds]`.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog } from '@sallyport/shared/log.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { someKept } from './store.contract.ts';

const seconds = Number(process.argv[2] ?? 2);
const folder = mkdtempSync(join(tmpdir(), 'sallyport-measure-'));
const keyFile = join(folder, 'key');
writeFileSync(keyFile, randomBytes(32), { mode: 0o400 });
const store = await openSqliteStore({ file: join(folder, 'store'), keyFile, log: openLog('measure', 'x', 'error') });
let next = 0;

for (const concurrency of [1, 32, 500]) {
  const until = performance.now() + seconds * 1_000;
  const cpu = process.cpuUsage();
  const waits: number[] = [];
  const loop = async () => {
    while (performance.now() < until) {
      const id = `0c9d5a52-1f0e-4a44-${next++}`;
      const began = performance.now();
      await store.keep(someKept(id, { kind: 'message', type: 'chat', body: 'x'.repeat(80) }));
      waits.push(performance.now() - began);
      await store.settle({ id, state: 'delivered' });
    }
  };
  await Promise.all(Array.from({ length: concurrency }, loop));
  const { user, system } = process.cpuUsage(cpu);
  waits.sort((a, b) => a - b);
  const share = (part: number) => (waits[Math.floor(waits.length * part)] ?? 0).toFixed(1);
  const perPacket = ((user + system) / waits.length).toFixed(0);
  console.log(
    `${concurrency} at once: ${Math.round(waits.length / seconds)} keep+settle/s, ${perPacket} CPU-µs each, keep p50 ${share(0.5)} ms, p99 ${share(0.99)} ms`,
  );
}
await store.close();
rmSync(folder, { recursive: true });
