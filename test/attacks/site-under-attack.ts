// The site of the lab with an attacker in it: what an attack may not change is measured here, once for all attacks.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { after } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import type { Issued } from '../../deploy/certificates/issue.ts';
import type { SiteOptions } from '../lab/lab-site.ts';
import type { Half } from '../lab/pair.ts';
import { annAndBob, startWholeSite, until, type WholeSite } from '../pair/whole-site.ts';
import { connectedClient, header, type Peer, peerOn } from '../streams/scripted-peer.ts';
import { addCalmPair, type CalmPlaces, startCalmPair } from './calm-pair.ts';

export type SiteUnderAttack = WholeSite & {
  /** The certificate of out.example: the attacker is a partner, or has broken into one. */
  readonly stolen: Issued;
  /** Where partners connect with STARTTLS. */
  readonly door: number;
  /** An authenticated stream from out.example to in.example, to say anything on. */
  readonly openStream: () => Promise<Peer>;
  /** What internal users got, but for Carol of the calm pair. */
  readonly delivered: () => readonly string[];
  /** Ann writes to Bob, and Bob gets it: the site is up. What was said before on her stream is judged by then. */
  readonly stillServes: () => Promise<void>;
  /** Asserts what internal users have got, apart from the words of `stillServes`. */
  readonly onlyDelivered: (...texts: string[]) => Promise<void>;
  /** Runs the attack; neither half may be larger than before by more than so many megabytes. */
  readonly staysFlat: (attack: () => Promise<unknown>, megabytes?: number) => Promise<void>;
  /**
   * Runs the attack while two others write: a text takes at most 3 × as long as when nobody attacks. An
   * attack under which it takes longer is played again, `tries` times in all.
   */
  readonly keepsAnswering: (attack: () => Promise<unknown>, tries?: number) => Promise<void>;
  /** Both, for an attack that is no flood by itself: it is played so many times. */
  readonly standsIt: (times: number, attack: (round: number) => Promise<unknown>) => Promise<void>;
};

const token = 'the site still serves';
/** The bound of attacks that use up what a second round would need, such as rates: the heap's own growth is in it. */
export const playedOnce = 192;
const idleTexts = 40;
const triesAtMost = 3;
const halves = ['proxy', 'gateway'] as const;
// A half that has nothing to do runs so long in 200 ms at most.
const idleMs = 10;

