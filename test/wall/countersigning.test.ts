// Where the proxy's audit stands goes over the wall and is written down inside (architecture §4, ChainHead).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditHead } from '../../shared/audit.ts';
import { filesOfBothEnds, openInside, openOutside, proxyUri, until } from './two-ends.ts';

const { outsideFiles, insideFiles } = filesOfBothEnds();
const head: AuditHead = { file: 'audit.jsonl', sequence: 41, hash: 'a1'.repeat(32) };

test('the inside writes down where the proxy’s audit stands, under the name that the proxy has proved', async (t) => {
  const seen: [string, AuditHead][] = [];
  const outside = await openOutside({ files: outsideFiles, auditHead: () => head });
  t.after(outside.close);
  const inside = await openInside({
    files: insideFiles,
    port: outside.port,
    witness: async (proxy, told) => void seen.push([proxy, told]),
  });
  t.after(inside.stop);
  await until('the head was told', () => seen.length > 0);
  assert.deepEqual(seen, [[proxyUri, head]]);
});

test('a head that is none ends the link and is not written down', async (t) => {
  for (const wrong of [
    { ...head, hash: 'a1' },
    { ...head, sequence: -1 },
    { ...head, file: '../../etc/passwd\n' },
  ]) {
    let witnessed = 0;
    const outside = await openOutside({ files: outsideFiles, auditHead: () => wrong });
    t.after(outside.close);
    const inside = await openInside({
      files: insideFiles,
      port: outside.port,
      witness: async () => {
        witnessed += 1;
      },
    });
    t.after(inside.stop);
    const [link] = inside.status();
    await until(
      'the link has ended for it',
      () => /a head that is none/.test(inside.status()[0]?.detail ?? ''),
      15_000,
    );
    assert.equal(witnessed, 0, JSON.stringify(link));
    await inside.stop();
    await outside.close();
  }
});
