// An old TLS session shown again, after the certificate behind it is trusted no more (T6, T12, invariant I9).
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { TLSSocket } from 'node:tls';
import { issueAuthority } from '../../deploy/certificates/issue.ts';
import { until } from '../pair/whole-site.ts';
import type { Peer } from '../streams/scripted-peer.ts';
import { directTls, refusedWith, startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack();
const sessions: { version: 'TLSv1.2' | 'TLSv1.3'; session: Buffer }[] = [];

function secured(peer: Peer): TLSSocket {
  assert.ok(peer.socket instanceof TLSSocket);
  return peer.socket;
}

test('no session is taken up again, whatever the peer kept of it', async () => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const first = await directTls(site, { maxVersion: version });
    await first.hear('</stream:features>');
    const session = secured(first).getSession();
    assert.ok(session);
    sessions.push({ version, session });
    const again = await directTls(site, { maxVersion: version, session });
    await again.hear('</stream:features>');
    assert.equal(secured(again).isSessionReused(), false);
    first.socket.destroy();
    again.socket.destroy();
  }
});

test('when the trust is gone, the open stream ends with reset and old sessions are of no use', async () => {
  const stream = await site.openStream();
  const other = issueAuthority({ name: 'The new CA of out.example' });
  writeFileSync(join(site.lab.policyDir, 'trust', 'out.example.pem'), other.certPem);
  await until('the policy is in force', () => site.pair.log('proxy').includes('a new policy is in force'), 15_000);
  await until('the stream has ended', () => stream.isClosed() || /reset/.test(stream.heard()), 15_000);
  stream.socket.destroy();
  for (const { version, session } of sessions) {
    const peer = await directTls(site, { maxVersion: version, session });
    assert.equal(secured(peer).isSessionReused(), false);
    assert.doesNotMatch(await refusedWith(peer, 'not-authorized'), /EXTERNAL/);
  }
});

test('a hundred attempts with old sessions change nothing for the others', async () => {
  await site.staysFlat(() =>
    site.keepsAnswering(async () => {
      for (let i = 0; i < 100; i++) {
        const peer = await directTls(site, { maxVersion: 'TLSv1.2', session: sessions[0]!.session });
        await refusedWith(peer, 'not-authorized');
      }
    }),
  );
  assert.deepEqual(site.delivered(), []);
});
