// Runs SIPp (Debian's 3.6) as a Skype user's client behind Kamailio, over TCP; the scenarios are beside this file.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Daemon, freePort, startDaemon } from '../daemon.ts';
import { opensPort } from './prosody.ts';

export type Scenario = 'skype-user-writes-first' | 'skype-user-is-written-to';

export type SippOptions = {
  readonly scenario: Scenario;
  /** Addresses without `sip:`: the Skype user and the one they talk with. */
  readonly own: string;
  readonly peer: string;
  /** What the Skype user writes: first, or as the answer. One line. */
  readonly text: string;
  /** Kamailio's port for clients. */
  readonly server: { readonly host: string; readonly port: number };
  /** Where the client listens; a free port unless told. */
  readonly port?: number;
};

export type Sipp = {
  readonly port: number;
  /** Resolves with what it received, once the scenario went through to its end; rejects with its log when it did not. */
  readonly finished: Promise<readonly SipReceived[]>;
  stop(): Promise<void>;
};

/** A SIP message as it came in. */
export type SipReceived = { readonly startLine: string; readonly headers: string; readonly body: string };

/** Starts one conversation. It ends by itself, after 30 s at the latest. */
export async function startSipp(options: SippOptions): Promise<Sipp> {
  const folder = await mkdtemp(join(tmpdir(), 'sipp-'));
  const port = options.port ?? (await freePort());
  const messages = join(folder, 'messages.log');
  const errors = join(folder, 'errors.log');
  const keys = {
    own: options.own,
    peer: options.peer,
    text: options.text,
    conversation: Buffer.from(crypto.randomUUID()).toString('base64'),
    preview: Buffer.from(options.text).toString('base64'),
  };
  const waits = options.scenario === 'skype-user-is-written-to';
  const daemon: Daemon = await startDaemon(
    'sipp',
    [
      ...[`${options.server.host}:${options.server.port}`, '-sf', scenarioFile(options.scenario)],
      ...[
        '-t',
        't1',
        '-i',
        '127.0.0.1',
        '-p',
        `${port}`,
        '-m',
        '1',
        '-l',
        '1',
        '-nostdin',
        '-cp',
        `${await freePort()}`,
      ],
      ...[
        '-timeout',
        '30s',
        '-timeout_error',
        '-trace_msg',
        '-message_file',
        messages,
        '-trace_err',
        '-error_file',
        errors,
      ],
      ...Object.entries(keys).flatMap(([key, value]) => ['-key', key, value]),
    ],
    { cwd: folder, env: { TERM: 'dumb' }, ready: () => !waits || opensPort(port) },
  );

  const finished = daemon.ended.then(async (code) => {
    const traced = await readFile(messages, 'utf8').catch(() => '');
    const said = await readFile(errors, 'utf8').catch(() => '');
    await rm(folder, { recursive: true, force: true });
    if (code !== 0) throw new Error(`${options.scenario} failed (${code}): ${said}\n${traced.slice(-6_000)}`);
    return receivedIn(traced);
  });
  finished.catch(() => {});
  return { port, finished, stop: daemon.stop };
}

/** The texts of the MESSAGE requests among what came. */
export function textsOf(received: readonly SipReceived[]): readonly string[] {
  return received.filter(({ startLine }) => startLine.startsWith('MESSAGE ')).map(({ body }) => body);
}

function scenarioFile(scenario: Scenario): string {
  return join(import.meta.dirname, 'scenarios', `${scenario}.xml`);
}

function receivedIn(traced: string): readonly SipReceived[] {
  const pieces = traced.split(/^-{10,} .*$/m).filter((piece) => /message received/.test(piece));
  return pieces.map((piece) => {
    const message = piece.replace(/^\s*TCP message received \[\d+\] bytes :\s*/, '').replaceAll('\r\n', '\n');
    const blank = message.indexOf('\n\n');
    const [startLine = '', ...headers] = message.slice(0, blank).split('\n');
    return { startLine, headers: headers.join('\n'), body: message.slice(blank + 2).replace(/\n+$/, '') };
  });
}
