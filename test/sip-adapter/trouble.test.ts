// What goes wrong between the SIP adapter and a front end, and what each side is told (errors.md, sip-dialect §5, §9).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RefusalCode } from '../../shared/refusals.ts';
import { usualTexts } from '../../shared/user-texts.ts';
import { ann, bob, passed, startAdapter, startRig, text } from './rig.ts';

const invited: readonly (readonly [number, Record<string, string>, RefusalCode])[] = [
  [403, {}, 'far-refuses'],
  [404, {}, 'far-refuses'],
  [404, { 'ms-diagnostics': '1005;reason="Cannot route";source="pool.in.example"' }, 'partner-not-found'],
  [480, {}, 'far-away'],
  [486, {}, 'far-away'],
  [488, {}, 'far-not-acceptable'],
  [503, {}, 'far-busy'],
  [603, {}, 'far-away'],
  [606, {}, 'far-not-acceptable'],
];
for (const [status, headers, code] of invited) {
  const diagnostics = Object.values(headers).join();
  test(`an INVITE answered ${status} ${diagnostics} is refused as ${code}`, async () => {
    const rig = await startRig();
    rig.frontEnd.answerInvitesWith(bob, status, headers);
    assert.deepEqual(await rig.deliver(text('hello')), { state: 'refused', refusal: { code } });
    assert.deepEqual(rig.frontEnd.violations(), []);
  });
}

const said: readonly (readonly [number, Record<string, string>, RefusalCode])[] = [
  [403, {}, 'far-refuses'],
  [415, {}, 'far-not-acceptable'],
  [500, {}, 'far-fault'],
  [606, { Warning: '309 pool.in.example "filtered"' }, 'far-filtered'],
];
for (const [status, headers, code] of said) {
  test(`a MESSAGE answered ${status} is refused as ${code}, and the dialog stays`, async () => {
    const rig = await startRig();
    await rig.deliver(text('hello'));
    rig.frontEnd.answerMessagesWith(bob, status, headers, 1);
    assert.deepEqual(await rig.deliver(text('no')), { state: 'refused', refusal: { code } });
    assert.equal((await rig.deliver(text('yes'))).state, 'delivered');
    assert.equal(rig.bob.received().filter((each) => each.kind === 'invite').length, 1);
    assert.deepEqual(rig.frontEnd.violations(), []);
  });
}

for (const status of [481, 480, 408]) {
  test(`a dialog that answers ${status} is dead: the text goes out once more by a new INVITE`, async () => {
    const rig = await startRig();
    await rig.deliver(text('hello'));
    rig.frontEnd.answerMessagesWith(bob, status, {}, 1);
    assert.equal((await rig.deliver(text('again'))).state, 'delivered');
    const texts = rig.bob.received().flatMap((each) => (each.kind === 'message' ? [each.text] : []));
    // After 408 nobody knows whether it was shown.
    assert.deepEqual(texts, ['hello', status === 408 ? `${usualTexts.repeated}again` : 'again']);
    assert.equal(rig.bob.received().filter((each) => each.kind === 'invite').length, 2);
  });
}

test('a dialog that is dead twice is given up as far-away', async () => {
  const rig = await startRig();
  await rig.deliver(text('hello'));
  rig.frontEnd.answerMessagesWith(bob, 481);
  assert.deepEqual(await rig.deliver(text('again')), { state: 'refused', refusal: { code: 'far-away' } });
});

test('491 is tried once more after a random wait', async () => {
  const rig = await startRig();
  await rig.deliver(text('hello'));
  rig.frontEnd.answerMessagesWith(bob, 491, {}, 1);
  assert.equal((await rig.deliver(text('again'))).state, 'delivered');
  rig.frontEnd.answerMessagesWith(bob, 491, {}, 2);
  assert.deepEqual(await rig.deliver(text('again')), { state: 'refused', refusal: { code: 'far-pending' } });
});

