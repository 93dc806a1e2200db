// The wall between the two halves: who may come in, and what crosses.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { issueAuthority, issueCrl } from '../../deploy/certificates/issue.ts';
import type { Packet } from '../../shared/packet.ts';
import {
  authority,
  filesOfBothEnds,
  gatewayUri,
  kept,
  linkFiles,
  message,
  openInside,
  openOutside,
  until,
} from './two-ends.ts';

const { folder, outsideFiles, insideFiles } = filesOfBothEnds();

test('a packet goes in, is kept, and its end comes back', async () => {
  const came: Packet[] = [];
  const outside = await openOutside({ files: outsideFiles });
  const inside = await openInside({
    files: insideFiles,
    port: outside.port,
    accept: async (packet, origin) => {
      assert.equal(origin.network, 'xmpp');
      came.push(packet);
      return kept(packet);
    },
  });
  const ends: string[] = [];
  outside.toInside.send(
    message('a-1', 'ann@out.example/desk', 'bob@in.example', 'Good morning ☀'),
    (settlement, taken) => ends.push(`${settlement.state} taken=${taken}`),
  );
  await until('the end', () => ends.length === 1);
  assert.deepEqual(ends, ['delivered taken=true']);
  assert.equal(came[0]?.content.kind === 'message' && came[0].content.body, 'Good morning ☀');
  assert.equal(came[0]?.from.resource, 'desk');
  await inside.stop();
  await outside.close();
});

test('a refusal at the door comes back with its code, its public text and its incident, untaken', async () => {
  const outside = await openOutside({ files: outsideFiles });
  const refusal = {
    code: 'content-refused',
    publicText: 'not this word',
    lang: 'de',
    incident: 'i-77',
    note: 'a secret note',
  } as const;
  const inside = await openInside({
    files: insideFiles,
    port: outside.port,
    accept: async () => ({ passed: false, refusal }),
  });
  const ends: unknown[] = [];
  outside.toInside.send(message('b-1', 'ann@out.example', 'bob@in.example', 'x'), (settlement, taken) =>
    ends.push([settlement, taken]),
  );
  await until('the refusal', () => ends.length === 1);
  const { note: _, ...told } = refusal;
  assert.deepEqual(ends, [[{ state: 'refused', refusal: { ...told, stage: 'across-the-wall' } }, false]]);
  await inside.stop();
  await outside.close();
});

test('a packet goes out: written first, delivered after', async () => {
  const news: string[] = [];
  const outside = await openOutside({
    files: outsideFiles,
    receive: (_packet, again, told) => {
      news.push(`came again=${again}`);
      told.taken();
      setTimeout(() => told.settled({ state: 'delivered' }), 30);
    },
  });
  const inside = await openInside({ files: insideFiles, port: outside.port });
  const end = await inside.deliver({
    packet: message('c-1', 'bob@in.example', 'ann@out.example', 'Hello'),
    again: false,
    written: () => news.push('written'),
  });
  assert.equal(end.state, 'delivered');
  assert.deepEqual(news, ['came again=false', 'written']);
  await inside.stop();
  await outside.close();
});

test('a gateway whose certificate has another name is turned away, and learns why it has no link', async () => {
  const outside = await openOutside({ files: outsideFiles });
  const inside = await openInside({
    files: linkFiles(folder, authority, 'stranger', 'spiffe://sallyport/stranger'),
    port: outside.port,
  });
  await until('the trouble is told', () => inside.status()[0]?.detail !== '');
  assert.equal(inside.status()[0]?.state, 'down');
  assert.equal(
    [...outside.peers.values()].some((peer) => peer.facts().up),
    false,
  );
  await inside.stop();
  await outside.close();
});

test('a gateway of another CA is turned away', async () => {
  const outside = await openOutside({ files: outsideFiles });
  const foreign = { ...linkFiles(folder, issueAuthority({ name: 'Foreign' }), 'foreign', gatewayUri) };
  const inside = await openInside({ files: foreign, port: outside.port });
  await until('the trouble is told', () => inside.status()[0]?.detail !== '');
  assert.match(inside.status()[0]?.detail ?? '', /certificate|issued|signature|UNAVAILABLE/i);
  await inside.stop();
  await outside.close();
});

test('a proxy whose certificate has another name is not talked to', async () => {
  const outside = await openOutside({ files: linkFiles(folder, authority, 'false-proxy', 'spiffe://sallyport/false') });
  const inside = await openInside({ files: insideFiles, port: outside.port });
  await until('the trouble is told', () => inside.status()[0]?.detail !== '');
  assert.match(
    inside.status()[0]?.detail ?? '',
    /spiffe:\/\/sallyport\/false, link\.proxies says spiffe:\/\/sallyport\/proxy-1/,
  );
  await inside.stop();
  await outside.close();
});

test('a revoked gateway is cut off and stays off; the renewed list alone does that, without a restart', async () => {
  const crlFile = join(folder.path, 'link.crl');
  writeFileSync(crlFile, await issueCrl(authority, []));
  const outside = await openOutside({ files: { ...outsideFiles, crlFile } });
  const inside = await openInside({ files: insideFiles, port: outside.port });
  await until('the link is up', () => inside.status()[0]?.state === 'up');
  writeFileSync(crlFile, await issueCrl(authority, [readFileSync(insideFiles.certFile, 'utf8')]));
  await until('the link is down', () => inside.status()[0]?.state === 'down', 15_000);
  await until(
    'the reason is told',
    () => /may not take our certificate .*revoked/i.test(inside.status()[0]?.detail ?? ''),
    10_000,
  );
  await inside.stop();
  await outside.close();
});

test('what the proxies tell of their partners is seen inside', async () => {
  const outside = await openOutside({ files: outsideFiles });
  const inside = await openInside({ files: insideFiles, port: outside.port });
  await until('the partner is seen', () =>
    inside.partners().some((state) => state.domain === 'out.example' && state.waiting === 3),
  );
  const [state] = inside.partners();
  assert.deepEqual(state?.policy, { published: 'new?[31m', received: '', verified: '', active: 'old' });
  await inside.stop();
  await outside.close();
});
