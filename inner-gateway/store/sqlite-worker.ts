// The thread in which SQLite works: one transaction a batch, on disk before it is answered (architecture §4.1 point 6).
import { parentPort, workerData } from 'node:worker_threads';
import { openSqliteFile } from './sqlite-file.ts';
import type { Answer, Opening, Request, Row } from './sqlite-messages.ts';

const opening: Opening = workerData;
const port = parentPort;
if (port === null) throw new Error('this file is the worker of sqlite-store.ts');
const say = (answer: Answer) => port.postMessage(answer);

const opened = openSqliteFile(opening);
if (typeof opened === 'string') {
  say({ kind: 'not-opened', line: opened });
} else {
  const file = opened;
  port.on('message', (request: Request) => {
    try {
      switch (request.kind) {
        case 'write':
          return say({ kind: 'written', number: request.number, result: file.write(request.writes, request.now) });
        case 'tidy':
          return say({ kind: 'read', number: request.number, rows: file.tidy(request.now) ? [{ more: 1 }] : [] });
        case 'unsettled':
          return say({ kind: 'read', number: request.number, rows: file.unsettled() });
        case 'counts':
          return say({ kind: 'read', number: request.number, rows: [file.counts()] });
        case 'look-up':
          return say({ kind: 'read', number: request.number, rows: file.lookUp(request.id, request.now) });
        case 'close':
          say({ kind: 'read', number: request.number, rows: whyUntidy(file.close()) });
          return port.close();
        default:
          return request satisfies never;
      }
    } catch (error) {
      say({ kind: 'failed', number: request.number, why: error instanceof Error ? error.message : String(error) });
    }
  });
  say({ kind: 'opened', untidy: file.untidy });
}

function whyUntidy(why: string | undefined): readonly Row[] {
  return why === undefined ? [] : [{ why }];
}
