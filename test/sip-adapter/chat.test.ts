// A chat in both directions between the SIP adapter and a front end (sip-dialect §5).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { usualTexts } from '../../shared/user-texts.ts';
import { ann, bob, passed, startRig, text } from './rig.ts';

test('the first text opens a conversation with INVITE, shows in it, and follows as MESSAGE', async () => {
  const rig = await startRig();
  let written = 0;
  const outcome = await rig.deliver(text('Good morning 🌻\nשלום'), { written: () => written++ });
  assert.equal(outcome.state, 'delivered');
  assert.equal(written, 1);
  assert.equal((await rig.bob.nextInvite()).preview, 'Good morning 🌻\nשלום');
  const message = await rig.bob.nextMessage();
  assert.deepEqual([message.from, message.text, message.inDialog], [ann, 'Good morning 🌻\nשלום', true]);
  assert.deepEqual(rig.frontEnd.violations(), []);
});

test('a client that took the first text from the INVITE gets no MESSAGE with it', async () => {
  const rig = await startRig();
  rig.frontEnd.textFormatTaken(true);
  assert.equal((await rig.deliver(text('one'))).state, 'delivered');
  assert.equal((await rig.deliver(text('two'))).state, 'delivered');
  const kinds = rig.bob.received().map((each) => (each.kind === 'message' ? each.text : each.kind));
  assert.deepEqual(kinds, ['invite', 'two']);
  assert.deepEqual(rig.frontEnd.violations(), []);
});

test('who delivers is told how SIP knows the message: the Call-ID and its CSeq', async () => {
  const rig = await startRig();
  const first = await rig.deliver(text('one'));
  const second = await rig.deliver(text('two'));
  const [callId, cseq] = (first.state === 'delivered' ? first.callId : undefined)?.split(' ') ?? [];
  assert.match(callId ?? '', /^\S{16,}$/);
  assert.deepEqual(second, { state: 'delivered', callId: `${callId} ${Number(cseq) + 1}` });
});

test('texts of a conversation arrive in order though nobody waits for the one before', async () => {
  const rig = await startRig();
  const words = Array.from({ length: 20 }, (_, i) => `word ${i}`);
  const outcomes = await Promise.all(words.map((word) => rig.deliver(text(word))));
  assert.ok(outcomes.every((outcome) => outcome.state === 'delivered'));
  const texts = rig.bob.received().flatMap((each) => (each.kind === 'message' ? [each.text] : []));
  assert.deepEqual(texts, words);
  assert.equal(rig.bob.received().filter((each) => each.kind === 'invite').length, 1);
  assert.deepEqual(rig.frontEnd.violations(), []);
});

test('more than 32 texts that wait for one conversation are refused', async () => {
  const rig = await startRig();
  rig.frontEnd.delayAnswers(50);
  const outcomes = await Promise.all(Array.from({ length: 33 }, () => rig.deliver(text('x'))));
  const refused = outcomes.filter((outcome) => outcome.state === 'refused');
  assert.deepEqual(refused, [{ state: 'refused', refusal: { code: 'queue-full' } }]);
});

test('a text that may be a repetition says so', async () => {
  const rig = await startRig();
  await rig.deliver(text('did this arrive?'), { again: true });
  assert.equal((await rig.bob.nextMessage()).text, `${usualTexts.repeated}did this arrive?`);
});

test('a text above the size of a client arrives in numbered parts', async () => {
  const rig = await startRig();
  const long = 'all work and no play '.repeat(700);
  assert.equal((await rig.deliver(text(long))).state, 'delivered');
  const texts = rig.bob.received().flatMap((each) => (each.kind === 'message' ? [each.text] : []));
  assert.equal(texts.length, 3);
  assert.ok(texts.every((part, i) => part.startsWith(`[${i + 1}/3] `) && Buffer.byteLength(part) < 8192));
  assert.equal(texts.map((part) => part.slice(6)).join(''), long);
});

test('what a Skype user writes becomes a packet, and its delivery the 200', async () => {
  const rig = await startRig();
  const answer = await rig.bob.say(ann, 'Good evening\nAnn');
  assert.equal(answer.status, 200);
  const packet = await rig.packet(0);
  assert.equal(packet.from.bare, bob);
  assert.equal(packet.to.bare, ann);
  assert.equal(packet.content.kind === 'message' && packet.content.body, 'Good evening\nAnn');
  assert.equal(packet.content.kind === 'message' && packet.content.type, 'chat');
  assert.equal((await rig.bob.say(ann, 'again')).status, 200);
  const second = await rig.packet(1);
  assert.equal(threadOf(second), threadOf(packet));
  assert.notEqual(second.id, packet.id);
  assert.deepEqual(rig.frontEnd.violations(), []);
});