test('a short Retry-After is obeyed, a long one is passed on', async () => {
  const rig = await startRig();
  await rig.deliver(text('hello'));
  rig.frontEnd.answerMessagesWith(bob, 503, { 'Retry-After': '1' }, 1);
  assert.equal((await rig.deliver(text('again'))).state, 'delivered');
  rig.frontEnd.answerMessagesWith(bob, 503, { 'Retry-After': '600' }, 1);
  assert.deepEqual(await rig.deliver(text('again')), { state: 'refused', refusal: { code: 'far-busy' } });
});

test('after BYE from Skype the next text opens a new conversation', async () => {
  const rig = await startRig();
  await rig.deliver(text('one'));
  await rig.bob.hangUp(ann);
  assert.equal((await rig.deliver(text('two'))).state, 'delivered');
  assert.equal(rig.bob.received().filter((each) => each.kind === 'invite').length, 2);
  assert.equal((await rig.bob.say(ann, 'three')).status, 200);
  assert.deepEqual(rig.frontEnd.violations(), []);
});

test('connections that break are made anew, and the dialog lives on', async () => {
  const rig = await startRig();
  await rig.deliver(text('one'));
  rig.frontEnd.dropConnections();
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal((await rig.deliver(text('two'))).state, 'delivered');
  // In-dialog, on a connection that was not there when the dialog was made.
  assert.equal((await rig.bob.say(ann, 'three')).status, 200);
  assert.equal(rig.bob.received().filter((each) => each.kind === 'invite').length, 1);
  assert.deepEqual(rig.frontEnd.violations(), []);
});

test('a front end that restarts and knows nothing gets the next text by a new INVITE', async () => {
  const rig = await startRig();
  await rig.deliver(text('one'));
  const next = await rig.restart();
  // Long enough to notice; a text sent before that goes out again as repeated.
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal((await rig.deliver(text('two'))).state, 'delivered');
  assert.equal((await next.user(bob).nextMessage()).text, 'two');
});

test('a connection that breaks while a text is out makes it go out again, marked as repeated', async () => {
  const rig = await startRig();
  await rig.deliver(text('one'));
  rig.frontEnd.delayAnswers(300);
  const outcome = rig.deliver(text('two'));
  await new Promise((resolve) => setTimeout(resolve, 100));
  rig.frontEnd.dropConnections();
  rig.frontEnd.delayAnswers(0);
  assert.equal((await outcome).state, 'delivered');
  const texts = rig.bob.received().flatMap((each) => (each.kind === 'message' ? [each.text] : []));
  assert.ok(texts.includes(`${usualTexts.repeated}two`));
});

test('when both call at the same time, both are accepted and the newer dialog is spoken in', async () => {
  const rig = await startRig();
  rig.frontEnd.delayAnswers(150);
  const outcome = rig.deliver(text('from ann'));
  await rig.bob.nextInvite();
  assert.equal((await rig.bob.say(ann, 'from bob')).status, 200);
  assert.equal((await outcome).state, 'delivered');
  await rig.bob.nextBye();
  assert.equal((await rig.deliver(text('one more'))).state, 'delivered');
  assert.equal(rig.bob.conversations(), 1);
});

test('a call that nobody picks up in time is taken back', async () => {
  let offset = 0;
  const rig = await startRig({ offsetMs: () => offset });
  rig.frontEnd.delayAnswers(2_500);
  const outcome = rig.deliver(text('hello'));
  await rig.bob.nextInvite();
  offset = 61_000;
  assert.deepEqual(await outcome, { state: 'refused', refusal: { code: 'partner-unreachable' } });
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(rig.frontEnd.log().some((entry) => entry.direction === 'in' && entry.text.startsWith('CANCEL ')));
});

test('a silent conversation is ended with BYE', async () => {
  let offset = 0;
  const rig = await startRig({ offsetMs: () => offset });
  await rig.deliver(text('hello'));
  offset = 10 * 60_000 + 1_000;
  await rig.bob.nextBye();
  assert.deepEqual(rig.frontEnd.violations(), []);
});

