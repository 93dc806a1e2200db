// Security labels by the policy's own mapping: what a partner's label means, and which label a message leaves with.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type EssLabel, readEssLabel, writeEssLabel } from '../content/markings/ess-label.ts';
import { markingOf, markingText } from '../content/markings/label.ts';
import type { Message } from '../packet.ts';
import { labelOutward } from './label-outward.ts';
import { compileLabels, labelsFile } from './label-schema.ts';
import { labelText, readLabel, type WrittenLabel, writtenLabel } from './read-label.ts';
import { defaultVocabulary } from './vocabulary.ts';

const uk = '1.3.6.1.4.1.32473.1';
const nato = '1.3.6.1.4.1.32473.2';
const entry = {
  schemes: ['uk', 'nato', 'tlp'],
  ess: [
    {
      ...{ policy: uk, scheme: 'uk', caveats: '1.3.6.1.4.1.32473.1.1', nations: '1.3.6.1.4.1.32473.1.2' },
      levels: { official: [1, 0], restricted: 2, secret: 4, 'top-secret': 5 },
    },
    { policy: nato, scheme: 'nato' },
    { policy: '2.999.3', scheme: 'tlp', levels: { green: 1, amber: 2 } },
  ],
  displays: [{ text: 'Company  Confidential', is: 'UK OFFICIAL-SENSITIVE' }],
  partners: [{ domain: 'out.example', unlabelled: { outward: 'UK OFFICIAL' } }],
};
const labels = compileLabels(labelsFile.parse(entry));

function ess(policy: string, classification: number, more: Partial<EssLabel> = {}): Uint8Array {
  return writeEssLabel({ policy, classification, privacyMark: '', categories: [], ...more });
}

function read(label: Partial<WrittenLabel>): string {
  const found = readLabel({ display: '', primary: 'default', equivalents: [], ...label }, labels);
  return found === undefined || found === 'default' ? (found ?? 'unknown') : labelText(found);
}

test('a label is what the policy says its numbers mean', () => {
  assert.equal(read({ primary: ess(uk, 1) }), 'UK OFFICIAL');
  assert.equal(read({ primary: ess(uk, 0) }), 'UK OFFICIAL', 'without a classification');
  assert.equal(read({ primary: ess(nato, 4) }), 'NATO SECRET', 'numbers of X.411');
  assert.equal(read({ primary: ess('2.999.3', 2) }), 'TLP:AMBER');
  assert.equal(
    read({ primary: ess(uk, 2, { privacyMark: 'IN CONFIDENCE' }) }),
    'UK OFFICIAL-SENSITIVE – IN CONFIDENCE',
  );
  const categories = [
    { type: `${uk}.1`, text: 'RECIPIENTS ONLY' },
    { type: `${uk}.2`, text: 'USA' },
    { type: `${uk}.2`, text: 'GBR' },
  ];
  assert.equal(read({ primary: ess(uk, 4, { categories }) }), 'UK SECRET RECIPIENTS ONLY GBR/USA EYES ONLY');
});

test('what the policy has no meaning for is unknown', () => {
  assert.equal(read({ primary: ess('1.2.3', 4) }), 'unknown', 'another policy');
  assert.equal(read({ primary: ess(uk, 3) }), 'unknown', 'another number');
  assert.equal(read({ primary: ess(nato, 0) }), 'unknown', 'no number, and none is mapped');
  assert.equal(read({ primary: 'unknown', display: 'UK OFFICIAL' }), 'unknown', 'another kind of label');
  assert.equal(read({ primary: ess(uk, 1), display: 'FOR FRIENDS' }), 'unknown', 'words that are no marking');
  assert.equal(read({ primary: ess(uk, 1), display: 'UK OFFICIAL from the director' }), 'unknown');
  assert.equal(read({ primary: Buffer.from('31', 'hex') }), 'unknown', 'broken');
  const odd = (type: string, text: string) => read({ primary: ess(uk, 1, { categories: [{ type, text }] }) });
  assert.equal(odd('1.2.3', 'STRAP 1'), 'unknown', 'another category');
  assert.equal(odd(`${uk}.1`, 'call me on 5'), 'unknown', 'a caveat that is not written as one');
  assert.equal(odd(`${uk}.2`, 'gbr'), 'unknown', 'a country that is not written as one');
});

