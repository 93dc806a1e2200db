// The partner doctor through the wall: the inside asks, the proxy finds, and every word arrives.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FindingCode } from '../../dmz-proxy/doctor/findings.ts';
import { findings, found } from '../../dmz-proxy/doctor/findings.ts';
import type { Finding } from '../../shared/finding.ts';
import { filesOfBothEnds, gatewayUri, openInside, openOutside, proxyUri, until } from './two-ends.ts';

const { outsideFiles, insideFiles } = filesOfBothEnds();

type Asked = { readonly domain: string; readonly from: string; readonly by: string };

async function link(diagnose: (question: { domain: string; from: string }, by: string) => AsyncIterable<Finding>) {
  const outside = await openOutside({ files: outsideFiles, diagnose });
  const inside = await openInside({ files: insideFiles, port: outside.port });
  await until('the link', () => inside.status().every(({ state }) => state === 'up'));
  return {
    inside,
    async [Symbol.asyncDispose]() {
      await inside.stop();
      await outside.close();
    },
  };
}

test('every finding of the table crosses the wall as it is, and the proxy knows who asks', async () => {
  const all = Object.keys(findings).flatMap((code) => {
    const known = codeOf(code);
    return known === undefined ? [] : [found(known, `${code}: für out.example → ok`, { at: '[2001:db8::1]:5269' })];
  });
  const asked: Asked[] = [];
  await using wall = await link(async function* (question, by) {
    asked.push({ ...question, by });
    yield* all;
  });
  const { diagnoses, troubles } = await wall.inside.diagnose({ domain: 'out.example', from: 'in.example' });
  assert.deepEqual(troubles, []);
  assert.deepEqual(diagnoses[0]?.findings, all);
  assert.equal(diagnoses[0]?.proxy, 'proxy-1');
  assert.deepEqual(asked, [{ domain: 'out.example', from: 'in.example', by: gatewayUri }]);
});

test('a doctor that falls over is told as trouble, and the link lives on', async () => {
  await using wall = await link(async function* () {
    yield found('on-our-list', 'so far so good');
    throw new Error('a fault');
  });
  const { diagnoses, troubles } = await wall.inside.diagnose({ domain: 'out.example', from: '' });
  assert.deepEqual(diagnoses, []);
  assert.match(troubles.join(), /proxy-1: the proxy could not be asked: .*a fault of our own/);
  assert.doesNotMatch(troubles.join(), /a fault$/);
  assert.ok(wall.inside.status().every(({ state }) => state === 'up'));
});

test('a diagnosis that is none, has no end, or would steer a terminal harms nobody (I4)', async () => {
  const says = `\u001b[31m\u202e${'x'.repeat(100_000)}`;
  const good = found('port-open', 'fine');
  let hostile: readonly Finding[] = [];
  let sent = 0;
  await using wall = await link(async function* () {
    for (const each of hostile) {
      sent += 1;
      yield each;
    }
  });
  const ask = () => wall.inside.diagnose({ domain: 'out.example', from: '' });
  hostile = [{ ...good, at: says, says, mend: says }];
  const [cleaned] = (await ask()).diagnoses;
  for (const text of [cleaned?.findings[0]?.at, cleaned?.findings[0]?.says, cleaned?.findings[0]?.mend]) {
    assert.doesNotMatch(text ?? '', /[\p{C}\p{Zl}\p{Zp}]/u);
    assert.ok((text ?? '').length <= 500);
  }
  for (const wrong of [{ code: '<b>' }, { code: 'x'.repeat(65) }, { level: 'LEVEL' }, { who: '' }, { topic: 77 }]) {
    hostile = [{ ...good, ...wrong } as Finding];
    const { diagnoses, troubles } = await ask();
    assert.deepEqual(diagnoses, []);
    assert.match(troubles.join(), /no diagnosis; is it of the same version/);
  }
  hostile = Array.from({ length: 100_000 }, () => good);
  sent = 0;
  assert.match((await ask()).troubles.join(), /no diagnosis/);
  await until('the proxy has noticed that nobody listens', () => sent > 0);
  assert.ok(wall.inside.status().every(({ state }) => state === 'up'));
});

test('without a link that is said', async () => {
  const inside = await openInside({ files: insideFiles, port: 1 });
  const { diagnoses, troubles } = await inside.diagnose({ domain: 'out.example', from: '' });
  assert.deepEqual([diagnoses, troubles], [[], [`${proxyUri}: it is not connected`]]);
  await inside.stop();
});

function codeOf(code: string): FindingCode | undefined {
  return code in findings ? (code as FindingCode) : undefined;
}
