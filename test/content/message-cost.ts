// What judging a message costs as both halves pay it: by the shipped policy, with labels, texts and what was said before.
import path from 'node:path';
import { parseJid } from '@sallyport/shared/address/jid.ts';
import { createTails } from '@sallyport/shared/content/tails.ts';
import { judgeContent } from '@sallyport/shared/policy/judge-content.ts';
import { loadPolicy } from '@sallyport/shared/policy/load-policy.ts';
import { root } from '../architecture/sources.ts';
import { texts } from './cost.ts';

export type MessageCost = {
  readonly text: string;
  readonly length: number;
  readonly alone: number;
  readonly running: number;
};

/** Conversations that go on in turn: more than one processor's cache of the first level holds. */
const conversations = 500;
const perRound = 10_000;

/**
 * Microseconds of this thread a message, the best of the rounds: of messages alone, and of the same in conversations that
 * go on, each of which has said something within the last two minutes. Each message is another piece of the text.
 */
export function messageCost(name: string, length: number, rounds: number): MessageCost {
  const loaded = loadPolicy(path.join(root, 'policies'), 'dmz');
  const whole = texts[name];
  if (!loaded.ok || whole === undefined)
    throw new Error(loaded.ok ? `there is no text ${name}` : loaded.problems.join());
  const { policy } = loaded;
  const bodies = Array.from({ length: 64 }, (_, at) => {
    const from = (at * 31) % Math.max(1, whole.length - length);
    return whole.slice(from, from + length);
  });
  const people = Array.from({ length: conversations }, (_, at) => parseJid(`ann${at}@out.example/desk`));
  const bob = parseJid('bob@in.example');
  const time = (tails: ReturnType<typeof createTails> | undefined): number => {
    const times = Math.max(200, Math.round((perRound * 80) / length));
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round <= rounds; round++) {
      const start = process.threadCpuUsage();
      for (let i = 0; i < times; i++) {
        const from = people[i % conversations];
        const body = bodies[i % bodies.length] ?? '';
        if (from === undefined || bob === undefined) throw new Error('no address');
        const content = { kind: 'message', type: 'chat', body, chatState: 'active' } as const;
        const told = { from, to: bob, lang: 'en', content, stanzaId: `m${i}`, id: `x${i}` };
        judgeContent(told, { policy, direction: 'inward', now: Date.now(), ...(tails === undefined ? {} : { tails }) });
      }
      const { user, system } = process.threadCpuUsage(start);
      // The first round is for the compiler.
      if (round > 0) best = Math.min(best, (user + system) / times);
    }
    return best;
  };
  return { text: name, length, alone: time(undefined), running: time(createTails({ now: Date.now })) };
}
