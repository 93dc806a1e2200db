// Questions to DNS with answers as values: SRV, A and AAAA, with time limits and a memory of addresses (RFC 1035, RFC 2782).
import { Resolver } from 'node:dns/promises';
import type { Clock, Instant } from '@sallyport/shared/clock.ts';

export type Answer<T> =
  | { readonly kind: 'found'; readonly records: readonly T[] }
  /** There is no such record (ENODATA), or no such name (ENOTFOUND); the name server is sure. */
  | { readonly kind: 'none'; readonly code: 'ENODATA' | 'ENOTFOUND' }
  /** Nobody knows at the moment: no answer, SERVFAIL, refused, broken. */
  | { readonly kind: 'trouble'; readonly code: string };

export type ServiceRecord = {
  /** The host; empty where the record says that there is no such service. */
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
};

export type Dns = {
  readonly services: (name: string) => Promise<Answer<ServiceRecord>>;
  readonly addresses: (name: string, family: 4 | 6) => Promise<Answer<string>>;
  /** Ends what is being asked. */
  readonly close: () => void;
};

export type DnsOptions = {
  /** Addresses of name servers, with or without port; those of the system where there are none. */
  readonly servers?: readonly string[];
  /** How long one server may think before it is asked again, ms, and how often it is asked. */
  readonly timeoutMs?: number;
  readonly tries?: number;
  /** The longest that one question may take in all, ms. */
  readonly withinMs?: number;
};

const namesAtMost = 1_000;
const rememberedAtMostMs = 3_600_000;
const hostForm = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/i;

/**
 * Addresses are remembered for as long as their records say, at most an hour, 1,000 names at most (the oldest goes).
 * SRV records are asked each time, since Node does not tell their time to live. Nothing else is remembered.
 */
export function openDns(clock: Clock, options: DnsOptions = {}): Dns {
  const { timeoutMs = 2_000, tries = 2, withinMs = 10_000 } = options;
  const remembered = new Map<string, { readonly answer: Answer<string>; readonly until: Instant }>();
  let resolver: Resolver | undefined;

  // Made at the first question: a proxy whose partners are all pinned asks nobody.
  function asking(): Resolver {
    if (resolver !== undefined) return resolver;
    resolver = new Resolver({ timeout: timeoutMs, tries });
    if (options.servers !== undefined) resolver.setServers([...options.servers]);
    return resolver;
  }

  async function ask<T>(name: string, question: (resolver: Resolver) => Promise<readonly T[]>): Promise<Answer<T>> {
    // Node would cut a name at a zero byte and ask for what is before it.
    if (!hostForm.test(name)) return { kind: 'trouble', code: 'EBADNAME' };
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<Answer<T>>((resolve) => {
      timer = setTimeout(() => resolve({ kind: 'trouble', code: 'ETIMEOUT' }), withinMs);
    });
    const asked = question(asking()).then(
      (records): Answer<T> => (records.length === 0 ? { kind: 'none', code: 'ENODATA' } : { kind: 'found', records }),
      (error: unknown): Answer<T> => {
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
        return code === 'ENODATA' || code === 'ENOTFOUND' ? { kind: 'none', code } : { kind: 'trouble', code };
      },
    );
    const answer = await Promise.race([asked, late]);
    clearTimeout(timer);
    return answer;
  }

  async function askAddresses(name: string, family: 4 | 6): Promise<Answer<string>> {
    const answer = await ask(name, (resolver) =>
      family === 4 ? resolver.resolve4(name, { ttl: true }) : resolver.resolve6(name, { ttl: true }),
    );
    if (answer.kind !== 'found') return answer;
    const found: Answer<string> = { kind: 'found', records: answer.records.map(({ address }) => address) };
    const ttlMs = Math.min(...answer.records.map(({ ttl }) => ttl * 1000), rememberedAtMostMs);
    if (ttlMs > 0) keep(`${family} ${name}`, found, clock.now() + ttlMs);
    return found;
  }

  function keep(key: string, answer: Answer<string>, until: Instant): void {
    remembered.delete(key);
    remembered.set(key, { answer, until });
    for (const oldest of remembered.keys()) {
      if (remembered.size <= namesAtMost) break;
      remembered.delete(oldest);
    }
  }

  return {
    services: (name) => ask(name, (resolver) => resolver.resolveSrv(name)),
    async addresses(name, family) {
      const known = remembered.get(`${family} ${name}`);
      if (known !== undefined && clock.now() < known.until) return known.answer;
      return askAddresses(name, family);
    },
    close: () => resolver?.cancel(),
  };
}
