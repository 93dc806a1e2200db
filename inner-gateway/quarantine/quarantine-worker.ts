// The thread in which the quarantine's SQLite works: each answer is on disk before it is given.
import { parentPort, workerData } from 'node:worker_threads';
import { openQuarantineFile } from './quarantine-file.ts';
import type { Answer, Asked, Opening } from './quarantine-messages.ts';

const opening: Opening = workerData;
const port = parentPort;
if (port === null) throw new Error('this file is the worker of open-quarantine.ts');
const say = (answer: Answer) => port.postMessage(answer);

const opened = openQuarantineFile(opening);
if (typeof opened === 'string') {
  say({ kind: 'not-opened', line: opened });
} else {
  port.on('message', ({ number, question }: Asked) => {
    try {
      say({ kind: 'answered', number, reply: opened.answer(question) });
    } catch (error) {
      say({ kind: 'failed', number, why: error instanceof Error ? error.message : String(error) });
    }
    if (question.ask === 'close') port.close();
  });
  say({ kind: 'opened' });
}
