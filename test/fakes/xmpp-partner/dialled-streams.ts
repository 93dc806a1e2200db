// The streams that a test partner opens, one for each internal domain, dialled on demand and again after a loss.
import { once } from 'node:events';
import { connect } from 'node:net';
import { type Credentials, initiate } from './negotiate.ts';
import { openWire, type Wire } from './wire.ts';

export type StreamFacts = {
  readonly direction: 'in' | 'out';
  readonly local: string;
  readonly remote: string;
  readonly state: 'opening' | 'open';
};

export type DialledStreams = {
  /** Writes to that domain's stream, dialling it first where there is none. Rejects when it cannot be had within 10 s. */
  write(remote: string, xml: string): Promise<void>;
  facts(): readonly StreamFacts[];
  drop(): void;
  stop(): Promise<void>;
};

/** The streams out of `domain`, which all go to `place()`. */
export function dialledStreams(options: {
  readonly domain: string;
  readonly credentials: Credentials;
  readonly place: () => { readonly host: string; readonly port: number };
  readonly note: (direction: '<' | '>', xml: string) => void;
}): DialledStreams {
  const open = new Map<string, Wire>();
  const opening = new Map<string, Promise<Wire>>();
  const half = new Set<Wire>();
  let stopped = false;

  const dialOnce = async (remote: string): Promise<Wire | string> => {
    const socket = connect(options.place());
    try {
      await once(socket, 'connect');
    } catch (error) {
      return `${error}`;
    }
    const wire = openWire(socket, options.note);
    half.add(wire);
    const names = { from: options.domain, to: remote };
    const outcome = await initiate(wire, names, options.credentials).catch((error) => {
      return { done: false, condition: 'timeout', text: `${error}` } as const;
    });
    half.delete(wire);
    if (outcome.done) return wire;
    wire.destroy();
    return `${outcome.condition} ${outcome.text}`;
  };

  const dial = async (remote: string): Promise<Wire> => {
    const until = Date.now() + 10_000;
    for (;;) {
      const wire = await dialOnce(remote);
      if (typeof wire !== 'string') {
        open.set(remote, wire);
        wire.listen((heard) => {
          if (heard.kind === 'end') wire.end();
          if (heard.kind === 'element' && heard.element.name === 'error') wire.destroy();
          if (open.get(remote) === wire)
            if (heard.kind !== 'element' || heard.element.name === 'error') open.delete(remote);
        });
        return wire;
      }
      if (stopped || Date.now() > until) throw new Error(`${options.domain} has no stream to ${remote}: ${wire}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  };

  const streamTo = (remote: string): Promise<Wire> => {
    const pending = opening.get(remote) ?? dial(remote).finally(() => opening.delete(remote));
    opening.set(remote, pending);
    return pending;
  };

  return {
    write: async (remote, xml) => {
      const wire = open.get(remote);
      if (wire?.isOpen()) return wire.write(xml);
      return (await streamTo(remote)).write(xml);
    },
    facts: () => {
      const facts = (state: 'opening' | 'open') => (remote: string) => {
        return { direction: 'out', local: options.domain, remote, state } as const;
      };
      return [...[...open.keys()].map(facts('open')), ...[...opening.keys()].map(facts('opening'))];
    },
    drop: () => {
      for (const wire of [...open.values(), ...half]) wire.destroy();
      open.clear();
    },
    stop: async () => {
      stopped = true;
      for (const wire of half) wire.destroy();
      await Promise.all([...open.values()].map((wire) => wire.end()));
    },
  };
}
