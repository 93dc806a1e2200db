// Each stage by itself: what it lets pass and the code it refuses with.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Message } from '@sallyport/shared/packet.ts';
import { compileLabels, labelsFile } from '@sallyport/shared/policy/label-schema.ts';
import type { Partner } from '@sallyport/shared/policy/policy.ts';
import { compileRates, type RateEntry } from '@sallyport/shared/policy/rate-schema.ts';
import { defaultVocabulary } from '@sallyport/shared/policy/vocabulary.ts';
import type { Verdict } from '@sallyport/shared/verdict.ts';
import { envelope, freshRates, jid, packet, partner, releaseSituation, situation } from '../situation.fixtures.ts';
import { checkContent, checkContentOutward } from './check-content.ts';
import { checkLabelOutward } from './check-label.ts';
import { checkPartner, checkPartnerOutward } from './check-partner.ts';
import { checkRate, overdrawnMs } from './check-rate.ts';
import { checkSender } from './check-sender.ts';
import { checkSize } from './check-size.ts';
import { cleanText } from './clean-text.ts';
import { createFaults } from './count-faults.ts';

function code(verdict: Verdict<unknown>): string {
  return verdict.passed ? 'passed' : verdict.refusal.code;
}

function saying(content: Partial<Message>) {
  return packet({ content: { kind: 'message', type: 'chat', body: 'x', ...content } });
}

suite('checkSender', () => {
  const from = (address: string) => code(checkSender(envelope({ from: jid(address) }), situation()));
  test('the domain that the stream has proved, any user of it', () => {
    assert.equal(from('ann@out.example'), 'passed');
    assert.equal(from('out.example'), 'passed');
  });
  test('another domain, a sub-domain, a parent, one of ours: forged', () => {
    for (const address of ['a@evil.example', 'a@sub.out.example', 'a@example', 'bob@in.example']) {
      assert.equal(from(address), 'sender-forged', address);
    }
  });
  test('a proved domain that is one of ours is forged as well', () => {
    const domains = new Set(['in.example', 'out.example']);
    assert.equal(code(checkSender(envelope(), situation({ domains }))), 'sender-forged');
  });
});

suite('checkPartner', () => {
  const check = (changes: Parameters<typeof envelope>[0]) => code(checkPartner(envelope(changes), situation()));
  test('a pair that may talk passes, one that may not is not-permitted', () => {
    assert.equal(check({}), 'passed');
    assert.equal(check({ from: jid('mallory@out.example') }), 'not-permitted');
  });
  test('another domain than that of the stream is refused, also another one of ours', () => {
    for (const to of ['x@two.in.example', 'x@third.example', 'x@sub.in.example']) {
      assert.equal(check({ to: jid(to) }), 'domain-not-ours');
    }
  });
  test('messages from or to a domain reach nobody', () => {
    assert.equal(check({ to: jid('in.example') }), 'not-permitted');
    assert.equal(check({ from: jid('out.example') }), 'not-permitted');
  });
  test('an error passes also from those who may no longer talk, and from their server', () => {
    assert.equal(check({ type: 'error', from: jid('mallory@out.example') }), 'passed');
    assert.equal(check({ type: 'error', from: jid('out.example') }), 'passed');
  });
  test('queries do not ask about users, presence does', () => {
    assert.equal(check({ name: 'iq', from: jid('mallory@out.example') }), 'passed');
    assert.equal(check({ name: 'presence', type: '' }), 'passed');
    assert.equal(check({ name: 'presence', type: '', from: jid('mallory@out.example') }), 'not-permitted');
    assert.equal(check({ name: 'presence', type: 'error', from: jid('mallory@out.example') }), 'passed');
    assert.equal(check({ name: 'presence', type: '', to: jid('in.example') }), 'not-permitted');
  });
});

suite('checkPartnerOutward', () => {
  const check = (changes: Parameters<typeof packet>[0]) =>
    code(checkPartnerOutward(packet(changes), releaseSituation()));
  test('from one of our domains to the partner', () => {
    assert.equal(check({}), 'passed');
    assert.equal(check({ from: jid('x@two.in.example') }), 'passed');
  });
  test('not from elsewhere, not to elsewhere, not to those who may not talk', () => {
    assert.equal(check({ from: jid('x@third.example') }), 'not-permitted');
    assert.equal(check({ to: jid('x@third.example') }), 'partner-unknown');
    assert.equal(check({ to: jid('mallory@out.example') }), 'not-permitted');
  });
  test('the refusal of what they wrote is told to everybody', () => {
    const content = {
      kind: 'bounce',
      ofId: '1',
      ofKind: 'message',
      code: 'user-unknown',
      publicText: '',
      incident: '',
    } as const;
    assert.equal(check({ to: jid('mallory@out.example'), content }), 'passed');
  });
});

