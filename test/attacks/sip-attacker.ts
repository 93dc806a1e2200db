// A broken-in front end: the pool's own certificate, and bytes as written (the headers come from test/sip-adapter).
import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';
import type { SiteUnderAttack } from './site-under-attack.ts';

export type SipAttacker = {
  readonly write: (text: string) => void;
  /** The status of the next response; fails after 3 s. */
  readonly status: () => Promise<number>;
  /** How many responses have come, those taken by `status` as well. */
  readonly responses: () => number;
  readonly closed: Promise<void>;
  readonly isFull: () => boolean;
  readonly drained: () => Promise<void>;
  readonly end: () => void;
};

/** Dials the gateway as the pool of the lab. */
export async function sipAttacker({ lab }: SiteUnderAttack): Promise<SipAttacker> {
  const socket = connect({
    host: '127.0.0.1',
    port: lab.gateway.sip,
    servername: lab.gateway.fqdn,
    ca: readFileSync(lab.frontEnd.caFile),
    cert: readFileSync(lab.frontEnd.certFile),
    key: readFileSync(lab.frontEnd.keyFile),
  });
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  const statuses: number[] = [];
  let count = 0;
  let rest = '';
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    rest += chunk.toString('latin1');
    for (const [line, status] of rest.matchAll(/SIP\/2\.0 (\d{3}) [^\r\n]*\r\n/g)) {
      count += 1;
      if (statuses.length < 1_000) statuses.push(Number(status));
      rest = rest.slice(rest.indexOf(line) + line.length);
    }
    if (rest.length > 65_536) rest = rest.slice(-1_024);
  });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return {
    write: (text) => socket.write(text),
    async status() {
      for (const until = Date.now() + 3_000; Date.now() < until; ) {
        const next = statuses.shift();
        if (next !== undefined) return next;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      throw new Error('no response came');
    },
    responses: () => count,
    closed,
    isFull: () => socket.writableNeedDrain,
    drained: () => new Promise((resolve) => socket.once('drain', () => resolve())),
    end: () => socket.destroy(),
  };
}
