// What the tests ask of a real XMPP server, whichever it is: how it is started, ended, started again and given new certificates.
import type { Said } from '../fakes/dns/dns-message.ts';

/** PEM texts: what it shows, and the CAs that it believes. */
export type Pems = { readonly cert: string; readonly key: string; readonly ca: string };

export type XmppServerOptions = {
  readonly domain: string;
  readonly users: readonly { readonly name: string; readonly password: string }[];
  readonly certs: Pems;
  /** Where the server-to-server port of each foreign domain is; all others have no address. */
  readonly hosts: ReadonlyMap<string, { readonly host: string; readonly port: number }>;
  /** What its DNS says first, or (ejabberd) instead, as `test/fakes/dns` takes it; a test may change it at any time. */
  readonly zone?: ReadonlyMap<string, Said>;
  /** Where it listens for other servers; a free port unless told. */
  readonly s2sPort?: number;
  /** Dialback for whoever does not prove itself by a certificate (XEP-0220); off unless told. */
  readonly dialback?: boolean;
  /** A component of the domain that may connect, for load without clients. */
  readonly component?: { readonly domain: string; readonly secret: string };
  /** The processor core it is bound to; any unless told. */
  readonly core?: number;
};

/** It listens on 127.0.0.1, and for other servers on ::1 too. */
export type XmppServer = {
  readonly pid: () => number;
  readonly c2sPort: number;
  readonly s2sPort: number;
  /** 0: it has none; so below. */
  readonly componentPort: number;
  /** For other servers, with TLS from the first byte. */
  readonly directTlsPort: number;
  log(): string;
  /** What it asked its DNS so far. */
  questions(): readonly string[];
  /** Ends it as its operator would, and keeps its folder. */
  end(): Promise<void>;
  /** Starts it again where it was ended. */
  start(): Promise<void>;
  /** Gives it another certificate while it runs, as its operator would. */
  renew(certs: Pems): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
};
