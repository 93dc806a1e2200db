// What both audits have to say for it: the events of a message in their order, or who refused and at which stage.
import type { AuditLine } from '../audit-lines.ts';
import type { Form } from '../form.ts';
import { eventually } from '../run.ts';

export const auditSays: readonly Form[] = [
  {
    form: 'Audit says: EVENTS',
    async play({ audit }, words) {
      const wanted = words('EVENTS').split(', ');
      await eventually(
        () => (saysSo(audit.since(), wanted) ? true : undefined),
        () => `it says: ${list(audit.since())}`,
      );
    },
  },
  {
    form: 'The HALF refuses: CODE at STAGE',
    async play({ audit }, words) {
      await eventually(
        () =>
          audit
            .since()
            .find(
              ({ half, code, stage }) => half === words('HALF') && code === words('CODE') && stage === words('STAGE'),
            ),
        () => `the audit says: ${list(audit.since())}`,
      );
    },
  },
  {
    form: 'The HALF refuses: CODE',
    async play({ audit }, words) {
      await eventually(
        () => audit.since().find(({ half, code }) => half === words('HALF') && code === words('CODE')),
        () => `the audit says: ${list(audit.since())}`,
      );
    },
  },
  {
    form: 'The HALF notices: "TEXT"',
    async play({ audit }, words) {
      await eventually(
        () => audit.since().find(({ half, noticed }) => half === words('HALF') && noticed === words('TEXT')),
        () => `the audit says: ${list(audit.since())}`,
      );
    },
  },
];

/** All of them in this order, perhaps with others between, but never with a refusal that is not asked for. */
function saysSo(lines: readonly AuditLine[], wanted: readonly string[]): boolean {
  if (!wanted.includes('refused') && lines.some(({ event }) => event === 'refused')) return false;
  let next = 0;
  for (const { event } of lines) if (event === wanted[next]) next++;
  return next === wanted.length;
}

function list(lines: readonly AuditLine[]): string {
  const words = lines.map(({ half, event, code, stage }) =>
    code === '' ? `${event} (${half})` : `${event} ${code} at ${stage || 'no stage'} (${half})`,
  );
  return words.join(', ') || 'nothing';
}
