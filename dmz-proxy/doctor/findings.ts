// Every finding that the partner doctor knows, as one closed table: what it means, who mends it, and how. The README
// prints it, and a test compares the two.
import { type Finding, type FindingWho, shownText } from '@sallyport/shared/finding.ts';
import type { Row } from './finding-row.ts';
import { streamsFindings } from './findings-of-streams.ts';
import { wayFindings } from './findings-of-the-way.ts';
import { trustFindings } from './findings-of-trust.ts';

export const findings = { ...wayFindings, ...trustFindings, ...streamsFindings } as const satisfies Readonly<
  Record<string, Row>
>;

export type FindingCode = keyof typeof findings;

/** A finding of the table. `says` is of this case; `mend` replaces the table's where more is known. */
export function found(
  code: FindingCode,
  says: string,
  more: { readonly at?: string; readonly mend?: string; readonly who?: FindingWho } = {},
): Finding {
  const { topic, level, who, mend } = findings[code];
  return {
    code,
    topic,
    level,
    at: shownText(more.at ?? '', 200),
    says: shownText(says, 500),
    who: more.who ?? who,
    mend: shownText(more.mend ?? mend, 500),
  };
}

/** Equal findings at several addresses, as one that names them all. */
export function merged(list: readonly Finding[]): readonly Finding[] {
  const byWords = new Map<string, Finding>();
  for (const each of list) {
    const key = `${each.code} ${each.says} ${each.mend}`;
    const known = byWords.get(key);
    if (known === undefined) byWords.set(key, each);
    else if (!known.at.split(', ').includes(each.at)) byWords.set(key, { ...known, at: `${known.at}, ${each.at}` });
  }
  return [...byWords.values()];
}
