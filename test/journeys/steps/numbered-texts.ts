// Many texts at a steady pace, each with its number: whoever loses, doubles or swaps one is found out.
import { setTimeout as pause } from 'node:timers/promises';
import type { Form } from '../form.ts';
import { eventually, type Run } from '../run.ts';

export type Numbered = {
  readonly total: number;
  readonly series: number;
  /** Rejects when one could not be sent. */
  readonly sent: Promise<void>;
};

const paceMs = 8;
let seriesSoFar = 0;

export const numberedTexts: readonly Form[] = [
  {
    form: 'ANN sends BOB N numbered texts',
    acts: true,
    play(run, words) {
      const ann = run.site.outsider(words('ANN'));
      begin(run, words('ANN'), words('BOB'), Number(words('N')), async (text) => {
        await ann.send(words('BOB'), text);
      });
    },
  },
  {
    form: 'ANN sends BOB N numbered texts at once',
    acts: true,
    play(run, words) {
      const ann = run.site.outsider(words('ANN'));
      const send = async (text: string) => {
        await ann.send(words('BOB'), text);
      };
      begin(run, words('ANN'), words('BOB'), Number(words('N')), send, 0);
    },
  },
  {
    form: 'BOB says to ANN N numbered texts',
    acts: true,
    play(run, words) {
      const bob = run.site.insider(words('BOB'));
      begin(run, words('BOB'), words('ANN'), Number(words('N')), async (text) => {
        const { status } = await bob.say(words('ANN'), text);
        if (status !== 200) throw new Error(`“${text}” is answered ${status}`);
      });
    },
  },
  {
    form: 'BOB gets all numbered texts of ANN, each once, in order',
    play: (run, words) =>
      expectAll(run, words('ANN'), words('BOB'), () =>
        run.site
          .insider(words('BOB'))
          .received()
          .map((item) => (item.kind === 'message' ? item.text : '')),
      ),
  },
  {
    form: 'ANN gets all numbered texts of BOB, each once, in order',
    play: (run, words) =>
      expectAll(run, words('BOB'), words('ANN'), () =>
        run.site
          .outsider(words('ANN'))
          .received()
          .map(({ body }) => body ?? ''),
      ),
  },
];

function begin(
  run: Run,
  from: string,
  to: string,
  total: number,
  send: (text: string) => Promise<void>,
  pace = paceMs,
): void {
  const series = ++seriesSoFar;
  const sendAll = async () => {
    for (let i = 1; i <= total; i++) {
      await send(`text ${i} of ${total}, series ${series}`);
      if (pace > 0) await pause(pace);
    }
  };
  const sent = sendAll();
  // Whoever counts them will hear of it.
  sent.catch(() => {});
  run.numbered.set(`${from} ${to}`, { total, series, sent });
}

/** What somebody outside was told instead, for the one who reads of a failure. */
function errorsOf(run: Run, from: string): string {
  if (!from.endsWith('out.example')) return '';
  const told = run.site
    .outsider(from)
    .received()
    .flatMap(({ error }) => error?.condition ?? []);
  return told.length === 0 ? '' : `; its sender was told ${told.join(', ')}`;
}

async function expectAll(run: Run, from: string, to: string, received: () => readonly string[]): Promise<void> {
  const numbered = run.numbered.get(`${from} ${to}`);
  if (numbered === undefined) throw new Error('none were sent');
  const { total, series } = numbered;
  const form = new RegExp(`^(?:\\[repeated\\] )?text (\\d+) of ${total}, series ${series}$`);
  const numbers = () => received().flatMap((text) => form.exec(text)?.[1] ?? []);
  const missing = () => {
    const got = new Set(numbers());
    return Array.from({ length: total }, (_, i) => String(i + 1)).filter((number) => !got.has(number));
  };
  await numbered.sent;
  await eventually(
    () => (numbers().length >= total ? true : undefined),
    () => `got ${numbers().length} of ${total}, without ${missing().join(', ')}${errorsOf(run, from)}`,
    20_000,
  );
  // A second copy would come a moment later.
  await pause(300);
  const got = numbers();
  const wanted = Array.from({ length: total }, (_, i) => String(i + 1));
  const wrong = got.findIndex((number, i) => number !== wanted[i]);
  if (got.length !== total || wrong >= 0)
    throw new Error(`got ${got.length} of ${total}; at place ${wrong + 1} came text ${got[wrong]}`);
}
