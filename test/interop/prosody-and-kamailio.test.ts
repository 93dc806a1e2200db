// The product's main job between real servers: people on Prosody and people behind Kamailio write to each other.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePort } from '../daemon.ts';
import { firstMissing } from '../peers/peers.ts';
import { type Kamailio, startKamailio } from './kamailio.ts';
import { type LabUnderTest, pemsOf, startLab } from './lab-under-test.ts';
import { type Prosody, startProsody } from './prosody.ts';
import { startSipp, textsOf } from './sipp.ts';
import { startXmppClient, type XmppClient } from './xmpp-client.ts';

const missing = existsSync(join(import.meta.dirname, '../lab/lab.ts'))
  ? firstMissing(['prosody', 'kamailio', 'sipp'])
  : 'test/lab/lab.ts';
const skip = missing !== undefined && process.env.REQUIRE_PEERS !== '1' && `${missing} is not installed`;

const question = '🙂 שלום مرحبا <&>';
const answer = 'תשובה جواب 👍🏽 "ok"';

describe('Prosody, the pair, Kamailio, SIPp', { skip }, () => {
  const stack = new AsyncDisposableStack();
  let pair: LabUnderTest;
  let prosody: Prosody;
  let kamailio: Kamailio;
  let people: readonly XmppClient[];
  let clientPort: number;

  before(async () => {
    pair = await startLab();
    stack.defer(pair.stop);
    const { proxy, gateway, frontEnd, internalDomains, partners } = pair.lab;
    const [partner] = partners;
    assert.ok(partner, 'the lab has no partner');
    clientPort = await freePort();

    const accounts = partner.users.slice(0, 2).map((address) => ({ name: localpart(address), password: 'secret' }));
    const reachesProxy = { host: proxy.host, port: proxy.s2s };
    prosody = await startProsody({
      domain: partner.domain,
      users: accounts,
      certs: pemsOf(partner),
      hosts: new Map(internalDomains.map((domain) => [domain, reachesProxy])),
      s2sPort: partner.listen.port,
    });
    stack.defer(prosody.stop);
    kamailio = await startKamailio({
      fqdn: frontEnd.fqdn,
      certs: pemsOf(frontEnd),
      gateway: { host: gateway.host, port: gateway.sip, fqdn: gateway.fqdn },
      client: { host: '127.0.0.1', port: clientPort },
      tlsPort: frontEnd.listen.port,
    });
    stack.defer(kamailio.stop);
    await pair.ready();
    people = await Promise.all(
      accounts.map(({ name, password }) =>
        startXmppClient({ domain: partner.domain, name, password, port: prosody.c2sPort, ca: pemsOf(partner).ca }),
      ),
    );
    for (const person of people) stack.defer(person.stop);
  });
  after(() => stack.disposeAsync());

  const skypeUser = () => pair.lab.frontEnd.users[0] ?? '';
  const behindKamailio = () => ({ server: { host: '127.0.0.1', port: kamailio.tcpPort }, port: clientPort });

  test('people on Prosody write to a Skype user, who answers in the same conversation', async () => {
    for (const person of people) {
      await explained(async () => {
        const bob = await startSipp({
          ...{ scenario: 'skype-user-is-written-to', own: skypeUser(), peer: person.address, text: answer },
          ...behindKamailio(),
        });
        await person.send(skypeUser(), question);
        const got = await person.nextMessage({ from: skypeUser(), within: 15_000 });
        assert.deepEqual([got.body, got.type], [answer, 'chat']);
        const received = await bob.finished;
        assert.deepEqual(textsOf(received), [question]);
        const invite = received.find(({ startLine }) => startLine.startsWith('INVITE '));
        assert.match(invite?.headers ?? '', new RegExp(`^From:.*<sip:${person.address}>`, 'mi'));
      });
    }
  });

  test('a Skype user types and writes to people on Prosody, who type and answer', async () => {
    for (const person of people) {
      await explained(async () => {
        const bob = await startSipp({
          ...{ scenario: 'skype-user-writes-first', own: skypeUser(), peer: person.address, text: question },
          ...behindKamailio(),
        });
        const typing = await person.nextChatState({ from: skypeUser(), within: 15_000 });
        assert.equal(typing.chatState, 'composing');
        assert.equal((await person.nextMessage({ from: skypeUser(), within: 15_000 })).body, question);
        await person.compose(skypeUser(), 'composing');
        await person.send(skypeUser(), answer);
        const received = await bob.finished;
        assert.deepEqual(textsOf(received), [answer]);
        const info = received.find(({ startLine }) => startLine.startsWith('INFO '));
        assert.match(info?.body ?? '', /KeyboardActivity/);
      });
    }
  });

  test('a person who does not exist inside is refused with the error of XMPP', async () => {
    await explained(async () => {
      const [person] = people;
      const id = await person?.send(`nobody.at.all@${pair.lab.frontEnd.domain}`, question);
      const error = await person?.nextError({ within: 15_000 });
      assert.deepEqual([error?.id, error?.error?.type, error?.error?.condition], [id, 'cancel', 'service-unavailable']);
    });
  });

  async function explained(use: () => Promise<void>): Promise<void> {
    try {
      await use();
    } catch (error) {
      for (const log of [pair.log(), prosody.log(), kamailio.log()]) console.error(log.slice(-5_000));
      throw error;
    }
  }
});

function localpart(address: string): string {
  return address.split('@')[0] ?? '';
}
