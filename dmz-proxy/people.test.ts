// The memory of people: bounded, and what is forgotten at the bound (invariant I10).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Policy } from '@sallyport/shared/policy/policy.ts';
import { createPartnerAccounts, namesOfAll } from './partner-accounts.ts';
import { contactsOfOne, createPeople, namesAtMost } from './people.ts';
import { jid, packet, partner, policy } from './situation.fixtures.ts';

test('however many names a partner makes up, no more than the bound are remembered', () => {
  let grown = 0;
  const people = createPeople(() => {
    grown += 1;
  });
  for (let i = 0; i < 5 * namesAtMost; i++) {
    people.sender(`bot${i}@out.example`);
    people.recipient(`guess${i}@in.example`);
    assert.ok(people.size() <= 2 * namesAtMost);
  }
  assert.equal(grown, 10 * namesAtMost);
});

test('whoever goes on writing is not forgotten for others that come once', () => {
  const people = createPeople();
  const ann = people.sender('ann@out.example');
  people.meet(ann, 'bob@in.example');
  for (let i = 0; i < 5 * namesAtMost; i++) {
    people.sender(`bot${i}@out.example`);
    if (i % 1_000 === 0) assert.equal(people.sender('ann@out.example'), ann);
  }
  assert.ok(people.knows(people.sender('ann@out.example'), 'bob@in.example'));
});

test('one person knows so many contacts; the oldest is forgotten for one more', () => {
  const people = createPeople();
  const ann = people.sender('ann@out.example');
  for (let i = 0; i <= contactsOfOne; i++) people.meet(ann, `user${i}@in.example`);
  assert.equal(ann.contacts?.size, contactsOfOne);
  assert.equal(people.knows(ann, 'user0@in.example'), false);
  assert.equal(people.knows(ann, 'user1@in.example'), true);
});

test('people with very many contacts are forgotten sooner, so that contacts have a bound over all', () => {
  const people = createPeople();
  const all = [];
  for (let i = 0; i < 400; i++) {
    const person = people.sender(`bot${i}@out.example`);
    all.push(person);
    for (let k = 0; k < 500; k++) people.meet(person, `user${k}@in.example`);
  }
  const kept = all.filter((person, i) => people.sender(`bot${i}@out.example`) === person);
  assert.ok(kept.length * 500 <= 65_536 + 1_000, `${kept.length} people are kept`);
});

test('a contact that turned out not to exist is none', () => {
  const people = createPeople();
  const ann = people.sender('ann@out.example');
  people.meet(ann, 'bob@in.example');
  people.meet(ann, 'nobody@in.example');
  people.forget(ann, 'nobody@in.example');
  assert.deepEqual(
    ['bob', 'nobody'].map((name) => people.knows(ann, `${name}@in.example`)),
    [true, false],
  );
});

function accountsOf(domains: readonly string[]) {
  let current: Policy = {
    ...policy,
    partners: new Map(domains.map((domain) => [domain, { ...partner, domain }])),
  };
  const accounts = createPartnerAccounts({ policy: () => current, clock: { now: () => 1_700_000_000_000 } });
  return {
    accounts,
    change: (next: Policy) => {
      current = next;
    },
  };
}

test('one partner’s flood of names costs no other partner’s people their memory', () => {
  const domains = Array.from({ length: 40 }, (_, i) => `p${i}.example`);
  const { accounts } = accountsOf(domains);
  const small = accounts.of('p39.example').people;
  const ann = small.sender('ann@p39.example');
  let most = 0;
  for (const domain of domains.slice(0, 39)) {
    const { people } = accounts.of(domain);
    for (let i = 0; i < namesAtMost; i++) {
      people.sender(`bot${i}@${domain}`);
      people.recipient(`guess${i}@in.example`);
    }
    const all = domains.reduce((sum, each) => sum + accounts.of(each).people.size(), 0);
    most = Math.max(most, all);
  }
  assert.ok(most <= namesOfAll, `${most} names`);
  assert.equal(small.sender('ann@p39.example'), ann);
});

test('an account outlives a change of policy, and goes with its partner', () => {
  const { accounts, change } = accountsOf(['out.example']);
  const before = accounts.of('out.example');
  change({ ...policy, partners: new Map([['out.example', { ...partner, domain: 'out.example' }]]) });
  assert.equal(accounts.of('out.example'), before);
  change({ ...policy, partners: new Map() });
  assert.notEqual(accounts.of('out.example'), before);
});

test('an answer to a contact request makes a contact when it agrees, and none when it does not, as those say who do not exist', () => {
  const { accounts } = accountsOf(['out.example']);
  const { people } = accounts.of('out.example');
  const answers = (step: 'subscribed' | 'unsubscribed') => {
    accounts.released({ ...packet(), content: { kind: 'subscription', step } });
    return people.knows(people.sender('ann@out.example'), 'bob@in.example');
  };
  assert.equal(answers('unsubscribed'), false);
  assert.equal(answers('subscribed'), true);
  assert.equal(answers('unsubscribed'), false);
});

test('whoever is written to from inside may write back without being a new contact', () => {
  const { accounts } = accountsOf(['out.example']);
  accounts.released(packet());
  const { people } = accounts.of('out.example');
  assert.ok(people.knows(people.sender('ann@out.example'), 'bob@in.example'));
});

test('a refusal as unknown counts once, whether it comes before the packet was kept or as a packet afterwards', () => {
  const { accounts } = accountsOf(['out.example']);
  const { people } = accounts.of('out.example');
  const due = () => people.sender('ann@out.example').unknownRecipients;
  const inward = { ...packet(), from: jid('ann@out.example/x'), to: jid('nobody@in.example') };
  accounts.refusedInside({ ...inward, content: { kind: 'chat-state', state: 'active' } }, 'user-unknown');
  accounts.refusedInside(inward, 'content-refused');
  assert.equal(due(), 0, 'what is not answered, or says something else, is no guess');
  accounts.refusedInside(inward, 'user-unknown');
  const once = due();
  assert.ok(once > 0);
  const bounce = { kind: 'bounce', ofId: 'm1', ofKind: 'message', publicText: '', incident: '' } as const;
  const back = { ...packet(), from: inward.to, to: inward.from };
  accounts.released({ ...back, content: { ...bounce, code: 'content-refused' } });
  assert.equal(due(), once);
  accounts.released({ ...back, content: { ...bounce, code: 'far-refuses' } });
  assert.ok(due() > once);
});

test('a name that is remembered does not hold the stanza in which it came', () => {
  const people = createPeople();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 4_000; i++) {
    // As the reader of XML gives it: a piece of all that was read with it.
    const read = Buffer.alloc(65_536, `person-with-a-long-name-${i}@out.example `).toString('latin1');
    const end = read.indexOf(' ');
    const name = read.slice(0, end);
    people.meet(people.sender(name), name);
    people.recipient(name);
  }
  const grown = (process.memoryUsage().heapUsed - before) / 1_048_576;
  assert.ok(grown < 120, `${grown.toFixed(0)} MB for 4,000 names`);
});
