// The rates of a partner: what its entry says, else limits.yaml, else what is usual; and what is refused.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { paceOf } from '../rate.ts';
import { loadPolicy } from './load-policy.ts';

/** The shipped policy with these rates in limits.yaml and in the entry of its partner. */
function load(t: TestContext, limits: string | undefined, entry = '') {
  const folder = mkdtempSync(path.join(tmpdir(), 'sallyport-rates-'));
  t.after(() => rmSync(folder, { recursive: true }));
  cpSync(path.join(import.meta.dirname, '../../policies'), folder, { recursive: true });
  if (limits === undefined) rmSync(path.join(folder, 'limits.yaml'));
  else writeFileSync(path.join(folder, 'limits.yaml'), limits);
  const partner =
    'partners:\n  - domain: out.example\n    connect: dns\n    trust: [trust/out-example.pem]\n    mayTalk: []\n';
  writeFileSync(path.join(folder, 'partners.yaml'), `${partner}${entry}`);
  const result = loadPolicy(folder, 'dmz');
  return result.ok
    ? { rates: result.policy.partners.get('out.example')!.rates, revision: result.policy.revision, problems: [] }
    : { rates: undefined, revision: '', problems: result.problems.map((line) => line.replaceAll(`${folder}/`, '')) };
}

test('a policy needs no limits.yaml, and the shipped one says what holds without it', (t) => {
  const shipped = path.join(import.meta.dirname, '../../policies');
  const said = loadPolicy(shipped, 'dmz');
  assert.ok(said.ok);
  const rates = said.policy.partners.get('out.example')!.rates;
  assert.deepEqual(load(t, undefined).rates, rates);
  assert.deepEqual(rates.partner, { stanzas: paceOf(800, 3200), bytes: paceOf(4_194_304, 16_777_216) });
});

test('an entry wins over limits.yaml key by key, and the partner as a whole has four times its stream', (t) => {
  const { rates } = load(
    t,
    'rates:\n  stanzasPerSecond: 50\n  sender: { perMinute: 60, burst: 5 }\n  partner:\n    newContacts: { perMinute: 6, burst: 7 }\n',
    '    rate:\n      burst: 100\n      partner: { bytesPerSecond: 20000 }\n',
  );
  assert.deepEqual(rates?.stream, { stanzas: paceOf(50, 100), bytes: paceOf(1_048_576, 4_194_304) });
  assert.deepEqual(rates?.partner, { stanzas: paceOf(200, 400), bytes: paceOf(20_000, 80_000) });
  assert.deepEqual(rates?.sender, paceOf(1, 5));
  assert.deepEqual(rates?.allNewContacts, paceOf(0.1, 7));
});

test('limits.yaml is part of the revision', (t) => {
  const a = load(t, 'rates: { burst: 100 }\n').revision;
  assert.notEqual(load(t, 'rates: { burst: 101 }\n').revision, a);
});

test('what cannot be is refused with its place', (t) => {
  assert.match(load(t, 'rates: { sender: { perSecond: 5 } }\n').problems.join('\n'), /limits\.yaml:1: rates\.sender/);
  assert.match(load(t, 'rates: { burst: 0 }\n').problems.join('\n'), /limits\.yaml:1: rates\.burst/);
  assert.match(load(t, 'rate: {}\n').problems.join('\n'), /limits\.yaml:1: rate.*rates/);
  assert.match(
    load(t, '{}\n', '    rate: { unknownRecipients: { perMinute: 0, burst: 1 } }\n').problems.join('\n'),
    /partners\.yaml:6: partners\[0\]\.rate\.unknownRecipients\.perMinute/,
  );
});
