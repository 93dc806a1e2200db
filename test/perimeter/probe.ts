// Knocks at many ports at once from one host and says how each answered. As a program it runs on that host; its
// question is the JSON of its input.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';

export type Question = {
  readonly protocol?: 'tcp' | 'udp';
  readonly host: string;
  /** Single ports, and ranges with both ends. */
  readonly ports: readonly (number | readonly [number, number])[];
  /** How long one may take, in ms. */
  readonly within?: number;
  readonly from?: { readonly localAddress?: string; readonly localPort?: number };
};

export type Answer = {
  /** Who is there: it can be talked to. */
  readonly open: readonly number[];
  /** Nobody is there, and the host says so: the packet came through. */
  readonly refused: readonly number[];
  /** How many gave no answer at all. */
  readonly silent: number;
  /** Anything else, such as `EPERM 53`: this host itself may not send it. */
  readonly other: readonly string[];
};

// Of all questions together; more would come back before they are looked at.
const atOnce = 4_000;

/** Asks from the host that `command` leads to. */
export async function probe(command: readonly string[], questions: readonly Question[]): Promise<readonly Answer[]> {
  const [program = '', ...rest] = ['prlimit', '--nofile=8192', ...command, process.execPath];
  const child = spawn(program, [...rest, import.meta.filename], { stdio: ['pipe', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    printed += piece;
  });
  child.stdin.end(JSON.stringify(questions));
  const late = setTimeout(() => child.kill('SIGKILL'), 30_000);
  const [code] = await once(child, 'close');
  clearTimeout(late);
  if (code !== 0) throw new Error(`the probe ended with ${code}`);
  return JSON.parse(printed);
}

async function ask(question: Question, share: number): Promise<Answer> {
  const ports = question.ports.flatMap((each) =>
    typeof each === 'number' ? [each] : Array.from({ length: each[1] - each[0] + 1 }, (_, i) => each[0] + i),
  );
  const heard = new Map<number, string>();
  const knock = question.protocol === 'udp' ? knockUdp : knockTcp;
  for (let at = 0; at < ports.length; at += share) {
    const ends = ports.slice(at, at + share).map((port) => knock(question, port, (what) => heard.set(port, what)));
    // A timer begins with the turn that it is made in, and making so many sockets is a long turn.
    await nextTurn();
    await wait(question.within ?? 400);
    for (const end of ends) end();
  }
  const those = (what: string) => ports.filter((port) => heard.get(port) === what);
  const known = new Set(['open', 'refused']);
  return {
    open: those('open'),
    refused: those('refused'),
    silent: ports.length - heard.size,
    other: [...heard].filter(([, what]) => !known.has(what)).map(([port, what]) => `${what} ${port}`),
  };
}

function knockTcp({ host, from }: Question, port: number, say: (what: string) => void): () => void {
  const socket = connect({ host, port, ...from });
  socket.on('connect', () => say('open'));
  socket.on('error', (error) => say(wordOf(error)));
  // A reset would wait for the connection that never comes.
  return () => void socket.destroy();
}

function knockUdp({ host }: Question, port: number, say: (what: string) => void): () => void {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.on('error', (error) => say(wordOf(error)));
  socket.on('message', () => say('open'));
  socket.connect(port, host, () => socket.send('knock', (error) => error !== null && say(wordOf(error))));
  return () => socket.close();
}

function wordOf(error: Error): string {
  const code = 'code' in error ? String(error.code) : error.message;
  return code === 'ECONNREFUSED' || code === 'ECONNRESET' ? 'refused' : code;
}

if (import.meta.main) {
  let input = '';
  for await (const piece of process.stdin.setEncoding('utf8')) input += String(piece);
  const questions: readonly Question[] = JSON.parse(input);
  const share = Math.max(1, Math.floor(atOnce / questions.length));
  process.stdout.write(JSON.stringify(await Promise.all(questions.map((each) => ask(each, share)))));
}
