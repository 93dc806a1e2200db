// Pieces that the schemas of the policy's files are made of.
import { z } from 'zod';
import { domainName, whyNot, writtenAddress } from '../settings-schema.ts';

export const note = z.string().max(1_000);

/** `*@out.example`, `ann@out.example`, or `*`: everyone. */
export const people = z
  .string()
  .refine((text) => writtenPeople(text) !== undefined, {
    error: ({ input }) =>
      whyNot(
        input,
        'write an address in lower case such as ann@out.example, or *@out.example for its whole domain, or * for all',
      ),
  })
  .overwrite((text) => writtenPeople(text) ?? text);

/** The name of a list, a detector or a rule. */
export const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/, {
  error: 'write a short name of letters, digits and hyphens, such as project-names or PII-03',
});

/** A day. What ends on it ends with it, in UTC. */
export const day = z.string().refine((text) => endOfDay(text) !== undefined, {
  error: 'write a day, such as 2027-01-31',
});

/** BCP 47, as far as clients use it. */
export const language = z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/, {
  error: 'write a language, such as en or de-AT',
});

const words = z.string().max(300);

/** One text for everybody, or one for each language; `en` is for all others. */
export const publicText = z.union([words, z.record(language, words)], {
  error: 'write a text, or one for each language such as { en: Please rephrase this., de: Bitte anders. }',
});

export const partnerNames = z.array(domainName).min(1).max(10_000);

/** The first millisecond after a day such as 2027-01-31, in UTC; undefined where that is no day. */
export function endOfDay(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return undefined;
  const start = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(start) || new Date(start).toISOString().slice(0, 10) !== text ? undefined : start + 86_400_000;
}

/** Tells of each entry whose key stands in an earlier one. */
export function refuseRepeated<K extends string>(
  entries: readonly Readonly<Record<K, string>>[],
  key: K,
  context: z.RefinementCtx,
): void {
  const seen = new Set<string>();
  for (const [i, entry] of entries.entries()) {
    if (seen.has(entry[key])) {
      context.addIssue({
        code: 'custom',
        path: [i, key],
        message: `${entry[key]} stands here again; keep one of them`,
      });
    }
    seen.add(entry[key]);
  }
}

/** As addresses are compared. `*` is a local part like any other, so that `*@domain` is prepared as one. */
function writtenPeople(text: string): string | undefined {
  return text === '*' ? text : writtenAddress(text);
}
