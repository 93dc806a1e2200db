// What happens to the site itself: cut, killed, stopped, away and back.
import { setTimeout as pause } from 'node:timers/promises';
import type { Half } from '../../lab/pair.ts';
import type { Form, Words } from '../form.ts';

export const theSite: readonly Form[] = [
  {
    form: 'The link is cut',
    play: ({ site }) => site.relay.cut(),
  },
  {
    form: 'The link stands again',
    play: ({ site }) => site.pair.ready(),
  },
  {
    form: 'The HALF is killed',
    harms: true,
    play: ({ site }, words) => site.pair.end(half(words), 'SIGKILL'),
  },
  {
    form: 'The HALF is stopped',
    harms: true,
    play: ({ site }, words) => site.pair.end(half(words)),
  },
  {
    form: 'The HALF starts',
    harms: true,
    async play({ site }, words) {
      await site.pair.start(half(words));
      await site.pair.ready();
    },
  },
  {
    form: 'The front end is away',
    harms: true,
    play: ({ site }) => site.frontEndGoes(),
  },
  {
    form: 'The front end is back',
    harms: true,
    play: ({ site }) => site.frontEndComes(),
  },
  {
    form: 'The front end restarts',
    async play({ site }) {
      await site.frontEndGoes();
      await site.frontEndComes();
    },
  },
  {
    form: 'Partner DOMAIN is away',
    harms: true,
    play: ({ site }, words) => site.partnerGoes(words('DOMAIN')),
  },
  {
    form: 'Partner DOMAIN is back',
    harms: true,
    play: ({ site }, words) => site.partnerComes(words('DOMAIN')),
  },
  {
    form: 'N s pass',
    async play(_run, words) {
      await pause(Number(words('N')) * 1000);
    },
  },
];

function half(words: Words): Half {
  return words('HALF') === 'proxy' ? 'proxy' : 'gateway';
}
