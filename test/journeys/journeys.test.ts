// Every journey is a test. Those that leave the site as they found it share one pair; the others have one each, and run
// beside it, since most of their time is waiting.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { journeyNames, journeyOf, playJourney } from './play-journey.ts';
import { type Site, startSite } from './site-under-test.ts';

const journeys = journeyNames().map(journeyOf);
let site: Promise<Site> | undefined;
const shared = () => {
  site ??= startSite();
  return site;
};
after(async () => (await site)?.stop());

describe('journeys', { concurrency: 2 }, () => {
  describe('on a shared pair', { concurrency: 1 }, () => {
    for (const journey of journeys.filter(({ ownPair }) => !ownPair)) {
      test(journey.name, () => playJourney(journey, shared));
    }
  });
  describe('on a pair of their own', { concurrency: 2 }, () => {
    for (const journey of journeys.filter(({ ownPair }) => ownPair)) {
      test(journey.name, () => playJourney(journey, shared));
    }
  });
});

test('every journey says at its top what it is about', () => {
  for (const { name, about } of journeys) assert.notEqual(about, '', name);
});
