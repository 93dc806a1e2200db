// What a partner's entry says of its proof, and what several domains on one stream are (XEP-0220, XEP-0344; xmpp-boundary
// D1, D10, C12, H16, B8, S3, T12).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Partner } from '../../shared/policy/policy.ts';
import {
  answerTo,
  authoritative,
  dialbackHeader,
  dialbackPartner,
  error,
  keyIn,
  message,
  result,
  site,
  stranded,
  untrusted,
  valid,
} from './dialback-peers.ts';
import { auth, secureClient } from './scripted-peer.ts';
import { authority, partner, policyOf, serve, theirs, until } from './setting.ts';

test('what is offered: EXTERNAL to a proved certificate, dialback where the entry says so, each alone or both', async (t) => {
  const offers = async (terms: Partial<Partner>, issued = theirs) => {
    const { port } = await site(t, () => undefined, terms);
    const peer = await secureClient(port, issued);
    peer.say(dialbackHeader);
    const words = await peer.hear('</stream:features>');
    peer.socket.destroy();
    const feature = words.includes('<dialback xmlns="urn:xmpp:features:dialback"><errors/></dialback>');
    return [words.includes('<mechanism>EXTERNAL</mechanism>'), feature];
  };
  const trust = [authority.certPem];
  assert.deepEqual(await offers({ trust, external: 'optional' }), [true, true]);
  assert.deepEqual(await offers({ trust, external: 'optional' }, untrusted), [false, true]);
  assert.deepEqual(await offers({ trust, external: 'never' }), [false, true]);
  assert.deepEqual(await offers({}), [false, true]);
});

test('with tls+same-cert both ends show one certificate, and it names the domain (XEP-0344, D1)', async (t) => {
  const terms = { dialback: 'tls+same-cert' } as const;
  const confirm = (question: string) => answerTo(question, 'valid');
  const good = await site(t, confirm, terms, { issued: untrusted });
  const same = await stranded(good.port, untrusted);
  same.say(result());
  await same.hear(valid);
  same.socket.destroy();
  const other = await stranded(good.port, theirs);
  other.say(result());
  assert.match(await other.hear('</db:result>'), error('not-authorized'));
  other.socket.destroy();
  const elsewhere = await site(t, confirm, { ...terms, domain: 'far.example' }, { others: [dialbackPartner(1)] });
  const misnamed = await stranded(elsewhere.port, untrusted);
  misnamed.say(result('k', 'far.example'));
  assert.match(await misnamed.hear('</db:result>'), error('not-authorized', 'far.example'));
  assert.equal(elsewhere.home.connections(), 0, 'a name that does not fit is not worth a call');
  misnamed.socket.destroy();
});

test('where the entry says whom to trust, the server that confirms is held to it (C12)', async (t) => {
  const terms = { trust: [authority.certPem], external: 'optional' } as const;
  const { home, port } = await site(t, (question) => answerTo(question, 'valid'), terms, { issued: untrusted });
  const peer = await stranded(port);
  peer.say(result());
  assert.match(await peer.hear('</db:result>'), error('remote-connection-failed'));
  assert.deepEqual(home.asked, [], 'no key is shown to it');
  peer.socket.destroy();
});

test('several domains on one stream: each is proved, each speaks for itself alone, and a false one costs the others nothing', async (t) => {
  const terms = { trust: [authority.certPem], external: 'optional' } as const;
  const judge = (question: string) => answerTo(question, keyIn(question) === 'good' ? 'valid' : 'invalid');
  const far = await authoritative(judge, untrusted, 'far.example');
  t.after(() => far.close());
  const others = [dialbackPartner(far.port, {}, 'far.example')];
  const { port, received, listener } = await site(t, () => undefined, terms, { others });
  const peer = await secureClient(port, theirs);
  peer.say(dialbackHeader);
  await peer.hear('</stream:features>');
  peer.say(auth());
  await peer.hear('<success xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>');
  peer.say(dialbackHeader);
  await peer.hear('</stream:features>');
  peer.say(result('forged', 'far.example'));
  assert.match(await peer.hear('</db:result>'), error('forbidden', 'far.example'));
  peer.say(message());
  await until(() => received.length === 1, 'the stream lives on');
  peer.say(result('good', 'far.example'));
  await peer.hear('<db:result from="in.example" to="far.example" type="valid"/>');
  peer.say(message('zoe@far.example') + message());
  await until(() => received.length === 3, 'both');
  assert.deepEqual(
    received.map(({ element, stream }) => [element.attributes.from, stream.remoteDomain]),
    [
      ['ann@out.example', 'out.example'],
      ['zoe@far.example', 'far.example'],
      ['ann@out.example', 'out.example'],
    ],
  );
  assert.deepEqual(
    listener
      .streams()
      .map(({ remoteDomain, proof }) => `${remoteDomain} ${proof}`)
      .toSorted(),
    ['far.example dialback', 'out.example certificate'],
  );
  peer.socket.destroy();
});

test('terms that change end what rests on them: dialback that is no longer agreed', async (t) => {
  const home = await authoritative((question) => answerTo(question, 'valid'));
  t.after(() => home.close());
  let policy = policyOf(dialbackPartner(home.port));
  const { listener } = await serve({ policy: () => policy });
  t.after(() => listener.stop('system-shutdown'));
  const peer = await stranded(listener.port);
  peer.say(result());
  await peer.hear(valid);
  policy = { ...policyOf(partner('out.example')), revision: 'r2' };
  assert.match(await peer.hear('</stream:stream>'), /<reset /);
});

test('what dialback proved is proved anew once a day', async (t) => {
  const { port } = await site(t, (question) => answerTo(question, 'valid'), {}, { times: { recheck: 300 } });
  const peer = await stranded(port);
  peer.say(result());
  await peer.hear(valid);
  assert.match(await peer.hear('</stream:stream>'), /<reset /);
});

test('terms that change while the question is asked count when its answer comes', async (t) => {
  let policy = policyOf();
  const home = await authoritative((question) => {
    policy = { ...policyOf(partner('out.example')), revision: 'r2' };
    return answerTo(question, 'valid');
  });
  t.after(() => home.close());
  policy = policyOf(dialbackPartner(home.port));
  const { listener } = await serve({ policy: () => policy });
  t.after(() => listener.stop('system-shutdown'));
  const peer = await stranded(listener.port);
  peer.say(result());
  assert.match(await peer.hear('</db:result>'), error('policy-violation'));
  assert.deepEqual(listener.streams(), []);
  peer.socket.destroy();
});