test('an empty label asks for the default, unless it is shown as a marking', () => {
  assert.equal(read({}), 'default');
  assert.equal(read({ display: ' ' }), 'default');
  assert.equal(read({ display: 'uk secret' }), 'UK SECRET');
  assert.equal(read({ display: 'company confidential' }), 'UK OFFICIAL-SENSITIVE', 'in the words of displays');
  assert.equal(read({ display: 'FOR FRIENDS' }), 'unknown');
});

test('a label is never shown as less than it is, nor taken for less than it is shown', () => {
  assert.equal(read({ primary: ess(uk, 4), display: 'UK OFFICIAL' }), 'UK SECRET');
  assert.equal(read({ primary: ess(uk, 1), display: 'UK SECRET' }), 'UK SECRET');
  assert.equal(read({ primary: ess(uk, 1), display: 'SECRET' }), 'UK SECRET');
  assert.equal(read({ primary: ess(uk, 1), display: 'NATO SECRET' }), 'unknown', 'they contradict each other');
  assert.equal(read({ primary: ess(uk, 1), display: 'TLP:CLEAR' }), 'unknown', 'nobody can compare them');
});

test('an equivalent stands for a label that is not known, and hides nothing', () => {
  assert.equal(read({ primary: ess('1.2.3', 4), equivalents: ['unknown', ess(uk, 4)] }), 'UK SECRET');
  assert.equal(read({ primary: 'unknown', equivalents: [ess(nato, 4)] }), 'NATO SECRET');
  assert.equal(read({ primary: 'unknown', equivalents: ['unknown', ess('1.2.3', 4)] }), 'unknown');
  assert.equal(read({ primary: ess(uk, 4), equivalents: [ess(nato, 2)] }), 'UK SECRET');
  assert.equal(read({ primary: ess(uk, 1), equivalents: [ess(uk, 4)] }), 'UK SECRET');
  assert.equal(read({ primary: ess(uk, 1), equivalents: [ess(nato, 4)] }), 'unknown', 'it claims more than the label');
  assert.equal(read({ primary: ess(uk, 1), equivalents: [Buffer.from('3000', 'hex')] }), 'unknown', 'broken');
});

const speaks = { domain: 'out.example', vocabulary: new Set([...defaultVocabulary, 'labels' as const]) };

function leaves(text: Partial<Message>, partner: typeof speaks | { readonly domain: string } = speaks): string {
  const verdict = labelOutward({ kind: 'message', type: 'chat', body: '', ...text }, partner, labels);
  if (!verdict.passed) return verdict.refusal.code;
  return verdict.subject.label === undefined ? 'no label' : labelText(verdict.subject.label);
}

test('a message leaves with the strictest marking of its texts, else with the default', () => {
  assert.equal(leaves({ body: 'lunch?' }), 'UK OFFICIAL');
  assert.equal(leaves({ body: 'UK SECRET\nlunch?' }), 'UK SECRET');
  assert.equal(leaves({ body: 'SECRET\nlunch?' }), 'UK SECRET', 'a word without a scheme is of the usual one');
  assert.equal(leaves({ body: 'UK ЅECRET\nlunch?' }), 'UK SECRET', 'a letter that only looks Latin');
  assert.equal(leaves({ subject: 'UK TOP SECRET', body: 'UK OFFICIAL' }), 'UK TOP SECRET');
  assert.equal(
    leaves({ body: '[UK SECRET RECIPIENTS ONLY] a\n[UK OFFICIAL UK EYES ONLY]' }),
    'UK SECRET RECIPIENTS ONLY GBR EYES ONLY',
  );
  assert.equal(leaves({ body: 'it is no secret' }), 'UK OFFICIAL');
  assert.equal(leaves({ body: 'NATO SECRET\nUK OFFICIAL' }), 'NATO SECRET');
  assert.equal(leaves({ body: 'TLP:GREEN\nUK OFFICIAL' }), 'UK OFFICIAL');
  assert.equal(leaves({ body: 'TLP:GREEN\nlunch?' }), 'TLP:GREEN');
  assert.equal(leaves({ body: 'SECRET//NOFORN\nlunch?' }), 'UK OFFICIAL', 'a scheme that is not in use means nothing');
});

