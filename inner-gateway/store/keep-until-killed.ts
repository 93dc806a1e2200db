// A program for sqlite-store.test.ts: keeps packets as fast as it can and prints each id once its keep has resolved.
import { openLog } from '@sallyport/shared/log.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { someKept } from './store.contract.ts';

const [file = '', keyFile = ''] = process.argv.slice(2);
const store = await openSqliteStore({ file, keyFile, log: openLog('test', 'child', 'error') });
let next = 0;

async function keepForEver(): Promise<void> {
  for (;;) {
    const number = next++;
    const id = `k${number}`;
    await store.keep(someKept(id));
    if (number % 3 === 0) await store.settle({ id, state: 'delivered' });
    process.stdout.write(`${number % 3 === 0 ? 'settled' : 'kept'} ${id}\n`);
  }
}
await Promise.all(Array.from({ length: 16 }, keepForEver));