suite('checkRate', () => {
  const flooding = (rate: RateEntry, bytes = 100) => {
    const rates = freshRates();
    return (now: number, other = rates.stream) => {
      const each = situation({
        rates: { ...rates, stream: other },
        partner: { ...partner, rates: compileRates(rate) },
        now,
      });
      const verdict = checkRate(envelope({ bytes }), each);
      return verdict.passed ? Math.round(overdrawnMs(each)) : `${verdict.refusal.code} ${verdict.refusal.note}`;
    };
  };
  test('beyond the burst the stream is to wait, so long that it keeps the rate', () => {
    const at = flooding({ stanzasPerSecond: 10, burst: 3 });
    assert.deepEqual([at(0), at(0), at(0), at(0), at(100), at(300)], [0, 0, 0, 100, 100, 0]);
  });
  test('refuses the stanza that is one too many where waiting did not help, and lets pass again when time has gone by', () => {
    const at = flooding({ stanzasPerSecond: 1, burst: 2 });
    assert.deepEqual([at(0), at(0), at(0), at(0)], [0, 0, 1000, 2000]);
    assert.deepEqual([at(0), at(900), at(1000)], ['rate-exceeded stream', 'rate-exceeded stream', 2000]);
  });
  test('bytes count as well', () => {
    const at = flooding({ bytesPerSecond: 10_000, stanzasPerSecond: 1_000 }, 20_000);
    assert.deepEqual([at(0), at(0), at(0), at(0), at(0)], [0, 0, 2000, 4000, 'rate-exceeded stream']);
  });
  test('all streams of a partner have a rate together, by default that of four', () => {
    const at = flooding({ stanzasPerSecond: 1, burst: 1 });
    const another = (now: number) => at(now, { stanzas: 0, bytes: 0 });
    const said = Array.from({ length: 9 }, () => another(0));
    assert.deepEqual(said, [0, 0, 0, 0, 250, 500, 750, 1000, 'rate-exceeded partner']);
    const own = flooding({ stanzasPerSecond: 100, partner: { stanzasPerSecond: 1, burst: 1 } });
    assert.deepEqual([own(0), own(0), own(0)], [0, 1000, 'rate-exceeded partner']);
  });
});

suite('cleanText', () => {
  const cleaned = (content: Partial<Message>) => {
    const verdict = cleanText(saying(content));
    return verdict.passed ? verdict.subject.content : verdict.refusal.code;
  };
  test('a clean message stays the same object', () => {
    const clean = saying({ subject: 's', thread: 't', otherLanguages: [{ lang: 'fr', text: 'f' }] });
    const verdict = cleanText(clean);
    assert(verdict.passed);
    assert.equal(verdict.subject, clean);
  });
  test('every text is cleaned, also those that nobody is shown', () => {
    assert.deepEqual(
      cleaned({
        body: 'a\u200bb',
        subject: 's\u200b',
        thread: 't\u200b',
        otherLanguages: [{ lang: 'fr', text: 'f\u200b' }],
      }),
      {
        kind: 'message',
        type: 'chat',
        body: 'ab',
        subject: 's',
        thread: 't',
        otherLanguages: [{ lang: 'fr', text: 'f' }],
      },
    );
  });
  test('reordering in any text refuses', () => {
    const trick = '\u202eabc';
    for (const content of [
      { body: trick },
      { subject: trick },
      { thread: trick },
      { otherLanguages: [{ lang: '', text: trick }] },
    ]) {
      assert.equal(cleaned(content), 'text-unclean');
    }
    assert.equal(
      code(cleanText(packet({ content: { kind: 'chat-state', state: 'active', thread: trick } }))),
      'text-unclean',
    );
  });
  test('a message of which nothing visible stays is refused', () => {
    assert.equal(cleaned({ body: '\u200b\u2060' }), 'text-unclean');
  });
  test('the invisible offer of off-the-record encryption is taken out', () => {
    const offer = ' \t  \t\t\t\t \t \t \t    \t\t  \t ';
    assert.deepEqual(cleaned({ body: `Hi${offer}` }), { kind: 'message', type: 'chat', body: 'Hi' });
  });
  test('a packet without texts passes', () =>
    assert.equal(code(cleanText(packet({ content: { kind: 'probe' } }))), 'passed'));
});

