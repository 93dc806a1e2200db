// The CPU time that a process has used, from Linux's /proc (proc_pid_stat(5)).
import { readFileSync } from 'node:fs';

/** User and system time of the process and its threads so far, microseconds; the kernel counts in steps of 10 ms. */
export function cpuMicros(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses may contain anything; the third field stands behind the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MICROS_PER_TICK;
}

const MICROS_PER_TICK = 10_000;
