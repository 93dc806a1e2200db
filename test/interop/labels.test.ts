// Security labels through real XMPP servers, both ways (XEP-0258): they carry what they do not understand, as RFC 6120 wants.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { missingServer, type SiteWithServers, startSiteWithServers } from './site-with-servers.ts';

const official = 'MQ4CAQEGCSsGAQQBgf1ZAQ==';
const secret = 'MQ4CAQQGCSsGAQQBgf1ZAQ==';

describe('labels', { skip: missingServer(), timeout: 120_000 }, () => {
  let all: SiteWithServers;
  before(async () => {
    all = await startSiteWithServers();
    await all.take({ host: '127.0.0.1', tls: 'starttls' }, { with: ['labels'] });
    // The gateway would take the changed policy within seconds; that is not what is tried here.
    await all.site.pair.end('gateway');
    await all.site.pair.start('gateway');
    await all.site.pair.ready();
  });
  after(() => all?.stop());

  test('each server carries them in and out, and brings back the refusal', async () => {
    const bob = all.site.insider('bob@in.example');
    for (const { kind, server, people } of all.partners) {
      const [person] = people();
      try {
        const got = bob.nextMessage({ from: person.address, within: 20_000 });
        await person.sendLabelled(bob.address, `from ${kind.name}`, 'OFFICIAL', official);
        assert.equal((await got).text, `[UK OFFICIAL]\nfrom ${kind.name}`);
        await person.sendLabelled(bob.address, 'the plan', 'UK OFFICIAL', secret);
        const refused = await person.nextError({ within: 20_000 });
        assert.equal(refused.error?.condition, 'policy-violation');
        assert.doesNotMatch(refused.raw, /securitylabel/, 'nothing of it comes back');

        assert.equal((await bob.say(person.address, 'UK OFFICIAL: see you')).status, 200);
        const { raw } = await person.nextMessage({ from: bob.address, within: 20_000 });
        assert.match(raw, /<displaymarking[^>]*>UK OFFICIAL<\/displaymarking>/);
        assert.match(
          raw,
          new RegExp(`<esssecuritylabel xmlns="urn:xmpp:sec-label:ess:0">${official}</esssecuritylabel>`),
        );
      } catch (error) {
        console.error(server.log().slice(-6_000));
        throw error;
      }
    }
  });
});
