// What one person may write, to how many people, and how often to nobody (xmpp-boundary L7; invariant I5).
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { compileRates, type RateEntry } from '@sallyport/shared/policy/rate-schema.ts';
import { envelope, freshRates, jid, partner, situation } from '../situation.fixtures.ts';
import type { UserStanza } from '../stanza/stanza.ts';
import { checkPersonRate, checkStrangerRate, countUnknown, readsAsUnknown } from './check-person-rate.ts';

const many = { perMinute: 60_000, burst: 10_000 };
const generous: RateEntry = {
  ...{ sender: many, recipient: many, chatStates: many, newContacts: many, unknownRecipients: many },
  partner: { newContacts: many, unknownRecipients: many },
};
const text = { kind: 'message', type: 'chat', body: 'x' } as const;

/** A partner with these limits; `says` tells which one refuses, or the code. */
function world(rate: RateEntry) {
  const rates = freshRates();
  const terms = { ...partner, rates: compileRates({ ...generous, ...rate }) };
  const at = (now: number) => situation({ rates, partner: terms, now: 1_700_000_000_000 + now });
  const told = (verdict: ReturnType<typeof checkPersonRate>) =>
    verdict.passed ? '' : (verdict.refusal.note ?? verdict.refusal.code);
  const between = (from: string, to: string) =>
    envelope({ from: jid(`${from}@out.example/x`), to: jid(`${to}@in.example`) });
  return {
    rates,
    says(from: string, to: string, now = 0, content: UserStanza['content'] = text) {
      return told(checkPersonRate({ ...between(from, to), kind: 'user', content }, at(now)));
    },
    isForbidden(from: string, to: string, now = 0) {
      const verdict = checkStrangerRate(between(from, to), at(now));
      return verdict.passed ? '' : (verdict.refusal.note ?? '');
    },
    isUnknown(from: string, to: string, now = 0) {
      const { people } = rates;
      countUnknown(people, terms.rates, `${from}@out.example`, `${to}@in.example`, at(now).now);
    },
  };
}

suite('one person', () => {
  test('writes so many messages at once and then so many a minute, to whomever; others are not held by it', () => {
    const { says } = world({ sender: { perMinute: 60, burst: 2 } });
    assert.deepEqual([says('ann', 'bob'), says('ann', 'carol'), says('ann', 'bob')], ['', '', 'sender']);
    assert.deepEqual([says('amy', 'bob'), says('ann', 'bob', 1000), says('ann', 'bob', 1000)], ['', '', 'sender']);
  });
  test('has another limit for typing, which takes nothing from messages', () => {
    const { says } = world({ sender: { perMinute: 60, burst: 1 }, chatStates: { perMinute: 60, burst: 1 } });
    const typing = { kind: 'chat-state', state: 'composing' } as const;
    assert.deepEqual(
      [says('ann', 'bob', 0, typing), says('ann', 'bob', 0, typing), says('ann', 'bob'), says('ann', 'bob')],
      ['', 'typing-exceeded', '', 'sender'],
    );
  });
  test('may answer with errors as often as the stream allows', () => {
    const { says } = world({ sender: { perMinute: 1, burst: 1 } });
    const why = { code: 'far-away', publicText: '', incident: '' } as const;
    const bounce = { kind: 'bounce', ofId: '', ofKind: 'message', ...why } as const;
    for (let i = 0; i < 10; i++) assert.equal(says('ann', 'bob', 0, bounce), '');
  });
  test('gets so many messages of one partner, whoever writes them', () => {
    const { says } = world({ recipient: { perMinute: 60, burst: 2 } });
    assert.deepEqual([says('ann', 'bob'), says('amy', 'bob'), says('adam', 'bob')], ['', '', 'recipient']);
    assert.deepEqual([says('adam', 'carol'), says('adam', 'bob', 1000)], ['', '']);
  });
});

