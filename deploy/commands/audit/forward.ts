// `sallyport audit forward`: follows an audit and sends each record on to a collector, by syslog over TLS (RFC 5425).
import { readFileSync } from 'node:fs';
import { type FileHandle, open, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { segmentsOf } from '@sallyport/shared/audit/segments.ts';
import { type Command, type Options, textOption, WrongQuestion } from '../command.ts';
import { parseRecord } from './records.ts';
import { framed, syslogOf } from './syslog.ts';

const pollMs = 500;
const retryMs = 5_000;
const chunkBytes = 262_144;

export const auditForward: Command = {
  name: 'audit forward',
  summary: 'sends each record to a collector as it is written: syslog over TLS; runs until it is ended',
  help: [
    '  --to HOST:PORT  the collector; its certificate must have that name (port 6514 unless told)',
    '  --ca FILE       the CA that the collector’s certificate leads to, PEM',
    '  --cert, --key   our own certificate and key, where the collector asks for them',
    '  --state FILE    remembers the number of the last record that was sent (FILE.forwarded)',
    '  --once          ends when all that is there was sent',
    '  Syslog answers nothing: after a cut what was under way is lost or comes twice. The audit itself stays the truth.',
  ],
  options: {
    to: { type: 'string' },
    ca: { type: 'string' },
    cert: { type: 'string' },
    key: { type: 'string' },
    state: { type: 'string' },
    once: { type: 'boolean' },
  },
  words: ['FILE'],
  run: async ([file = ''], options, terminal) => {
    const collector = collectorOf(options);
    const stateFile = textOption(options, 'state') ?? `${file}.forwarded`;
    if ((await segmentsOf(file).catch(() => [])).length === 0)
      throw new WrongQuestion(`${file}: there is no such audit; the settings name it as audit.file`);
    for (;;) {
      const why = await forward(file, stateFile, collector, options.once === true);
      if (why === undefined) return 0;
      terminal.complain(`sallyport audit forward: ${collector.host}:${collector.port}: ${why}`);
      if (options.once === true) return 1;
      await wait(retryMs);
    }
  },
};

type Collector = {
  readonly host: string;
  readonly port: number;
  readonly ca: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
};

function collectorOf(options: Options): Collector {
  const [, host, port] = /^\[?([^\]]+?)\]?(?::(\d{1,5}))?$/.exec(textOption(options, 'to') ?? '') ?? [];
  if (host === undefined) throw new WrongQuestion('--to is missing; write --to syslog.example:6514');
  const caFile = textOption(options, 'ca');
  if (caFile === undefined) throw new WrongQuestion('--ca is missing; write the PEM file of the CA of the collector');
  const [certFile, keyFile] = [textOption(options, 'cert'), textOption(options, 'key')];
  if ((certFile === undefined) !== (keyFile === undefined)) throw new WrongQuestion('--cert and --key go together');
  return {
    host,
    port: Number(port ?? '6514'),
    ca: read(caFile),
    ...(certFile === undefined || keyFile === undefined ? {} : { cert: read(certFile), key: read(keyFile) }),
  };
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    throw new WrongQuestion(`${file}: this file cannot be read`);
  }
}

// Sends what is there and then what comes; says in words why it ended, or nothing where all was sent and that was asked.
async function forward(
  file: string,
  stateFile: string,
  collector: Collector,
  onlyOnce: boolean,
): Promise<string | undefined> {
  const socket = connect({ ...collector, servername: collector.host, minVersion: 'TLSv1.2' });
  let trouble: string | undefined;
  socket.on('error', (error) => {
    trouble = error.message;
  });
  socket.on('close', () => {
    trouble ??= 'the collector closed the connection';
  });
  socket.resume();
  try {
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
    let sent = await lastSent(stateFile);
    while (trouble === undefined) {
      const before = sent;
      sent = await sendFrom(file, sent, socket, () => trouble);
      if (sent !== before && trouble === undefined) await remember(stateFile, sent);
      if (onlyOnce) break;
      await wait(pollMs);
    }
    return trouble;
  } catch (error) {
    return trouble ?? (error instanceof Error ? error.message : 'unknown trouble');
  } finally {
    await new Promise<void>((done) => (socket.destroyed ? done() : socket.end(done)));
    socket.destroy();
  }
}

async function lastSent(stateFile: string): Promise<number> {
  const text = await readFile(stateFile, 'utf8').catch(() => '0');
  const number = Number(text.trim());
  if (!Number.isSafeInteger(number) || number < 0)
    throw new Error(`${stateFile}: holds no number; remove it to send all again`);
  return number;
}

async function remember(stateFile: string, sent: number): Promise<void> {
  await writeFile(`${stateFile}.new`, `${sent}\n`, { mode: 0o600 });
  await rename(`${stateFile}.new`, stateFile);
}

// Full files whose last number was sent are not read again; of the others only what comes behind that number is sent.
async function sendFrom(
  file: string,
  sent: number,
  socket: TLSSocket,
  trouble: () => string | undefined,
): Promise<number> {
  let last = sent;
  for (const segment of await segmentsOf(file)) {
    if (segment !== file && Number(segment.slice(file.length + 1)) <= last) continue;
    const from = segment === file ? offsets.get(file) : undefined;
    const at = from !== undefined && from.inode === (await stat(file)).ino ? from.at : 0;
    const handle = await open(segment, 'r').catch(() => undefined);
    if (handle === undefined) continue;
    try {
      const inode = (await handle.stat()).ino;
      const read = await sendLines(handle, at, last, socket, trouble);
      last = read.last;
      if (segment === file) offsets.set(file, { inode, at: read.at });
    } finally {
      await handle.close();
    }
  }
  return last;
}

// Where the file that is being written was read to, so that it is not read from its beginning at each look.
const offsets = new Map<string, { readonly inode: number; readonly at: number }>();

async function sendLines(
  handle: FileHandle,
  from: number,
  sent: number,
  socket: TLSSocket,
  trouble: () => string | undefined,
): Promise<{ at: number; last: number }> {
  const buffer = Buffer.alloc(chunkBytes);
  let at = from;
  let last = sent;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, chunkBytes, at);
    const end = buffer.subarray(0, bytesRead).lastIndexOf(10);
    if (end < 0 || trouble() !== undefined) return { at, last };
    let text = '';
    for (const line of buffer.toString('utf8', 0, end).split('\n')) {
      const record = parseRecord(line);
      if (record === undefined || record.seq <= last) continue;
      text += framed(syslogOf(line, record));
      last = record.seq;
    }
    at += end + 1;
    if (text !== '') await new Promise<void>((done) => socket.write(text, () => done()));
  }
}
