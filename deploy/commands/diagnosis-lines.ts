// Prints what the partner doctor found: a finding a line, in the order of the examination, and a sum at the end.
import { type Diagnosis, findingLevels, findingTopics, findingWhos, shownText } from '@sallyport/shared/finding.ts';
import { z } from 'zod';

const finding = z.object({
  code: z.string(),
  topic: z.enum(findingTopics),
  level: z.enum(findingLevels),
  at: z.string(),
  says: z.string(),
  who: z.enum(findingWhos),
  mend: z.string(),
});
const diagnosis = z.object({
  domain: z.string(),
  from: z.string(),
  proxy: z.string(),
  tookMs: z.number(),
  findings: z.array(finding),
});
const answer = z.object({ diagnoses: z.array(diagnosis), troubles: z.array(z.string()) });

type One = Diagnosis['findings'][number];

const titles: Readonly<Record<One['topic'], string>> = {
  policy: 'Our list',
  dns: 'DNS',
  address: 'Addresses',
  tls: 'TLS',
  certificate: 'Certificates',
  authentication: 'Authentication',
  stream: 'The stream',
  'way-in': 'Their way to us',
};
const marks: Readonly<Record<One['level'], string>> = { good: 'ok', note: 'note', wrong: 'WRONG' };
const names: Readonly<Record<One['who'], string>> = {
  nobody: '',
  us: 'we',
  partner: 'the partner',
  firewall: 'the firewall team',
};

/** What a process answered to `{ ask: 'diagnose' }`, or undefined where it is none. */
export function readDiagnoses(told: unknown): z.infer<typeof answer> | undefined {
  const read = answer.safeParse(told);
  return read.success ? read.data : undefined;
}

/** The lines. `all`: the good ones too, by themselves they are left out where anything is wrong. */
export function diagnosisLines({ domain, proxy, tookMs, findings }: Diagnosis, all: boolean): readonly string[] {
  const bad = findings.filter(({ level }) => level === 'wrong');
  const shown = findings.filter(({ level }) => all || level !== 'good');
  const width = Math.max(...shown.map(({ code }) => code.length), 0);
  const lines = findingTopics.flatMap((topic) => {
    const those = shown.filter((each) => each.topic === topic);
    return those.length === 0 ? [] : ['', titles[topic], ...those.map((each) => lineOf(each, width))];
  });
  const took = `${(tookMs / 1000).toFixed(1)} s`;
  return [`${clean(domain)}, examined by ${clean(proxy)} in ${took}: ${sumOf(bad, findings)}`, ...lines];
}

function lineOf({ level, code, at, says, who, mend }: One, width: number): string {
  const where = at === '' ? '' : `${clean(at)}: `;
  const then = mend === '' ? '' : ` → ${names[who]}: ${clean(mend)}`;
  return `  ${marks[level].padEnd(5)}  ${clean(code).padEnd(width)}  ${where}${clean(says)}${then}`;
}

function sumOf(bad: readonly One[], all: readonly One[]): string {
  if (all.length === 0) return 'nothing was examined';
  if (bad.length === 0) return 'nothing is wrong';
  const parts = findingWhos.flatMap((who) => {
    const count = bad.filter((each) => each.who === who).length;
    return count === 0 ? [] : [`${count} for ${who === 'us' ? 'us' : names[who]}`];
  });
  return `${bad.length === 1 ? '1 thing is' : `${bad.length} things are`} wrong, ${parts.join(', ')}`;
}

function clean(text: string): string {
  return shownText(text, 1_000);
}