suite('new contacts', () => {
  test('are limited for each person; known ones are reached all the same', () => {
    const { says } = world({ newContacts: { perMinute: 60, burst: 2 } });
    assert.deepEqual([says('ann', 'a'), says('ann', 'b'), says('ann', 'c')], ['', '', 'new-contacts']);
    assert.deepEqual([says('ann', 'a'), says('ann', 'b'), says('amy', 'c')], ['', '', '']);
    assert.deepEqual([says('ann', 'c', 1000), says('ann', 'd', 1000)], ['', 'new-contacts']);
  });
  test('are limited for all people of a partner together, under however many names', () => {
    const { says } = world({ partner: { newContacts: { perMinute: 60, burst: 3 }, unknownRecipients: many } });
    const said = ['a', 'b', 'c', 'd', 'e'].map((name) => says(`bot-${name}`, name));
    assert.deepEqual(said, ['', '', '', 'new-contacts', 'new-contacts']);
  });
  test('nothing is counted of what another limit refuses', () => {
    const { says } = world({ recipient: { perMinute: 60, burst: 1 }, newContacts: { perMinute: 60, burst: 2 } });
    says('amy', 'bob');
    for (let i = 0; i < 5; i++) assert.equal(says('ann', 'bob'), 'recipient');
    assert.deepEqual([says('ann', 'c'), says('ann', 'd'), says('ann', 'e')], ['', '', 'new-contacts']);
  });
});

test('the cards of contacts may be asked for all at once, those of strangers count as new contacts', () => {
  const { rates, says } = world({ sender: { perMinute: 60, burst: 1 }, newContacts: { perMinute: 60, burst: 2 } });
  const query = { kind: 'card-query' } as const;
  const ann = rates.people.sender('ann@out.example');
  for (let i = 0; i < 50; i++) rates.people.meet(ann, `friend${i}@in.example`);
  for (let i = 0; i < 50; i++) assert.equal(says('ann', `friend${i}`, 0, query), '');
  assert.deepEqual(
    ['a', 'b', 'c'].map((name) => says('ann', name, 0, query)),
    ['', '', 'new-contacts'],
  );
});

suite('unknown recipients', () => {
  test('what the inside refuses as unknown counts: then nobody new is reached, and whoever is known is', () => {
    const { says, isUnknown } = world({ unknownRecipients: { perMinute: 60, burst: 2 } });
    assert.equal(says('ann', 'friend'), '');
    for (const guess of ['a', 'b']) {
      assert.equal(says('ann', guess), '');
      isUnknown('ann', guess);
    }
    assert.deepEqual([says('ann', 'c'), says('ann', 'a')], ['unknown-recipients', 'unknown-recipients']);
    assert.deepEqual([says('ann', 'friend'), says('amy', 'c')], ['', '']);
    assert.equal(says('ann', 'c', 1000), '');
  });
  test('who is forbidden counts alike and is refused alike, so that the limit does not tell one from the other', () => {
    const { says, isForbidden } = world({ unknownRecipients: { perMinute: 60, burst: 2 } });
    assert.deepEqual([isForbidden('ann', 'a'), isForbidden('ann', 'b')], ['', '']);
    assert.deepEqual(
      [isForbidden('ann', 'c'), says('ann', 'd'), isForbidden('ann', 'e')],
      ['unknown-recipients', 'unknown-recipients', 'unknown-recipients'],
    );
    const contacts = world({ newContacts: { perMinute: 60, burst: 1 } });
    contacts.says('ann', 'a');
    assert.deepEqual([contacts.isForbidden('ann', 'b'), contacts.says('ann', 'c')], ['new-contacts', 'new-contacts']);
  });
  test('many names of one partner are one harvester', () => {
    const { says, isUnknown } = world({
      partner: { newContacts: many, unknownRecipients: { perMinute: 60, burst: 3 } },
    });
    for (const bot of ['a', 'b', 'c']) {
      assert.equal(says(bot, `guess-${bot}`), '');
      isUnknown(bot, `guess-${bot}`);
    }
    assert.equal(says('d', 'guess-d'), 'unknown-recipients');
  });
  test('a flood of guesses before the first answer is held by new contacts, and its answers stop it for a while, not for ever', () => {
    const { says, isUnknown } = world({
      newContacts: { perMinute: 600, burst: 30 },
      unknownRecipients: { perMinute: 60, burst: 10 },
    });
    const passed = Array.from({ length: 500 }, (_, i) => says('ann', `guess${i}`)).filter((said) => said === '');
    assert.equal(passed.length, 30);
    for (let i = 0; i < 30; i++) isUnknown('ann', `guess${i}`);
    assert.equal(says('ann', 'next', 10_000), 'unknown-recipients');
    assert.equal(says('ann', 'next', 31_000), '');
  });
  test('only refusals that read like each other count', () => {
    assert.deepEqual(
      (['user-unknown', 'not-permitted', 'far-refuses', 'content-refused', 'inside-away'] as const).map(readsAsUnknown),
      [true, true, true, false, false],
    );
  });
});