suite('checkLabelOutward', () => {
  const labels = compileLabels(
    labelsFile.parse({
      ess: [{ policy: '1.3.6.1.4.1.32473.1', scheme: 'uk', levels: { official: 1, secret: 4 } }],
      everyone: { unlabelled: { outward: 'UK OFFICIAL' } },
    }),
  );
  const labelled: Partner = { ...partner, vocabulary: new Set([...defaultVocabulary, 'labels' as const]) };
  const policy = { ...releaseSituation().policy, labels };
  const official = { marking: { scheme: 'uk', level: 'official', caveats: [] } } as const;
  const leaves = (content: Partial<Message>, to = labelled) => {
    const verdict = checkLabelOutward(saying(content), releaseSituation({ partner: to, policy }));
    if (!verdict.passed) return verdict.refusal.code;
    return verdict.subject.content.kind === 'message' ? (verdict.subject.content.label?.marking.level ?? 'none') : '';
  };
  test('makes the label of what leaves anew, and never a milder one', () => {
    assert.equal(leaves({}), 'official');
    assert.equal(leaves({ body: 'UK SECRET: x', label: official }), 'secret', 'whatever came over the wall');
    assert.equal(leaves({ label: { marking: { ...official.marking, level: 'secret' } } }), 'secret');
    assert.equal(leaves({ body: 'UK TOP SECRET: x' }), 'label-unknown');
  });
  test('takes it away towards a partner without the word, and leaves the rest as it was', () => {
    assert.equal(leaves({ label: official }, partner), 'none');
    const plain = saying({ body: 'UK SECRET: x' });
    assert.deepEqual(checkLabelOutward(plain, releaseSituation({ policy })), { passed: true, subject: plain });
    const typing = packet({ content: { kind: 'chat-state', state: 'composing' } });
    const verdict = checkLabelOutward(typing, releaseSituation({ partner: labelled, policy }));
    assert.equal(verdict.passed && verdict.subject, typing);
  });
});

suite('checkContent', () => {
  test('each direction has its rules', () => {
    assert.equal(code(checkContent(saying({ body: 'dirty' }), situation())), 'content-refused');
    assert.equal(code(checkContent(saying({ body: 'secret' }), situation())), 'passed');
    assert.equal(code(checkContentOutward(saying({ body: 'secret' }), releaseSituation())), 'content-refused');
    assert.equal(code(checkContentOutward(saying({ body: 'dirty' }), releaseSituation())), 'passed');
  });
  test('every text is judged, and the rule and its public text go into the refusal', () => {
    for (const content of [{ subject: 'dirty' }, { otherLanguages: [{ lang: 'fr', text: 'dirty' }] }]) {
      const verdict = checkContent(saying(content), situation());
      assert(!verdict.passed);
      const { lang, ...refusal } = verdict.refusal;
      assert.equal(lang, '');
      assert.deepEqual(refusal, { code: 'content-refused', rule: 'dirty', publicText: 'Mind your words.' });
    }
  });
  test('what a machine made up as a thread holds no conversation up', () => {
    assert.equal(code(checkContent(saying({ body: 'hello', thread: 'dirty' }), situation())), 'passed');
  });
});

suite('checkSize', () => {
  const check = (content: Partial<Message>) => code(checkSize(saying(content), releaseSituation()));
  test('exactly at the limit passes, one character more does not', () => {
    assert.equal(check({ body: '😀'.repeat(1000) }), 'passed');
    assert.equal(check({ body: 'x'.repeat(1001) }), 'too-large');
    assert.equal(check({ subject: 'x'.repeat(256) }), 'passed');
    assert.equal(check({ subject: 'x'.repeat(257) }), 'too-large');
    assert.equal(check({ thread: 'x'.repeat(256) }), 'too-large');
    assert.equal(code(checkSize(packet({ stanzaId: 'x'.repeat(257) }), releaseSituation())), 'too-large');
  });
});

suite('count of faults', () => {
  test('a stream may break the grammar ten times', () => {
    const faults = createFaults();
    for (let i = 0; i < 10; i++) assert.equal(faults.count('stanza-malformed'), undefined);
    assert.equal(faults.count('stanza-malformed'), 'policy-violation');
  });
  test('being refused for who one is counts for nothing', () => {
    const faults = createFaults();
    for (let i = 0; i < 5000; i++) assert.equal(faults.count('not-permitted'), undefined);
  });
});
