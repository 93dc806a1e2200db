// The control socket of a process: a Unix socket for root alone, one JSON line a question, one an answer.
import { chmod, lstat, rm } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';

const questionBytes = 65_536;
const answerBytes = 16_777_216;
const connectionsAtMost = 16;
const idleMs = 30_000;
// sun_path has 108 bytes, the last one is 0 (unix(7)).
const pathBytes = 107;

/**
 * Answers questions on the Unix socket `file` (mode 0600). A socket that a dead process left is removed; one that a
 * living process serves is left alone, and this throws. What `answer` throws is told as a fault without its words.
 * Bounds: 16 connections, lines of 64 KiB, 30 s of silence; beyond them the connection ends.
 */
export async function serveControl(
  file: string,
  answer: (question: unknown) => Promise<object>,
): Promise<{ readonly close: () => Promise<void> }> {
  await makeRoom(file);
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    void converse(socket, answer);
  });
  server.maxConnections = connectionsAtMost;
  await listen(server, file);
  await chmod(file, 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/**
 * Asks the process behind the control socket `file` one question and returns its answer, parsed.
 * Throws an Error with a sentence for the operator: nobody there, not allowed, no answer within `timeoutMs`, or what
 * the process answered where it could not do it.
 */
export async function askControl(file: string, question: object, timeoutMs = 5_000): Promise<unknown> {
  const socket = createConnection(file);
  socket.setTimeout(timeoutMs, () =>
    socket.destroy(new Error(`${file}: the process did not answer within ${timeoutMs} ms`)),
  );
  socket.write(`${JSON.stringify(question)}\n`);
  try {
    for await (const line of readLines(socket, answerBytes)) {
      const answer = parse(line);
      if (answer === undefined) throw new Error(`${file}: the process answered with something that is not JSON`);
      const fault = faultOf(answer.value);
      if (fault !== undefined) throw new Error(fault);
      return answer.value;
    }
    throw new Error(`${file}: the process closed the connection without an answer`);
  } catch (error) {
    throw explain(file, error);
  } finally {
    socket.destroy();
  }
}

async function converse(socket: Socket, answer: (question: unknown) => Promise<object>): Promise<void> {
  socket.setTimeout(idleMs, () => socket.destroy());
  try {
    for await (const line of readLines(socket, questionBytes)) {
      const question = parse(line);
      // While we think, the silence is ours.
      socket.setTimeout(0);
      const reply =
        question === undefined
          ? { error: 'a question is one line of JSON' }
          : await answerOrFault(question.value, answer);
      socket.setTimeout(idleMs);
      if (!socket.write(`${JSON.stringify(reply)}\n`) && !socket.destroyed) {
        await new Promise<void>((resolve) => {
          socket.once('drain', resolve);
          socket.once('close', () => resolve());
        });
      }
    }
  } catch {
    // The other end went away, or sent too long a line: there is nobody to tell.
  } finally {
    socket.destroySoon();
  }
}

async function answerOrFault(question: unknown, answer: (question: unknown) => Promise<object>): Promise<object> {
  try {
    return await answer(question);
  } catch (error) {
    return { error: `the process failed to answer (${error instanceof Error ? error.name : typeof error})` };
  }
}

async function* readLines(socket: Socket, atMost: number): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const data of socket) {
    if (!Buffer.isBuffer(data)) continue;
    let chunk: Buffer = data;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10)) {
      parts.push(chunk.subarray(0, end));
      if (length + end > atMost) throw new Error('the line is too long');
      yield Buffer.concat(parts).toString('utf8');
      parts = [];
      length = 0;
      chunk = chunk.subarray(end + 1);
    }
    parts.push(chunk);
    length += chunk.length;
    if (length > atMost) throw new Error('the line is too long');
  }
}

function parse(line: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(line) };
  } catch {
    return undefined;
  }
}

function faultOf(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null && 'error' in value && typeof value.error === 'string'
    ? value.error
    : undefined;
}

async function makeRoom(file: string): Promise<void> {
  if (Buffer.byteLength(file) > pathBytes) {
    throw new Error(`${file}: the path of a control socket has ${pathBytes} bytes at most; choose a shorter one`);
  }
  const there = await lstat(file).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw explain(file, error);
  });
  if (there === undefined) return;
  if (!there.isSocket()) throw new Error(`${file}: this is not a socket; remove it or choose another path`);
  if (await isServed(file)) throw new Error(`${file}: another process serves this control socket; stop it first`);
  await rm(file, { force: true });
}

function isServed(file: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(file);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error) => resolve(codeOf(error) !== 'ECONNREFUSED' && codeOf(error) !== 'ENOENT'));
  });
}

// The socket is bound within listen(), so that the narrow umask covers its birth and nothing else.
function listen(server: Server, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(explain(file, error)));
    server.once('listening', () => resolve());
    const before = process.umask(0o177);
    server.listen(file);
    process.umask(before);
  });
}

function explain(file: string, error: unknown): Error {
  switch (codeOf(error)) {
    case 'ENOENT':
      return new Error(
        `${file}: there is no such control socket; is the process running, is ${path.dirname(file)} there?`,
      );
    case 'ECONNREFUSED':
      return new Error(`${file}: nobody serves this control socket; is the process running?`);
    case 'EACCES':
    case 'EPERM':
      return new Error(`${file}: not allowed; run this as root`);
    default:
      return error instanceof Error ? error : new Error(String(error));
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