test('what no entry can write does not leave, and nobody else gets a label', () => {
  assert.equal(leaves({ body: 'TLP:RED\nlunch?' }), 'label-unknown');
  assert.equal(leaves({ body: 'NATO SECRET ATOMAL\nlunch?' }), 'label-unknown');
  const label = { marking: markingOf('UK SECRET') ?? assert.fail() };
  assert.equal(leaves({ body: 'UK SECRET\nlunch?', label }, { domain: 'out.example' }), 'no label');
  assert.equal(leaves({ body: 'lunch?' }, { ...speaks, domain: 'far.example' }), 'no label', 'there is no default');
});

test('a label that a message has already only becomes stricter', () => {
  const label = { marking: markingOf('UK SECRET') ?? assert.fail() };
  assert.equal(leaves({ body: 'UK OFFICIAL', label }), 'UK SECRET');
  assert.equal(leaves({ body: 'UK TOP SECRET', label }), 'UK TOP SECRET');
  assert.equal(leaves({ body: 'lunch?', label }), 'UK SECRET');
});

test('what leaves as a label comes back as the same marking', () => {
  for (const text of ['UK OFFICIAL', 'UK SECRET RECIPIENTS ONLY GBR/USA EYES ONLY', 'NATO RESTRICTED', 'TLP:AMBER']) {
    const marking = markingOf(text) ?? assert.fail(text);
    const written = writtenLabel({ marking }, labels) ?? assert.fail(text);
    assert.equal(written.display, text);
    assert.deepEqual(readLabel({ display: written.display, primary: written.label, equivalents: [] }, labels), {
      marking,
    });
    assert.ok(readEssLabel(written.label));
  }
  const secret = writtenLabel({ marking: { scheme: 'plain', level: 'secret', caveats: [] } }, labels);
  assert.equal(read({ display: secret?.display ?? '', primary: secret?.label ?? 'unknown' }), 'UK SECRET');
});

test('whatever bytes stand in a label, what is read of it can be shown, and is read again', () => {
  const some = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc
      .record({ policy: fc.constantFrom(uk, nato, '2.999.3'), number: fc.nat(6) })
      .map(({ policy, number }) => ess(policy, number)),
  );
  const display = fc.oneof(fc.string(), fc.constantFrom('', 'UK SECRET', 'SECRET', 'NATO SECRET', 'TLP:AMBER'));
  const primary = fc.oneof(some, fc.constantFrom('unknown' as const, 'default' as const));
  fc.assert(
    fc.property(display, primary, fc.array(some, { maxLength: 2 }), (shown, first, equivalents) => {
      const found = readLabel({ display: shown, primary: first, equivalents }, labels);
      if (found === undefined || found === 'default') return;
      const text = markingText(found.marking) ?? assert.fail();
      assert.deepEqual(markingOf(text), found.marking);
    }),
  );
});

test('an entry that means two things is told, with what to write', () => {
  const told = (one: object) => {
    const checked = labelsFile.safeParse({ ess: [one] });
    return checked.success
      ? ''
      : checked.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join();
  };
  assert.equal(told({ policy: uk, scheme: 'uk' }), '');
  assert.match(told({ policy: '1.99', scheme: 'uk' }), /ess\.0\.policy: write an object identifier/);
  assert.match(told({ policy: uk, scheme: 'tlp' }), /ess\.0\.levels: has no usual numbers for tlp/);
  assert.match(told({ policy: uk, scheme: 'uk', levels: { amber: 1 } }), /levels\.amber: is not of uk/);
  assert.match(
    told({ policy: uk, scheme: 'uk', levels: { secret: 1, official: 1 } }),
    /1 stands for another level already/,
  );
  assert.match(told({ policy: uk, scheme: 'uk', caveats: uk, nations: uk }), /nations: is the one of caveats/);
});
