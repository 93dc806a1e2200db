// A journey that is written wrongly says so with its file, its line, and what to write instead.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { language } from './language.ts';
import { parseJourney } from './read-journey.ts';

const troubleOf = (text: string): string => {
  try {
    parseJourney(text, 'a.journey', language);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return '';
};

test('an unknown line is told with its file, its line and the nearest form', () => {
  assert.equal(
    troubleOf("# x\n\nAnn send: <message to='bob@in.example'/>\n"),
    "a.journey:3: no line of a journey reads “Ann send: <message to='bob@in.example'/>”. The nearest is: ANN sends: XML",
  );
  assert.match(
    troubleOf('Bob gets MESSAGE "x" from sip:ann@out.example'),
    /a\.journey:1: .*BOB gets: MESSAGE "TEXT" from ADDRESS$/,
  );
  assert.match(troubleOf('The gateway dies'), /The nearest is: The HALF (is killed|starts|is stopped)$/);
});

test('a name that nobody has is told, with the names that there are', () => {
  assert.match(
    troubleOf('Eve types to Bob'),
    /a\.journey:1: nobody is called Eve here; outside are Ann, .* inside Bob/,
  );
});

test('a line that does harm needs a pair of its own', () => {
  assert.match(troubleOf('The gateway is killed'), /a\.journey:1: .*Given a pair of its own/);
  assert.equal(troubleOf('Given a pair of its own\nThe gateway is killed'), '');
});

test('what is given stands first, and a journey in which nothing happens is none', () => {
  assert.match(troubleOf('Ann gets nothing\nGiven a pair of its own'), /a\.journey:2: what is given stands before/);
  assert.match(troubleOf('# only words\n'), /nothing happens/);
});

test('a line that begins with a blank goes on with the one before', () => {
  const [step] = parseJourney('Ann sends: <message>\n   <body>x</body></message>\n', 'a.journey', language).steps;
  assert.equal(step?.words('XML'), '<message><body>x</body></message>');
  assert.equal(step?.words('ANN'), 'ann@out.example');
});

test('the page beside this file names every form, and none that is not there', () => {
  const page = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
  const cells = page.split('\n').flatMap((line) => /^\| (`[^|]*`) \|/.exec(line)?.[1] ?? []);
  const named = cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, form]) => form ?? ''));
  const given = ['Given a pair of its own', 'Given stanzas wait N s for a partner'];
  assert.deepEqual(named.toSorted(), [...language.map(({ form }) => form), ...given].toSorted());
});

test('no two forms read alike for the same people', () => {
  const shapes = language.map(({ form }) => form);
  assert.equal(new Set(shapes).size, shapes.length);
});