test('the answer to a Skype user goes into the dialog that the user has opened', async () => {
  const rig = await startRig();
  await rig.bob.say(ann, 'are you there?');
  assert.equal((await rig.deliver(text('yes'))).state, 'delivered');
  assert.equal((await rig.bob.nextMessage()).text, 'yes');
  assert.equal(rig.bob.received().filter((each) => each.kind === 'invite').length, 0);
  assert.deepEqual(rig.frontEnd.violations(), []);
});

test('HTML and multipart texts arrive as plain text', async () => {
  const rig = await startRig();
  rig.frontEnd.writeAs('html');
  await rig.bob.say(ann, 'one <two> & three');
  rig.frontEnd.writeAs('multipart');
  await rig.bob.say(ann, 'four');
  const bodies = rig.accepted.map((packet) => (packet.content.kind === 'message' ? packet.content.body : ''));
  assert.deepEqual(bodies, ['one <two> & three', 'four']);
});

test('a page-mode MESSAGE is taken', async () => {
  const rig = await startRig();
  assert.equal((await rig.bob.page(ann, 'page')).status, 200);
  const packet = await rig.packet(0);
  assert.equal(packet.content.kind === 'message' && packet.content.type, 'normal');
});

test('texts of one dialog are judged in the order in which they were said', async () => {
  const order: string[] = [];
  const rig = await startRig({
    judge: async (packet) => {
      const body = packet.content.kind === 'message' ? packet.content.body : '';
      // The first one takes longest.
      await new Promise((resolve) => setTimeout(resolve, body === 'a' ? 80 : 1));
      order.push(body);
      return passed(packet);
    },
  });
  await rig.bob.say(ann, 'hello');
  await Promise.all([rig.bob.say(ann, 'a'), rig.bob.say(ann, 'b'), rig.bob.say(ann, 'c')]);
  assert.deepEqual(order, ['hello', 'a', 'b', 'c']);
});

test('typing shows in both directions, and never opens a conversation', async () => {
  const rig = await startRig();
  const composing = { kind: 'chat-state', state: 'composing' } as const;
  assert.equal((await rig.deliver(composing)).state, 'delivered');
  assert.equal(rig.bob.received().length, 0);
  await rig.bob.say(ann, 'hello');
  await rig.deliver(composing);
  assert.equal((await rig.bob.nextTyping()).state, 'type');
  await rig.deliver(composing);
  await rig.deliver({ kind: 'chat-state', state: 'paused' });
  // The second `composing` within 5 s was left out.
  assert.equal((await rig.bob.nextTyping()).state, 'idle');
  assert.equal((await rig.bob.type(ann, 'type')).status, 200);
  assert.equal((await rig.bob.type(ann, 'idle')).status, 200);
  const states = [await rig.packet(1), await rig.packet(2)].map((packet) =>
    packet.content.kind === 'chat-state' ? packet.content.state : '',
  );
  assert.deepEqual(states, ['composing', 'paused']);
  assert.deepEqual(rig.frontEnd.violations(), []);
});

test('a late failure reaches the writer as a text from the contact, with its incident', async () => {
  const rig = await startRig();
  await rig.bob.say(ann, 'hello');
  await rig.deliver({
    kind: 'bounce',
    ofId: 'x',
    ofKind: 'message',
    code: 'partner-unreachable',
    publicText: '',
    incident: '4711',
  });
  const message = await rig.bob.nextMessage();
  assert.equal(message.from, ann);
  assert.match(message.text, /^Your message was not delivered: .*\(incident 4711\)$/);
  assert.doesNotMatch(message.text, /example|gw\./);
});

test('what SIP has no way to say is refused as not carried', async () => {
  const rig = await startRig();
  const outcome = await rig.deliver({ kind: 'probe' });
  assert.deepEqual(outcome, { state: 'refused', refusal: { code: 'not-carried' } });
});

function threadOf(packet: { readonly content: { readonly kind: string } }): string {
  return 'thread' in packet.content && typeof packet.content.thread === 'string' ? packet.content.thread : '';
}
