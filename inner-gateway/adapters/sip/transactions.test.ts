// Transactions of the hot requests, with a clock that the test moves (RFC 3261 §17).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from './connections/connection.ts';
import { createTransactions } from './transactions.ts';
import type { SipRequest, SipResponse } from './wire/message.ts';

let now = 0;
let closed = 0;
const clock = { now: () => now };
const common = {
  lines: { text: '', starts: [], plain: true },
  from: '',
  fromTag: '',
  to: '',
  toTag: '',
  callId: '',
  cseq: 1,
  body: new Uint8Array(0),
};

// A connection is only compared here, never used.
function connection(): Connection {
  const nothing = () => {};
  const group = {
    settings: {
      fqdn: 'pool.in.example',
      alsoNames: [],
      host: 'x',
      port: 1,
      caFile: '',
      dialect: 'skype' as const,
      domains: ['in.example'],
      wildcard: false,
      tls: '1.2' as const,
    },
    names: [],
    trust: () => ({ cas: [], crls: [], due: undefined, digest: '' }),
  };
  return {
    group,
    name: '',
    dialled: true,
    live: () => true,
    send: () => true,
    hold: nothing,
    release: nothing,
    heardAt: () => 0,
    saidAt: () => 0,
    close: () => {
      closed++;
    },
  };
}

function response(branch: string, status: number): SipResponse {
  return { ...common, kind: 'response', status, reason: '', branch, sentBy: 'x', cseqMethod: 'MESSAGE' };
}

function request(branch: string, sentBy = 'x'): SipRequest {
  const [method, transaction] = ['MESSAGE', `${branch} ${sentBy} MESSAGE`];
  return { ...common, kind: 'request', method, uri: 'sip:a@b', branch, sentBy, cseqMethod: method, transaction };
}

test('a final response ends what waits for it, a provisional one does not', async () => {
  const table = createTransactions(clock);
  const branch = table.newBranch();
  const final = table.awaitFinal(branch, 'MESSAGE', connection());
  assert.equal(table.take(response(branch, 100)), true);
  assert.equal(table.waiting(), 1);
  assert.equal(table.take(response(branch, 200)), true);
  assert.equal(table.take(response(branch, 200)), false);
  const got = await final;
  assert.equal(typeof got === 'string' ? got : got.status, 200);
});

test('what has waited 32 s ends as timeout', async () => {
  const table = createTransactions(clock);
  const final = table.awaitFinal('b', 'MESSAGE', connection());
  now += 31_000;
  table.sweep();
  assert.equal(table.waiting(), 1);
  now += 1_000;
  table.sweep();
  assert.equal(await final, 'timeout');
  assert.equal(closed, 1);
});

test('a connection that goes takes only its own with it', async () => {
  const table = createTransactions(clock);
  const one = connection();
  const final = table.awaitFinal('one', 'MESSAGE', one);
  table.awaitFinal('two', 'MESSAGE', connection());
  table.lost(one);
  assert.equal(await final, 'gone');
  assert.equal(table.waiting(), 1);
});

test('a retransmission is known by branch, sender and method, and only for 32 s', () => {
  const table = createTransactions(clock);
  assert.equal(table.received(request('b')), 'new');
  assert.deepEqual(table.received(request('b')), { repeated: '' });
  table.answered(request('b'), 'SIP/2.0 200 OK');
  assert.deepEqual(table.received(request('b')), { repeated: 'SIP/2.0 200 OK' });
  assert.equal(table.received(request('b', 'y')), 'new');
  table.answered(request('b', 'y'), 200);
  assert.deepEqual(table.received(request('b', 'y')), { repeated: 200 });
  now += 32_000;
  table.sweep();
  assert.equal(table.received(request('b')), 'new');
});

test('branches never repeat', () => {
  const table = createTransactions(clock);
  const branches = new Set(Array.from({ length: 20_000 }, () => table.newBranch()));
  assert.equal(branches.size, 20_000);
  assert.ok([...branches].every((branch) => branch.startsWith('z9hG4bK')));
});
