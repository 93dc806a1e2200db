// The XMPP servers that play partners of the whole pair, as data: which is started how, and what it has.
import { startEjabberd } from './ejabberd.ts';
import { startJabberd } from './jabberd.ts';
import { startProsody } from './prosody.ts';
import type { XmppServer, XmppServerOptions } from './xmpp-server.ts';

export type ServerKind = {
  readonly name: 'Prosody' | 'ejabberd' | 'jabberd2';
  /** The program that must be on the machine. */
  readonly program: string;
  /** Which partner of the lab it plays, and its people. */
  readonly domain: string;
  readonly people: readonly [string, string];
  /** It acknowledges what it took between servers (XEP-0198), and learns what we took. */
  readonly acknowledges: boolean;
  /**
   * What its people write in the milliseconds in which a stream of it ends, whoever ends it, is lost in silence: it reaches
   * neither the stream nor their errors.
   */
  readonly losesAtEndOfStream: boolean;
  /** It asks DNS for SRV records, but libc for their targets, which only knows the machine's DNS: they must be addresses. */
  readonly targetsAreAddresses: boolean;
  /** It can use one stream for both directions (XEP-0288). */
  readonly hasBidi: boolean;
  readonly start: (options: XmppServerOptions) => Promise<XmppServer>;
};

/** They prove themselves by certificate, and take every road. */
export const serverKinds: readonly ServerKind[] = [
  {
    ...{ name: 'Prosody', program: 'prosody', domain: 'out.example', people: ['ann', 'amy'] },
    acknowledges: true,
    losesAtEndOfStream: false,
    targetsAreAddresses: false,
    hasBidi: true,
    start: (options) => startProsody({ ...options, bidi: true }),
  },
  {
    ...{ name: 'ejabberd', program: 'ejabberdctl', domain: 'far.example', people: ['zoe', 'zack'] },
    acknowledges: false,
    losesAtEndOfStream: true,
    targetsAreAddresses: true,
    hasBidi: false,
    start: startEjabberd,
  },
];

/** It knows neither EXTERNAL nor direct TLS, and so has tests of its own, in which it plays the partner of ejabberd. */
export const jabberd2: ServerKind = {
  ...{ name: 'jabberd2', program: 'jabberd2-s2s', domain: 'far.example', people: ['zoe', 'zack'] },
  acknowledges: false,
  losesAtEndOfStream: false,
  targetsAreAddresses: false,
  hasBidi: false,
  start: startJabberd,
};
