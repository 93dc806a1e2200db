// Lines as people write them at work in chats, none of which says anything that the policy of the corpus forbids.

import { chatter } from './harmless-chatter.ts';
import { frames, slots } from './harmless-frames.ts';
import { type Random, random } from './random.ts';

/** The same lines in each run, each once: whole ones, and ones made of frames with what fits into them. */
export function harmlessLines(): readonly string[] {
  const lines = new Set(chatter);
  const pick = random(2_026);
  for (const frame of frames) {
    // What repeats is dropped, so frames with more slots give more lines.
    for (let i = 0; i < linesAFrame; i++) lines.add(filled(frame, pick));
  }
  const whole = [...lines];
  for (let i = 0; i < 120; i++) lines.add(quotedMail(whole, pick));
  for (let i = 0; i < 120; i++) lines.add(`${pick.of(whole)} ${pick.of(emoji)}${pick.of(emoji)}`);
  for (let i = 0; i < 150; i++) lines.add(`${pick.of(whole)} ${pick.of(whole)}`);
  return [...lines];
}

const linesAFrame = 34;
const emoji = ['😀', '👍🏽', '🎉', '❤️', '🤷‍♀️', '👨‍👩‍👧', '🇬🇧', '🇩🇪', '☕', '✅', '🙈', '🔥', '1️⃣', '😂', '🏳️‍🌈'];

function filled(frame: string, pick: Random): string {
  return frame.replaceAll(/\{([a-z]+)(?::(\d+))?\}/gi, (_, slot: string, digits?: string) => {
    if (slot === 'n') return number(Number(digits ?? '2'), pick);
    if (slot === 'x')
      return Array.from({ length: Number(digits ?? '8') }, () => pick.of([...'0123456789abcdef'])).join('');
    const choices = slots[slot];
    if (choices === undefined) throw new Error(`no slot ${slot}`);
    return pick.of(choices);
  });
}

function number(digits: number, pick: Random): string {
  return Array.from({ length: digits }, (_, i) => (i === 0 ? 1 + pick.below(9) : pick.below(10))).join('');
}

function quotedMail(whole: readonly string[], pick: Random): string {
  const text = Array.from({ length: 4 }, () => pick.of(whole)).join(' ');
  const wrapped = text.match(/.{1,68}(?:\s|$)/gu) ?? [text];
  const name = pick.of(slots.name ?? []);
  return `On Mon, ${1 + pick.below(28)} Nov 2026 at ${10 + pick.below(9)}:${10 + pick.below(49)}, ${name} wrote:\n${wrapped.map((line) => `> ${line.trim()}`).join('\n')}\n\n${pick.of(whole)}`;
}
