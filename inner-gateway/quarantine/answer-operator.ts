// The questions of `sallyport quarantine`, as they come by the control socket: who asks, whether he may, and the answer.
import type { Operators } from '@sallyport/shared/policy/operators.ts';
import { heldDeeds, judgeDeed } from '@sallyport/shared/policy/quarantine-signatures.ts';
import { operatorName } from '@sallyport/shared/policy/revision-manifest.ts';
import { readSignatures } from '@sallyport/shared/policy/revision-signatures.ts';
import { partsOf } from '@sallyport/shared/texts-of.ts';
import { z } from 'zod';
import type { HeldActions, HeldItem } from './quarantine.ts';

const heldQuestion = z.discriminatedUnion('do', [
  z.strictObject({ ask: z.literal('quarantine'), do: z.literal('list') }),
  z.strictObject({
    ask: z.literal('quarantine'),
    do: z.enum(heldDeeds),
    id: z.string().max(64),
    as: z.string().regex(operatorName),
    signatures: z.string().max(8_192),
  }),
]);

export type HeldQuestion = z.infer<typeof heldQuestion>;

/** The question, or undefined where it is another one. */
export function readHeldQuestion(asked: unknown): HeldQuestion | undefined {
  const read = heldQuestion.safeParse(asked);
  return read.success ? read.data : undefined;
}

/** Answers it. What it says of a packet is for the terminal of an operator, and for nothing else. */
export async function answerOperator(
  question: HeldQuestion,
  held: HeldActions | undefined,
  operators: Operators | undefined,
  now: number,
): Promise<object> {
  if (held === undefined) return { error: 'there is no quarantine in the settings of this gateway' };
  if (question.do === 'list') return { held: (await held.list()).map((item) => lineOf(item, now)) };
  const { do: deed, id, as } = question;
  const signatures = readSignatures(question.signatures);
  if (signatures === undefined) return { error: 'the signature is no line of sallyport quarantine sign' };
  const judged = judgeDeed(deed, id, as, signatures, operators);
  if (!judged.allowed) return { error: judged.why };
  const by = judged.second === undefined ? `by ${as}` : `by ${as}, signed by ${judged.second}`;
  switch (deed) {
    case 'show': {
      const shown = await held.show(id, by);
      if (!shown.done) return { error: shown.why };
      const { item, packet } = shown;
      return { shown: { ...lineOf(item, now), at: packet.at, lang: packet.lang, texts: partsOf(packet) } };
    }
    case 'release': {
      const done = await held.release(id, by);
      return done.done ? { released: id } : { error: done.why };
    }
    case 'refuse': {
      const done = await held.refuse(id, by);
      return done.done ? { refused: id } : { error: done.why };
    }
    default:
      return deed satisfies never;
  }
}

function lineOf({ id, packet, from, to, kind, direction, rule, bytes, heldAt, expiresAt }: HeldItem, now: number) {
  const daysLeft = Math.max(0, Math.ceil((expiresAt - now) / 86_400_000));
  return { id, packet, from, to, kind, direction, rule, bytes, heldAt, daysLeft };
}
