// What Skype users do and get, in the words of SIP (RFC 3261, RFC 3428), through the front end's eyes.
import type { Received, ReceivedOf } from '../../fakes/skype-front-end/inbox.ts';
import type { SipAnswer } from '../../fakes/skype-front-end/requests.ts';
import type { Form, Words } from '../form.ts';
import { eventually, expectAbout, patience, type Run } from '../run.ts';

const quietMs = 700;

export const peopleInside: readonly Form[] = [
  {
    form: 'BOB says: MESSAGE "TEXT" to ADDRESS',
    acts: true,
    play: ({ site, answers }, words) => {
      answers.set(words('BOB'), site.insider(words('BOB')).say(words('ADDRESS'), words('TEXT')));
    },
  },
  {
    form: 'BOB says to ANN a text of N characters',
    acts: true,
    play: ({ site, answers }, words) => {
      answers.set(words('BOB'), site.insider(words('BOB')).say(words('ANN'), 'x'.repeat(Number(words('N')))));
    },
  },
  {
    form: 'BOB says outside of any dialog: MESSAGE "TEXT" to ADDRESS',
    acts: true,
    play: ({ site, answers }, words) => {
      answers.set(words('BOB'), site.insider(words('BOB')).page(words('ADDRESS'), words('TEXT')));
    },
  },
  {
    form: 'BOB types to ANN',
    acts: true,
    play: ({ site, answers }, words) => {
      answers.set(words('BOB'), site.insider(words('BOB')).type(words('ANN'), 'type'));
    },
  },
  {
    form: 'BOB stops typing to ANN',
    acts: true,
    play: ({ site, answers }, words) => {
      answers.set(words('BOB'), site.insider(words('BOB')).type(words('ANN'), 'idle'));
    },
  },
  {
    form: 'BOB hangs up on ANN',
    acts: true,
    play: ({ site }, words) => site.insider(words('BOB')).hangUp(words('ANN')),
  },
  {
    form: 'BOB gets answer: N',
    play: (run, words) => expectAnswer(run, words),
  },
  {
    form: 'BOB gets answer: N after about N s',
    async play(run, words) {
      await expectAnswer(run, words, Number(words('N', 1)) * 1000 + 5_000);
      expectAbout(run, Number(words('N', 1)));
    },
  },
  {
    form: 'BOB gets: MESSAGE "TEXT" from ADDRESS',
    async play(run, words) {
      const { text } = await got(words, (wanted) => run.site.insider(words('BOB')).nextMessage(wanted));
      const shown = text.replaceAll(/\r?\n/g, '\\n');
      if (shown !== words('TEXT')) throw new Error(`got “${shown}”`);
    },
  },
  {
    form: 'BOB gets: MESSAGE that begins "TEXT" from ADDRESS',
    async play(run, words) {
      const { text } = await got(words, (wanted) => run.site.insider(words('BOB')).nextMessage(wanted));
      if (!text.startsWith(words('TEXT'))) throw new Error(`got “${text}”`);
    },
  },
  {
    form: 'BOB gets: INVITE from ADDRESS',
    async play(run, words) {
      await got(words, (wanted) => run.site.insider(words('BOB')).nextInvite(wanted));
    },
  },
  {
    form: 'BOB gets: BYE from ADDRESS',
    async play(run, words) {
      await got(words, (wanted) => run.site.insider(words('BOB')).nextBye(wanted));
    },
  },
  {
    form: 'BOB gets: INFO type from ADDRESS',
    play: (run, words) => expectTyping(run, words, 'type'),
  },
  {
    form: 'BOB gets: INFO idle from ADDRESS',
    play: (run, words) => expectTyping(run, words, 'idle'),
  },
  {
    form: 'BOB gets nothing',
    async play({ site }, words) {
      const bob = site.insider(words('BOB'));
      const quiet = { within: quietMs };
      const first = await Promise.any<Received>([bob.nextMessage(quiet), bob.nextTyping(quiet), bob.nextInvite(quiet)])
        .then((item) => item.kind)
        .catch(() => undefined);
      if (first !== undefined) throw new Error(`got a ${first}`);
    },
  },
  {
    form: 'BOB answers: N',
    async play(run, words) {
      const address = words('BOB');
      const asked = (text: string) =>
        text.includes(`<sip:${address}>`) && /^CSeq:\s*\d+ (MESSAGE|INFO|INVITE)/im.test(text);
      const said = () =>
        run.site
          .frontEnd()
          .log()
          .filter(({ at, direction, text }) => at >= run.actedAt && direction === 'out' && asked(text))
          .flatMap(({ text }) => /^SIP\/2\.0 ([2-6]\d\d)/.exec(text)?.[1] ?? []);
      await eventually(
        () => (said().at(-1) === words('N') ? true : undefined),
        () => `answered ${said().join(', ') || 'nothing'}`,
      );
    },
  },
  {
    form: 'BOB will answer INVITE: N',
    play: ({ site }, words) => site.frontEnd().answerInvitesWith(words('BOB'), Number(words('N'))),
  },
  {
    form: 'BOB will answer MESSAGE: N',
    play: ({ site }, words) => site.frontEnd().answerMessagesWith(words('BOB'), Number(words('N'))),
  },
];

async function expectTyping(run: Run, words: Words, state: 'type' | 'idle'): Promise<void> {
  const typing = await got(words, (wanted) => run.site.insider(words('BOB')).nextTyping(wanted));
  if (typing.state !== state) throw new Error(`got ${typing.state}`);
}

// Whoever it is from, the next one is taken, so that a message from the wrong contact is seen.
async function got<K extends Received['kind']>(
  words: Words,
  next: (wanted: { within: number }) => Promise<ReceivedOf<K>>,
): Promise<ReceivedOf<K>> {
  const item = await next({ within: patience });
  const from = words('ADDRESS').replace(/^sips?:/, '');
  if (item.from !== from) throw new Error(`it is from ${item.from}`);
  return item;
}

async function expectAnswer({ answers }: Run, words: Words, within = patience): Promise<void> {
  const asked = answers.get(words('BOB'));
  if (asked === undefined) throw new Error('has not asked for anything');
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<SipAnswer>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${within} ms`)), within);
  });
  const answer = await Promise.race([asked, late]).finally(() => clearTimeout(timer));
  if (answer.status !== Number(words('N'))) throw new Error(`is answered ${answer.status} ${answer.reason}`);
}
