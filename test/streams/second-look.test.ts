// A certificate is looked at again while its stream lives, the whole path of it (xmpp-boundary T12).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { issueAuthority, issueCertificate } from '../../deploy/certificates/issue.ts';
import { connectedClient } from './scripted-peer.ts';
import { partner, policyOf, serve } from './setting.ts';

// A minute has gone by already when a CA is issued, and certificates count in seconds.
const secondsLeft = (seconds: number): number => (60 + seconds) / 86_400;

test('a stream ends when a CA above its certificate expires, although the certificate itself would go on', async (t) => {
  const authority = issueAuthority({ name: 'a CA at its end', days: secondsLeft(3) });
  const theirs = issueCertificate(authority, { dns: ['out.example'] });
  const policy = policyOf(partner('out.example', 1, [authority.certPem]));
  const { listener } = await serve({ policy: () => policy, times: { recheck: 100 } });
  t.after(() => listener.stop('system-shutdown'));
  const peer = await connectedClient(listener.port, theirs);
  assert.equal(listener.streams().length, 1);
  const end = Date.now() + 6_000;
  let words = '';
  while (!words.includes('</stream:stream>') && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    words += peer.heard();
  }
  assert.match(words, /<stream:error><reset /);
});
