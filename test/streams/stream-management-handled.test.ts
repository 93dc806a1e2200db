// When a stanza counts as handled: kept inside, its sender answered, or dropped by policy, and not before (B6, I1).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFromPartner } from '../../dmz-proxy/from-partner.ts';
import { createAllowance } from '../../dmz-proxy/link/allowance.ts';
import type { InsideSettled } from '../../dmz-proxy/link/to-inside.ts';
import { createPartnerAccounts } from '../../dmz-proxy/partner-accounts.ts';
import { createReplies } from '../../dmz-proxy/replies.ts';
import { element, policy } from '../../dmz-proxy/situation.fixtures.ts';
import type { ServedStream } from '../../dmz-proxy/stream/facts.ts';
import { systemClock } from '../../shared/clock.ts';
import { dialOut, goodPartner, partner, policyOf, until } from './setting.ts';

/** The receiver of a partner's stanzas, with the inside and the way back in the hands of the test. */
function door(partners = policy.partners) {
  const inside: { settled: InsideSettled; taken: () => void }[] = [];
  const replies: { xml: string; said: () => void }[] = [];
  const closed: string[] = [];
  const stream: ServedStream = {
    id: 's1',
    direction: 'inbound',
    localDomain: 'in.example',
    remoteDomain: 'out.example',
    remoteAddress: '127.0.0.1',
    lang: '',
    since: 0,
    tls: 'TLSv1.3',
    proof: 'certificate',
    certificate: { sha256: '', notAfter: 0, matchedName: '', issuer: '' },
    bidi: false,
    managed: false,
    heardAt: 0,
    missedPings: 0,
    stanzasIn: 0,
    stanzasOut: 0,
    close: (condition) => closed.push(condition),
  };
  let ids = 0;
  const receive = createFromPartner({
    policy: () => ({ ...policy, partners }),
    domains: new Set(['in.example']),
    bodyCharacters: 1_000,
    newId: () => `id-${++ids}`,
    toInside: {
      send: (_packet, settled, taken = () => {}) => inside.push({ settled, taken }),
      onUp() {},
      untaken: () => 0,
      stop: async () => {},
    },
    accounts: createPartnerAccounts({ policy: () => ({ ...policy, partners }), clock: systemClock }),
    allowance: createAllowance({ packets: 4_000, bytes: 1_000_000, perPair: 32 }),
    reply: (_local, _remote, xml, said) => replies.push({ xml, said }),
    pingAnswered: () => false,
    audit() {},
    recording: () => true,
    onRefused() {},
    clock: systemClock,
  });
  const says = (xml: string) => {
    const state = { handled: 0 };
    receive(element(xml), xml.length, stream, () => {
      state.handled += 1;
    });
    return state;
  };
  return { says, inside, replies, closed };
}

const message = (body: string, more = "from='ann@out.example' to='bob@in.example'") =>
  `<message ${more} id='m1' type='chat'><body>${body}</body></message>`;

test('a message is handled when a gateway has kept it', () => {
  const { says, inside } = door();
  const state = says(message('Good morning'));
  assert.equal(state.handled, 0);
  inside[0]?.taken();
  assert.equal(state.handled, 1);
  inside[0]?.settled({ state: 'delivered' }, true);
  assert.ok(state.handled >= 1);
});

test('a message that is delivered without being kept before is handled then', () => {
  const { says, inside } = door();
  const state = says(message('Good morning'));
  inside[0]?.settled({ state: 'delivered' }, false);
  assert.equal(state.handled, 1);
});

test('a message that nobody inside takes is handled when its sender has been told', () => {
  const { says, inside, replies } = door();
  const state = says(message('Good morning'));
  inside[0]?.settled({ state: 'refused', refusal: { code: 'inside-away' } }, false);
  assert.equal(state.handled, 0, 'the error is not written yet');
  assert.match(replies[0]?.xml ?? '', /type=["']error["']/);
  replies[0]?.said();
  assert.equal(state.handled, 1);
});

test('what is refused at the door is handled when its error is written, or cannot be', () => {
  const { says, inside, replies } = door();
  const state = says(message('dirty'));
  assert.equal(inside.length, 0);
  assert.equal(state.handled, 0);
  replies[0]?.said();
  assert.equal(state.handled, 1);
});

test('a query that we answer is handled when the answer is written', () => {
  const { says, replies } = door();
  const state = says("<iq from='out.example' to='in.example' id='q' type='get'><ping xmlns='urn:xmpp:ping'/></iq>");
  assert.equal(state.handled, 0);
  replies[0]?.said();
  assert.equal(state.handled, 1);
});

test('what is dropped, and an answer to our ping, are handled at once', () => {
  const { says, inside, replies } = door();
  for (const dropped of [
    "<iq from='ann@out.example' to='bob@in.example' id='x' type='result'/>",
    "<iq from='out.example' to='in.example' id='p' type='result'/>",
  ]) {
    const state = says(dropped);
    assert.deepEqual([state.handled, inside.length], [1, 0], dropped);
  }
  assert.equal(replies.length, 0);
});

test('what comes from a domain that is no partner any more is not handled: it stays with its sender', () => {
  const { says, closed } = door(new Map());
  assert.equal(says(message('Good morning')).handled, 0);
  assert.deepEqual(closed, ['policy-violation']);
});

test('a reply whose stream is lost behind its write is sent once more, on the next stream', async () => {
  const heard: string[] = [];
  const server = await goodPartner(async (peer, connection) => {
    heard.push(await peer.hear('</message>'));
    if (connection === 1) peer.socket.destroy();
  });
  const { streams } = dialOut(() => policyOf(partner('out.example', server.port)), { times: { lived: 50 } });
  let said = 0;
  const xml = '<message from="bob@in.example" to="ann@out.example" type="error" id="m1"><error type="wait"/></message>';
  createReplies(streams.ship)('in.example', 'out.example', xml, () => {
    said += 1;
  });
  await until(() => heard.length === 2, 'the second one');
  assert.deepEqual(heard, [xml, xml]);
  assert.ok(said >= 1);
  server.close();
  await streams.stop('system-shutdown');
});

test('a reply that cannot be shipped is given up', () => {
  let said = 0;
  const ship = (shipment: { settled: (refusal: { code: 'queue-full' }) => void }) =>
    shipment.settled({ code: 'queue-full' });
  createReplies(ship)('in.example', 'out.example', '<message/>', () => {
    said += 1;
  });
  assert.equal(said, 1);
});