/** Starts the site; it ends after the last test of the file. */
export async function startUnderAttack(options: SiteOptions = {}): Promise<SiteUnderAttack> {
  let places: CalmPlaces | undefined;
  const site = await startWholeSite(options, async (lab) => {
    places = await addCalmPair(lab);
  });
  after(() => site.stop());
  if (places === undefined) throw new Error('the calm pair has no place');
  const calm = await startCalmPair(places);
  after(() => calm.stop());
  const { lab, pair, neighbours } = site;
  const { ann, bob, partner } = annAndBob(site);
  const stolen = { certPem: readFileSync(partner.certFile, 'utf8'), keyPem: readFileSync(partner.keyFile, 'utf8') };
  let rounds = 0;

  // In megabytes; none for a half that a test has ended.
  const size = (half: Half) => {
    const file = `/proc/${pair.pid(half)}/status`;
    const status = existsSync(file) ? readFileSync(file, 'utf8') : '';
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
  };
  // How long its main thread has run until now, and waited for a core that others had, in ms (Linux's schedstat).
  const scheduled = (half: Half) => {
    const file = `/proc/${pair.pid(half)}/schedstat`;
    const [ran = 0, waited = 0] = existsSync(file) ? readFileSync(file, 'utf8').split(' ').map(Number) : [];
    return { ran: ran / 1e6, waited: waited / 1e6 };
  };
  const delivered = () =>
    lab.internalUsers.flatMap((address) =>
      neighbours
        .frontEnd()
        .user(address)
        .received()
        .flatMap((item) => (item.kind === 'message' ? [item.text] : [])),
    );

  async function stillServes(): Promise<void> {
    const text = `${token} ${++rounds}`;
    await ann.send(bob.address, text);
    await until(`Bob gets "${text}"`, () => delivered().includes(text), 15_000);
  }

  async function staysFlat(attack: () => Promise<unknown>, megabytes = 96): Promise<void> {
    const sizes = () => halves.map(size);
    let before = sizes();
    const grown = () => sizes().map((now, at) => now - (before[at] ?? 0));
    await attack();
    if (megabytes < playedOnce && grown().some((each) => each > megabytes)) {
      // The engine grows its heap once and keeps it; what leaks grows with each attack.
      before = sizes();
      await attack();
    }
    for (const [at, each] of grown().entries())
      assert.ok(
        each <= megabytes,
        `${halves[at]} has grown by ${each.toFixed(0)} MB, from ${before[at]?.toFixed(0)} MB`,
      );
  }

  // How many times as long the halves took for their work as with a core each, since it is asked for: on a machine that
  // others use a busy process waits for its turn, and an idle one hardly ever does.
  function stretchSince(): () => number {
    const before = halves.map(scheduled);
    return () => {
      const now = halves.map(scheduled);
      const grown = (what: 'ran' | 'waited') =>
        now.reduce((sum, each, at) => sum + Math.max(0, each[what] - (before[at]?.[what] ?? 0)), 0);
      return 1 + grown('waited') / Math.max(1, grown('ran'));
    };
  }

  // What an attacker has said may still be worked on when it has said all; the site idles only after that.
  async function isDone(): Promise<boolean> {
    for (const late = Date.now() + 15_000; Date.now() < late; ) {
      const before = halves.map(scheduled);
      await wait(200);
      if (halves.every((half, at) => scheduled(half).ran - (before[at]?.ran ?? 0) <= idleMs)) return true;
    }
    return false;
  }

  async function keepsAnswering(attack: () => Promise<unknown>, tries = triesAtMost, known = 0): Promise<void> {
    // Before the second try the site may still work on what the first has left it.
    const before = (await isDone()) ? slow(await calm.measure(idleTexts)) : known;
    const stretch = stretchSince();
    const times = await calm.measureDuring(attack);
    const stretched = stretch();
    // A busy machine may have become busier meanwhile.
    const after = (await isDone()) ? slow(await calm.measure(idleTexts)) : 0;
    const allowed = 3 * Math.max(before, after) * stretched;
    const ms = (time: number) => `${time.toFixed(1)} ms`;
    const words = `${ms(slow(times))} while attacked (${times.length} texts), ${ms(before)} before, ${ms(after)} after (nine of ten were faster), all slowed down by others to ${stretched.toFixed(1)} ×`;
    if (process.env.SHOW_LATENCY !== undefined) process.stderr.write(`${words}\n`);
    if (slow(times) <= allowed) return;
    // What the attack does to the site it does each time; what others do to the machine they do now and then.
    assert.ok(tries > 1, words);
    await keepsAnswering(attack, tries - 1, before);
  }

  // The attacker has no machine of its own: what it uses must not be missing to the site, so it comes last from here on.
  setPriority(constants.priority.PRIORITY_LOW);
  await calm.measure(idleTexts);
  await stillServes();
  return {
    ...site,
    stolen,
    door: lab.proxy.s2s,
    openStream: () => connectedClient(lab.proxy.s2s, stolen),
    delivered: () => delivered().filter((text) => !text.startsWith(token)),
    stillServes,
    async onlyDelivered(...texts) {
      await stillServes();
      assert.deepEqual(
        delivered().filter((text) => !text.startsWith(token)),
        texts,
      );
    },
    staysFlat,
    keepsAnswering,
    async standsIt(times, attack) {
      await staysFlat(() =>
        keepsAnswering(async () => {
          for (let round = 0; round < times; round++) await attack(round);
        }),
      );
    },
  };
}

// Nine of ten were faster: one stop of the machine is no attack's doing.
function slow(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.9)] ?? 0;
}

/** Asserts that the peer is told this stream error and that the stream ends; returns what came before and with it. */
export async function refusedWith(peer: Peer, condition: string, application = ''): Promise<string> {
  const words = await peer.hear('</stream:stream>');
  assert.match(words, new RegExp(`<stream:error><${condition} xmlns="urn:ietf:params:xml:ns:xmpp-streams"/>`));
  if (application !== '') assert.match(words, new RegExp(`<${application} xmlns="urn:xmpp:errors"/>`));
  peer.socket.destroy();
  return words;
}

/** A connection to the port for TLS from the first byte, as far as the features that offer SASL. */
export async function directTls(
  site: SiteUnderAttack,
  options: { readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3'; readonly session?: Buffer } = {},
): Promise<Peer> {
  const socket = connectTls({
    host: '127.0.0.1',
    port: site.lab.proxy.directTls,
    cert: site.stolen.certPem,
    key: site.stolen.keyPem,
    servername: 'in.example',
    rejectUnauthorized: false,
    ...options,
  });
  await new Promise((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
  });
  const peer = peerOn(socket);
  peer.say(header());
  return peer;
}

/** A message from Ann to Bob as XML; `inside` stands between its tags. */
export function message(inside: string, attributes = ''): string {
  return `<message from="ann@out.example/desk" to="bob@in.example" type="chat" ${attributes}>${inside}</message>`;
}

export function body(text: string): string {
  return `<body>${text}</body>`;
}

/** What a fake partner has heard on all its streams since `mark` pieces of its log: stanzas that went to it. */
export function heardBy(site: SiteUnderAttack, domain = 'out.example') {
  const { log } = site.neighbours.partners.get(domain)!;
  const from = log().length;
  return () =>
    log()
      .slice(from)
      .filter((line) => /^< <(?:message|iq|presence)/.test(line) && !line.includes('urn:xmpp:ping'));
}

/** Waits for the end of a stream and leaves at once; a server would wait for our closing tag for 5 s. */
export async function leaveAtEnd(peer: Peer): Promise<void> {
  await peer.hear('</stream:stream>').catch(() => {});
  peer.socket.destroy();
}
