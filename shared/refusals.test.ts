// The table of refusals against the ruling on errors, row by row.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusalCode, refusalFromSip, refusalFromStanzaError, refusalRow, refusals } from './refusals.ts';

// errors.md, first table: what a SIP answer becomes for the XMPP sender.
const fromSip: readonly [number, number | undefined, number | undefined, string][] = [
  [301, undefined, undefined, 'gone cancel'],
  [410, undefined, undefined, 'gone cancel'],
  [302, undefined, undefined, 'recipient-unavailable wait'],
  [380, undefined, undefined, 'recipient-unavailable wait'],
  [400, undefined, undefined, 'bad-request modify'],
  [402, undefined, undefined, 'bad-request modify'],
  [493, undefined, undefined, 'bad-request modify'],
  [499, undefined, undefined, 'bad-request modify'],
  [401, undefined, undefined, 'internal-server-error wait'],
  [407, undefined, undefined, 'internal-server-error wait'],
  [403, undefined, undefined, 'service-unavailable cancel'],
  [404, undefined, undefined, 'service-unavailable cancel'],
  [604, undefined, undefined, 'service-unavailable cancel'],
  [480, 4005, undefined, 'service-unavailable cancel'],
  [504, 1002, undefined, 'service-unavailable cancel'],
  [405, undefined, undefined, 'feature-not-implemented cancel'],
  [420, undefined, undefined, 'feature-not-implemented cancel'],
  [489, undefined, undefined, 'feature-not-implemented cancel'],
  [501, undefined, undefined, 'feature-not-implemented cancel'],
  [406, undefined, undefined, 'not-acceptable modify'],
  [415, undefined, undefined, 'not-acceptable modify'],
  [488, undefined, undefined, 'not-acceptable modify'],
  [505, undefined, undefined, 'not-acceptable modify'],
  [606, undefined, undefined, 'not-acceptable modify'],
  [606, undefined, 309, 'policy-violation modify'],
  [408, undefined, undefined, 'remote-server-timeout wait'],
  [504, undefined, undefined, 'remote-server-timeout wait'],
  [413, undefined, undefined, 'policy-violation modify'],
  [513, undefined, undefined, 'policy-violation modify'],
  [480, undefined, undefined, 'recipient-unavailable wait'],
  [486, undefined, undefined, 'recipient-unavailable wait'],
  [487, undefined, undefined, 'recipient-unavailable wait'],
  [600, undefined, undefined, 'recipient-unavailable wait'],
  [603, undefined, undefined, 'recipient-unavailable wait'],
  [481, undefined, undefined, 'recipient-unavailable wait'],
  [482, undefined, undefined, 'internal-server-error cancel'],
  [483, undefined, undefined, 'internal-server-error cancel'],
  [484, undefined, undefined, 'jid-malformed modify'],
  [485, undefined, undefined, 'jid-malformed modify'],
  [491, undefined, undefined, 'unexpected-request wait'],
  [500, undefined, undefined, 'internal-server-error wait'],
  [580, undefined, undefined, 'internal-server-error wait'],
  [502, undefined, undefined, 'remote-server-not-found cancel'],
  [404, 1005, undefined, 'remote-server-not-found cancel'],
  [503, undefined, undefined, 'service-unavailable wait'],
  [504, 1046, undefined, 'service-unavailable wait'],
  [699, undefined, undefined, 'service-unavailable wait'],
];

for (const [status, diagnostics, warning, wanted] of fromSip) {
  const also = `${diagnostics === undefined ? '' : ` with ms-diagnostics ${diagnostics}`}${warning === undefined ? '' : ` with Warning ${warning}`}`;
  test(`SIP ${status}${also} becomes ${wanted}`, () => {
    const { condition, type } = refusalRow(refusalFromSip(status, diagnostics, warning)).xmpp;
    assert.equal(`${condition} ${type}`, wanted);
  });
}

// errors.md, second table: what a stanza error becomes for the SIP sender.
const fromStanza: Readonly<Record<string, number>> = {
  ...{ 'bad-request': 400, conflict: 400, 'undefined-condition': 400, 'jid-malformed': 484 },
  ...{
    forbidden: 403,
    'not-allowed': 403,
    'not-authorized': 403,
    'registration-required': 403,
    'subscription-required': 403,
  },
  ...{
    'item-not-found': 404,
    'remote-server-not-found': 404,
    gone: 410,
    'not-acceptable': 406,
    'policy-violation': 606,
  },
  ...{ 'recipient-unavailable': 480, redirect: 480, 'service-unavailable': 480, 'feature-not-implemented': 501 },
  ...{
    'remote-server-timeout': 504,
    'resource-constraint': 503,
    'internal-server-error': 500,
    'unexpected-request': 491,
  },
};

for (const [condition, status] of Object.entries(fromStanza)) {
  test(`the stanza error ${condition} becomes SIP ${status}`, () => {
    assert.equal(refusalRow(refusalFromStanzaError(condition)).sip.status, status);
  });
}

test('a condition that nobody knows becomes 400', () => {
  assert.equal(refusalRow(refusalFromStanzaError('something-new')).sip.status, 400);
});

test('not acceptable is 488 to an INVITE, and refused content 403 to a federation peer', () => {
  assert.equal(refusalRow('far-not-acceptable').sip.invite, 488);
  assert.equal(refusalRow('content-refused').sip.federated, 403);
});

test('401 and 407 are never sent, since clients would ask their users for credentials', () => {
  for (const row of Object.values(refusals)) assert.ok(![401, 407].includes(row.sip.status));
});

test('users who are unknown and users who may not talk are told exactly alike', () => {
  const told = (code: 'user-unknown' | 'not-permitted') => {
    const { answer, xmpp, sip } = refusalRow(code);
    return { answer, xmpp, sip };
  };
  assert.deepEqual(told('user-unknown'), told('not-permitted'));
});

test('a code is what stands in the table, and nothing that every object has', () => {
  assert.ok(isRefusalCode('far-away'));
  assert.ok(!isRefusalCode('toString'));
  assert.ok(!isRefusalCode('__proto__'));
});
