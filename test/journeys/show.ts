// Shows a journey as it is played: beside each line what every function of both processes decided because of it.
import { setTimeout as pause } from 'node:timers/promises';
import type { Half } from '../lab/pair.ts';
import { openAuditLines } from './audit-lines.ts';
import type { Step } from './read-journey.ts';
import type { Site } from './site-under-test.ts';

export type Watcher = {
  /** Told when a line has been played; resolves when all that it caused has been said. */
  readonly played: (step: Step) => Promise<void>;
};

type Seen = { readonly at: number; readonly half: Half; readonly what: string };

const names = { proxy: 'dmz-proxy', gateway: 'inner-gateway' } as const;
const quietMs = 200;
const waitAtMostMs = 3_000;

/** `say` gets each line of the show. The site must have been started with `trace`. */
export function watch(site: Site, say: (line: string) => void): Watcher {
  const audit = openAuditLines(site.lab);
  audit.mark();
  const logs = { proxy: tail(() => site.pair.log('proxy')), gateway: tail(() => site.pair.log('gateway')) };
  logs.proxy();
  logs.gateway();

  const news = (): readonly Seen[] => {
    const verdicts = (['proxy', 'gateway'] as const).flatMap((half) =>
      logs[half]().flatMap((line) => verdictOf(half, line)),
    );
    const records = audit.since().map(({ at, half, event, kind, code, stage }) => {
      const why = code === '' ? '' : `: ${code}${stage === '' ? '' : ` at ${stage}`}`;
      return { at, half, what: `audit: ${event}${kind === '' ? '' : ` ${kind}`}${why}` };
    });
    audit.mark();
    // A verdict comes before the record of it, where both have the same millisecond.
    return [...verdicts, ...records].sort((a, b) => a.at - b.at);
  };

  return {
    async played(step) {
      say(step.text);
      const seen: Seen[] = [];
      const until = Date.now() + waitAtMostMs;
      if (step.form.acts === true) {
        for (
          let more: readonly Seen[] = [{ at: 0, half: 'proxy', what: '' }];
          more.length > 0 && Date.now() < until;
        ) {
          await pause(quietMs);
          more = news();
          seen.push(...more);
        }
      } else seen.push(...news());
      for (const { half, what } of seen.toSorted((a, b) => a.at - b.at))
        say(`      ${names[half].padEnd(13)}  ${what}`);
    },
  };
}

function verdictOf(half: Half, line: string): readonly Seen[] {
  if (!line.includes('"verdict":')) return [];
  const { time, stage, verdict }: Record<string, unknown> = JSON.parse(line);
  return [{ at: Date.parse(String(time)), half, what: `${String(stage).padEnd(22)} ${verdict}` }];
}

/** The lines that a growing text has got since the last call; the text may lose its beginning, or be another's. */
function tail(text: () => string): () => readonly string[] {
  let last = '';
  return () => {
    const now = text();
    const whole = now.slice(0, now.lastIndexOf('\n') + 1);
    const at = last === '' ? -1 : whole.lastIndexOf(last);
    const fresh = at < 0 ? whole : whole.slice(at + last.length);
    last = whole.slice(-2_000);
    return fresh.split('\n').filter((line) => line !== '');
  };
}
