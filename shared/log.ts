// The operational log: JSON lines on standard output, for machines first. Never content (I6): what is logged is
// chosen field by field, and the audit is another writer.
import { type Logger, pino } from 'pino';

export type Log = Logger;
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

/** The log of one process. `node` is the name of the node in its settings. Written at once, without a worker thread. */
export function openLog(program: string, node: string, level: LogLevel): Log {
  return pino(
    {
      level,
      base: { program, node },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ dest: 1, sync: true }),
  );
}
