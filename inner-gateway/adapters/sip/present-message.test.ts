// What XMPP says beyond text reaches Skype users as words, and nothing of it as anybody's name.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseJid } from '@sallyport/shared/address/jid.ts';
import type { Message } from '@sallyport/shared/packet.ts';
import { markingLine } from '@sallyport/shared/policy/marking-line.ts';
import { usualTexts } from '@sallyport/shared/user-texts.ts';
import { presentMessage, type Times, type Words } from './present-message.ts';

const now = Date.UTC(2026, 0, 2, 3, 4, 5);
const promptly = { at: now, delayed: false, now };

const words: Words = { text: (name) => usualTexts[name], marking: '' };

function read(message: Partial<Message>, times: Times = promptly): string {
  const content = { kind: 'message', type: 'chat', body: '', ...message } as const;
  const from = parseJid('ann@out.example')!;
  return presentMessage(content, times, { ...words, marking: markingLine({ from, content }, {}, '') });
}

function read1(url: string, description: string, body = ''): string {
  return read({ body, links: [{ url, description }] });
}

suite('a message', () => {
  test('is its body, to the last blank', () => assert.equal(read({ body: ' a\n b ' }), ' a\n b '));
  test('has its subject on a line before it', () => assert.equal(read({ subject: 's', body: 'b' }), 's\nb'));
  test('may be a subject alone', () => assert.equal(read({ subject: 's' }), 's'));
  test('says that it corrects', () => assert.equal(read({ body: 'b', replaces: 'm0' }), '[correction] b'));
  test('that was kept on its way says when it was sent, unless that was just now', () => {
    const minute = 60_000;
    assert.equal(read({ body: 'b' }, { at: now - minute, delayed: true, now }), '[sent 2026-01-02 03:03 UTC] b');
    assert.equal(
      read({ body: 'b', subject: 's', replaces: 'm0' }, { at: 0, delayed: true, now }),
      's\n[sent 1970-01-01 00:00 UTC] [correction] b',
    );
    assert.equal(read({ body: 'b' }, { at: now - minute + 1, delayed: true, now }), 'b');
    assert.equal(read({ body: 'b' }, { at: now - minute, delayed: false, now }), 'b');
  });
  test('has its links behind it', () => {
    assert.equal(read1('https://a.example/', '', 'b'), 'b\nhttps://a.example/');
    assert.equal(read1('https://a.example/', 'A file', 'b'), 'b\nA file: https://a.example/');
    assert.equal(read1('https://a.example/', ''), 'https://a.example/');
  });
  test('does not say a link twice, but the beginning of a link is not the link', () => {
    assert.equal(read1('https://a.example/', '', 'see https://a.example/ please'), 'see https://a.example/ please');
    assert.equal(read1('https://a.example/', 'd', 'see\nhttps://a.example/'), 'see\nhttps://a.example/\nd');
    assert.equal(read1('https://a.example/x', '', 'https://a.example/xy'), 'https://a.example/xy\nhttps://a.example/x');
  });
  test('has its label before all else', () => {
    const marking = { scheme: 'uk', level: 'restricted', caveats: ['RECIPIENTS ONLY'] } as const;
    const shown = 'UK OFFICIAL-SENSITIVE RECIPIENTS ONLY';
    const rest = { subject: 's', body: 'b', replaces: 'm0' };
    assert.equal(read({ label: { marking }, ...rest }), `[${shown}]\ns\n[correction] b`);
    const label = { marking, privacyMark: 'of the desk' };
    assert.equal(read({ label, ...rest }), `[${shown} – of the desk]\ns\n[correction] b`);
  });
  test('shows no name of its own, no ids, no other languages', () => {
    const reply = { to: 'bob@in.example', id: 'm0', quotedStart: 0, quotedEnd: 1 };
    const otherLanguages = [{ lang: 'fr', text: 'f' }];
    assert.equal(read({ body: 'b', nick: 'The CEO', originId: 'o', reply, otherLanguages }), 'b');
  });
  test('with nothing to show is empty', () => assert.equal(read({}), ''));
  test('shows sixteen links at most', () => {
    const links = Array.from({ length: 40 }, (_, i) => ({ url: `https://a.example/${i}`, description: '' }));
    assert.equal(read({ links }).split('\n').length, 16);
  });
});

suite('what is no message', () => {
  test('reactions', () => {
    const reactions = (...emojis: string[]) =>
      presentMessage({ kind: 'reactions', toId: 'm0', emojis }, promptly, words);
    assert.equal(reactions('👍', '🎉'), '[reacted 👍 🎉 to a message]');
    assert.equal(reactions(), '[took back a reaction to a message]');
    assert.equal(reactions(...'abcdefghijklm'), '[reacted a b c d e f g h i j to a message]');
  });
  test('a retraction', () => {
    assert.equal(
      presentMessage({ kind: 'retraction', ofId: 'm0' }, promptly, words),
      '[took back a message; what was delivered stays]',
    );
  });
  test('an invitation', () => {
    const room = parseJid('plans@rooms.out.example');
    assert(room !== undefined);
    const invitation = (reason: string) => presentMessage({ kind: 'invitation', room, reason }, promptly, words);
    const invites = '[invites you to the group chat plans@rooms.out.example, which cannot be joined from here]';
    assert.equal(invitation(''), invites);
    assert.equal(invitation('come'), `${invites} come`);
  });
});
