// Who finds out by trying what is refused learns no more for a while, and nobody else pays for it.
import assert from 'node:assert/strict';
import test from 'node:test';
import { compileRates } from '@sallyport/shared/policy/rate-schema.ts';
import { envelope, freshRates, jid, partner, situation } from '../situation.fixtures.ts';
import type { UserStanza } from '../stanza/stanza.ts';
import { checkProbing, countContentRefusal } from './check-probing.ts';

const text: UserStanza['content'] = { kind: 'message', type: 'chat', body: 'harmless' };
const said = (from: string, content: UserStanza['content'] = text) =>
  ({ ...envelope({ from: jid(from) }), kind: 'user', content }) as const;

test('after as many refusals as are allowed nothing is judged, until time has gone by', () => {
  const rates = freshRates();
  const paces = compileRates({ contentRefusals: { perMinute: 1, burst: 3 } });
  const now = 1_700_000_000_000;
  const at = (later: number, who = 'ann@out.example', content: UserStanza['content'] = text) => {
    const verdict = checkProbing(
      said(who, content),
      situation({ rates, partner: { ...partner, rates: paces }, now: now + later }),
    );
    return verdict.passed ? 'passed' : verdict.refusal.code;
  };
  const refuse = () => countContentRefusal(rates.people, paces, 'ann@out.example', now);
  assert.deepEqual([refuse(), refuse()], [false, false]);
  assert.equal(at(0), 'passed');
  assert.equal(refuse(), true, 'the third is the last one that is allowed, and is told');
  assert.equal(refuse(), false, 'once');
  assert.equal(at(0), 'content-probed');
  assert.equal(at(0, 'ann@out.example/another'), 'content-probed', 'with whatever resource');
  assert.equal(at(0, 'amy@out.example'), 'passed');
  assert.equal(at(0, 'ann@out.example', { kind: 'chat-state', state: 'composing' }), 'passed', 'nobody is answered');
  assert.equal(at(121_000), 'passed');
});