test('stopping says BYE to every conversation, and refuses what is still to be delivered', async () => {
  const rig = await startRig();
  await rig.deliver(text('hello'));
  await rig.deliver(text('hello'), { to: 'eve@in.example' });
  rig.frontEnd.delayAnswers(5_000);
  const late = rig.deliver(text('late'), { from: 'carol@out.example' });
  await rig.bob.nextInvite();
  await rig.bob.nextInvite();
  await rig.adapter.stop();
  await rig.bob.nextBye();
  await rig.frontEnd.user('eve@in.example').nextBye();
  assert.deepEqual(await late, { state: 'refused', refusal: { code: 'shutting-down' } });
  const after = await rig.deliver(text('too late'));
  assert.deepEqual(after, { state: 'refused', refusal: { code: 'shutting-down' } });
});

const refusedAs: readonly (readonly [RefusalCode, number])[] = [
  ['not-permitted', 403],
  ['user-unknown', 403],
  ['partner-unknown', 404],
  ['partner-unreachable', 504],
  ['content-refused', 606],
  ['rate-exceeded', 503],
  ['far-away', 480],
];
for (const [code, status] of refusedAs) {
  test(`a text refused as ${code} is answered ${status} with diagnostics`, async () => {
    const rig = await startRig({ judge: () => ({ passed: false, refusal: { code, note: 'secret', incident: '42' } }) });
    const answer = await rig.bob.say(ann, 'hello');
    assert.equal(answer.status, status);
    assert.match(
      answer.diagnostics ?? '',
      new RegExp(`^24${status};reason="[^"]*incident 42";source="gw.out.example"$`),
    );
    assert.doesNotMatch(answer.diagnostics ?? '', /secret/);
    if (status === 606) assert.match(answer.headers.get('warning') ?? '', /^309 /);
    if (status === 503) assert.ok(Number(answer.headers.get('retry-after')) > 0);
    assert.deepEqual(rig.frontEnd.violations(), []);
  });
}

test('nobody learns from a refusal whether a user exists', async () => {
  const answers = [];
  for (const code of ['not-permitted', 'user-unknown'] as const) {
    const rig = await startRig({ judge: () => ({ passed: false, refusal: { code } }) });
    const answer = await rig.bob.say(ann, 'hello');
    answers.push([answer.status, answer.diagnostics]);
  }
  assert.deepEqual(answers[0], answers[1]);
});

test('a federation peer gets 403 for refused content, and no host name', async () => {
  const rig = await startRig({
    peer: { dialect: 'federation' },
    judge: () => ({ passed: false, refusal: { code: 'content-refused' } }),
  });
  const answer = await rig.bob.say(ann, 'hello');
  assert.equal(answer.status, 403);
  assert.equal(answer.headers.get('ms-diagnostics'), undefined);
  assert.equal(answer.headers.get('ms-diagnostics-public'), '24403;reason="Forbidden"');
});

test('a refusal that comes with the news is the final response', async () => {
  const rig = await startRig({
    judge: (packet) => passed(packet, { state: 'refused', refusal: { code: 'far-unknown' } }),
  });
  assert.equal((await rig.bob.say(ann, 'hello')).status, 404);
});

test('a text that is kept is answered 200', async () => {
  const rig = await startRig({ judge: (packet) => passed(packet, { state: 'kept' }) });
  assert.equal((await rig.bob.say(ann, 'hello')).status, 200);
});

test('a broker that throws is answered 500', async () => {
  const rig = await startRig({
    judge: () => {
      throw new Error('a bug');
    },
  });
  assert.equal((await rig.bob.say(ann, 'hello')).status, 500);
});

test('without any connection a text is refused as network-away', async () => {
  let offset = 0;
  const rig = await startAdapter({ offsetMs: () => offset });
  const outcome = rig.deliver(text('hello'));
  assert.equal(rig.adapter.status()[0]?.state === 'up', false);
  await new Promise((resolve) => setTimeout(resolve, 20));
  offset = 11_000;
  assert.deepEqual(await outcome, { state: 'refused', refusal: { code: 'network-away' } });
});
