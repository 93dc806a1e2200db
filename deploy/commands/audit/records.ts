// Reads the records of an audit for the operator's commands: all its files in order, and those that he asks for.
import { linesOf, segmentsOf } from '@sallyport/shared/audit/segments.ts';
import { z } from 'zod';
import { type Options, textOption, WrongQuestion } from '../command.ts';

const recordSchema = z.looseObject({
  seq: z.int(),
  ts: z.string(),
  event: z.string(),
  direction: z.string().optional(),
  packet: z.string().optional(),
  from: z.string().optional(),
  to: z.string().optional(),
  kind: z.string().optional(),
  stanzaId: z.string().optional(),
  callId: z.string().optional(),
  digest: z.string().optional(),
  bytes: z.number().optional(),
  code: z.string().optional(),
  stage: z.string().optional(),
  rule: z.string().optional(),
  note: z.string().optional(),
  noticed: z.string().optional(),
  incident: z.string().optional(),
  revision: z.string().optional(),
});

export type AuditRecord = z.infer<typeof recordSchema>;

export type Line = { readonly text: string; readonly record: AuditRecord };

/** The records of all files of this audit, oldest first. Throws with a sentence where there are none. */
export async function* recordsOf(file: string): AsyncGenerator<Line> {
  const files = await segmentsOf(file).catch(() => []);
  if (files.length === 0)
    throw new WrongQuestion(`${file}: there is no such audit; the settings name it as audit.file`);
  for (const each of files) {
    for await (const text of linesOf(each)) {
      const record = parseRecord(text);
      if (record === undefined) throw new Error(`${each}: holds what is no record; ask sallyport audit verify ${file}`);
      yield { text, record };
    }
  }
}

/** One line; undefined where it is no record. */
export function parseRecord(text: string): AuditRecord | undefined {
  try {
    const read = recordSchema.safeParse(JSON.parse(text));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}

export const filterOptions = {
  who: { type: 'string' },
  event: { type: 'string' },
  code: { type: 'string' },
  rule: { type: 'string' },
  incident: { type: 'string' },
  packet: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
} as const;

export const filterHelp: readonly string[] = [
  '  --who ADDRESS     from or to this address; @out.example for a whole domain',
  '  --event WORD      admitted, released, accepted, delivered, refused, bounced, held, policy-activated, checkpoint, …',
  '  --code CODE       refused with this code, such as content-refused',
  '  --rule ID         decided by this rule of the policy, or noticed by it',
  '  --incident ID     the number that the sender was told',
  '  --packet ID       one packet',
  '  --since, --until  a time as 2026-11-22 or 2026-11-22T14:00Z, or how long ago: 90m, 2h, 3d',
];

/** What the options ask for. Throws WrongQuestion for a time that is none. */
export function filterOf(options: Options, now: number): (record: AuditRecord) => boolean {
  const who = textOption(options, 'who')?.toLowerCase();
  const since = timeOf(textOption(options, 'since'), now) ?? Number.NEGATIVE_INFINITY;
  const until = timeOf(textOption(options, 'until'), now) ?? Number.POSITIVE_INFINITY;
  const rule = textOption(options, 'rule');
  const exact = (['event', 'code', 'incident', 'packet'] as const).flatMap((key) => {
    const wanted = textOption(options, key);
    return wanted === undefined ? [] : [[key, wanted] as const];
  });
  const isWho = (address: string | undefined) =>
    who === undefined || address === who || (who.startsWith('@') && address?.endsWith(who) === true);
  return (record) => {
    const at = Date.parse(record.ts);
    if (at < since || at > until) return false;
    if (exact.some(([key, wanted]) => record[key] !== wanted)) return false;
    if (rule !== undefined && record.rule !== rule && !namesRule(record.noticed, rule)) return false;
    return isWho(record.from) || isWho(record.to);
  };
}

// `PII-03 redact, NEW would block`: what rules did, or would have done, without deciding.
function namesRule(noticed = '', rule: string): boolean {
  return noticed.split(', ').some((one) => one.split(' ')[0] === rule);
}

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function timeOf(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) return now - Number(count) * (unitMs[unit] ?? 0);
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw new WrongQuestion(`${text} is no time; write 2026-11-22, 2026-11-22T14:00Z, 90m, 2h or 3d`);
  return at;
}

/** One record as one line for people. */
export function told({
  ts,
  event,
  direction,
  from,
  to,
  kind,
  bytes,
  code,
  stage,
  rule,
  note,
  incident,
  ...rest
}: AuditRecord): string {
  const when = ts.replace('T', ' ').replace('Z', '');
  const whom = from === undefined && to === undefined ? '' : `${from ?? '?'} → ${to ?? '?'}`;
  const what = [kind, bytes === undefined ? undefined : `${bytes} B`].filter((each) => each !== undefined).join(' ');
  const why = [
    ofTheAuditItself({ event, ...rest }),
    code === undefined ? '' : stage === undefined ? code : `${code} by ${stage}`,
    rule === undefined ? '' : `rule ${rule}`,
    rest.noticed === undefined ? '' : `noticed ${rest.noticed}`,
    note ?? '',
    incident === undefined ? '' : `incident ${incident}`,
    event.startsWith('policy-') ? `revision ${rest.revision?.slice(0, 12)}` : '',
    rest.callId === undefined ? '' : `Call-ID ${rest.callId}`,
  ].filter((each) => each !== '');
  return [when, event.padEnd(9), (direction ?? '').padEnd(7), whom, what, why.join(', ')]
    .filter((each) => each !== '')
    .join('  ')
    .trimEnd();
}

function ofTheAuditItself({ event, ...rest }: Readonly<Record<string, unknown>> & { readonly event: string }): string {
  if (event === 'countersigned') return `the audit of ${rest.node} stood at record ${rest.of}`;
  return event === 'checkpoint' ? `signs the records up to ${rest.of}` : '';
}
