// `sallyport audit search` and `sallyport audit export`: the records that the operator asks for, for people and programs.
import { type Command, textOption, WrongQuestion } from '../command.ts';
import { filterHelp, filterOf, filterOptions, type Line, recordsOf, told } from './records.ts';
import { syslogOf } from './syslog.ts';

export const auditSearch: Command = {
  name: 'audit search',
  summary: 'the last decisions that match, one line each',
  help: [...filterHelp, '  --limit N         the last N (100)', '  --json            the records as they were written'],
  options: { ...filterOptions, limit: { type: 'string' }, json: { type: 'boolean' } },
  words: ['FILE'],
  run: async ([file = ''], options, terminal) => {
    const limit = Number(textOption(options, 'limit') ?? '100');
    if (!Number.isInteger(limit) || limit < 1) throw new WrongQuestion('--limit takes a number such as 100');
    const matches = filterOf(options, Date.now());
    const found: Line[] = [];
    let all = 0;
    for await (const line of recordsOf(file)) {
      if (!matches(line.record)) continue;
      all += 1;
      found.push(line);
      if (found.length > limit) found.shift();
    }
    for (const { text, record } of found) terminal.say(options.json === true ? text : told(record));
    if (all > found.length)
      terminal.complain(`sallyport audit search: ${all} match, the last ${limit} are shown; see --limit`);
    return all === 0 ? 1 : 0;
  },
};

const columns = [
  ...[
    'seq',
    'ts',
    'event',
    'direction',
    'packet',
    'from',
    'to',
    'kind',
    'stanzaId',
    'callId',
    'digest',
    'bytes',
    'code',
  ],
  ...['stage', 'rule', 'note', 'noticed', 'incident', 'revision'],
] as const;

export const auditExport: Command = {
  name: 'audit export',
  summary: 'the decisions that match, all of them, for other programs',
  help: [
    ...filterHelp,
    '  --format WORD     jsonl: as they were written; csv: with a line of names; syslog: RFC 5424, one a line',
  ],
  options: { ...filterOptions, format: { type: 'string' } },
  words: ['FILE'],
  run: async ([file = ''], options, terminal) => {
    const format = textOption(options, 'format') ?? 'jsonl';
    const print = printers[format];
    if (print === undefined) throw new WrongQuestion(`--format ${format} is unknown; write jsonl, csv or syslog`);
    const matches = filterOf(options, Date.now());
    if (format === 'csv') terminal.say(columns.join(','));
    for await (const line of recordsOf(file)) if (matches(line.record)) terminal.say(print(line));
    return 0;
  },
};

const printers: Readonly<Record<string, (line: Line) => string>> = {
  jsonl: ({ text }) => text,
  csv: ({ record }) => columns.map((key) => csvField(record[key])).join(','),
  syslog: ({ text, record }) => syslogOf(text, record),
};

// RFC 4180; and what a spreadsheet would take for a formula is made a text, since partners choose their addresses.
function csvField(value: unknown): string {
  if (value === undefined) return '';
  const text = String(value);
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
