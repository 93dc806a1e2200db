// Runs as a process: Zoe's server and Carol's pool, Zoe who writes to Carol, and the clock. Answers are times in ms, or
// the words of what went wrong.
import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { type SkypeFrontEnd, startSkypeFrontEnd } from '../fakes/skype-front-end/front-end.ts';
import { startXmppPartner, type XmppPartner } from '../fakes/xmpp-partner/xmpp-partner.ts';
import type { CalmPlaces } from './calm-pair.ts';

type Question =
  | { readonly places: CalmPlaces }
  | { readonly texts: number }
  | { readonly until: 'over' }
  | { readonly over: true };

// Between two texts; so that idle or not, the pair itself is no load.
const pauseMs = 5;
let places: CalmPlaces;
let partner: XmppPartner;
let pool: SkypeFrontEnd;
let count = 0;
let isOver = false;

process.on('message', (question: Question) => {
  if ('over' in question) {
    isOver = true;
    return;
  }
  answer(question).then(
    (times) => process.send?.(times),
    (error: unknown) => process.send?.(error instanceof Error ? error.message : String(error)),
  );
});
process.on('disconnect', () => process.exit(0));

async function answer(question: Exclude<Question, { readonly over: true }>): Promise<readonly number[]> {
  if ('places' in question) {
    await start(question.places);
    return [];
  }
  isOver = false;
  const times: number[] = [];
  while ('texts' in question ? times.length < question.texts : !isOver) {
    times.push(await oneText());
    await wait(pauseMs);
  }
  return times;
}

async function start(given: CalmPlaces): Promise<void> {
  places = given;
  const { outside, inside } = places;
  partner = await startXmppPartner({ ...outside, users: [outside.user] });
  pool = await startSkypeFrontEnd({ ...inside, users: [inside.user], logAtMost: 0 });
}

async function oneText(): Promise<number> {
  const zoe = partner.user(places.outside.user);
  const carol = pool.user(places.inside.user);
  const text = `well-behaved ${++count}`;
  const begin = performance.now();
  await zoe.send(carol.address, text);
  const got = await carol.nextMessage({ within: 20_000, from: zoe.address });
  const took = performance.now() - begin;
  assert.equal(got.text, text);
  return took;
}
