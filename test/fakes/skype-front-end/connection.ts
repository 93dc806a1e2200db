// One TLS connection of the fake front end: messages in, joined writes out.
import type { TLSSocket } from 'node:tls';
import { newReader, type SipMessage } from './wire.ts';

export type Connection = {
  /** Queued, and written with all else of this turn of the event loop; `afterwards` runs when it was handed over. */
  readonly send: (text: string, afterwards?: () => void) => void;
  readonly close: () => void;
  readonly isOpen: () => boolean;
};

export type ConnectionEvents = {
  readonly message: (message: SipMessage, connection: Connection) => void;
  readonly broken: (why: string) => void;
  readonly log: (direction: 'in' | 'out', text: string) => void;
  readonly ended: (connection: Connection) => void;
};

/** Takes over an authenticated socket. */
export function newConnection(socket: TLSSocket, on: ConnectionEvents): Connection {
  let waiting: string[] = [];
  let afterwards: (() => void)[] = [];
  let scheduled = false;

  const flush = (): void => {
    scheduled = false;
    const text = waiting.join('');
    const calls = afterwards;
    waiting = [];
    afterwards = [];
    if (text !== '' && socket.writable) socket.write(text);
    for (const call of calls) call();
  };
  const connection: Connection = {
    send: (text, call) => {
      on.log('out', text);
      waiting.push(text);
      if (call !== undefined) afterwards.push(call);
      if (scheduled) return;
      scheduled = true;
      setImmediate(flush);
    },
    close: () => socket.destroy(),
    isOpen: () => socket.writable,
  };
  const feed = newReader({
    message: (message) => {
      on.log('in', message.text);
      on.message(message, connection);
    },
    ping: () => connection.send('\r\n'),
    broken: (why) => {
      on.broken(why);
      socket.destroy();
    },
  });
  socket.setNoDelay(true);
  socket.on('data', feed);
  socket.on('error', () => socket.destroy());
  socket.on('close', () => on.ended(connection));
  return connection;
}
