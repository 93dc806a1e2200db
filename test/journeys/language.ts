// All lines that a journey may hold: the closed language, group by group. A new form is one entry in one of these.
import type { Form } from './form.ts';
import { auditSays } from './steps/audit-says.ts';
import { numberedTexts } from './steps/numbered-texts.ts';
import { peopleInside } from './steps/people-inside.ts';
import { peopleOutside } from './steps/people-outside.ts';
import { streams } from './steps/streams.ts';
import { theSite } from './steps/the-site.ts';

export const language: readonly Form[] = [
  ...peopleOutside,
  ...peopleInside,
  ...streams,
  ...theSite,
  ...numberedTexts,
  ...auditSays,
];
