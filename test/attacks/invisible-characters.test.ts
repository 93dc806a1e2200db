// Characters that nobody sees, to hide a word from the list or a text from its reader (xmpp-boundary §2.6).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dirtyWord } from '../lab/lab-rules.ts';
import { annAndBob } from '../pair/whole-site.ts';
import { body, message, startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack();
const { ann, bob } = annAndBob(site);
const [head, tail] = [dirtyWord.slice(0, 5), dirtyWord.slice(5)];
const fullWidth = [...dirtyWord].map((letter) => String.fromCodePoint(letter.charCodeAt(0) - 0x61 + 0xff41)).join('');

const disguised = {
  'a zero-width space': `${head}\u200b${tail}`,
  'a zero-width joiner': `${head}\u200d${tail}`,
  'a word joiner': `${head}\u2060${tail}`,
  'a byte order mark': `${head}\ufeff${tail}`,
  'a soft hyphen': `${head}\u00ad${tail}`,
  'a tag character': `${head}\u{e0061}${tail}`,
  'a variation selector': `${head}\ufe0f${tail}`,
  'a combining grapheme joiner': `${head}\u034f${tail}`,
  'an isolate': `${head}\u2066\u2069${tail}`,
  'letters of full width': fullWidth,
  capitals: dirtyWord.toUpperCase(),
  'invisible operators': `${head}\u2063\u2062${tail}`,
};
for (const [how, text] of Object.entries(disguised)) {
  test(`a forbidden word with ${how} is the forbidden word, in both directions`, async () => {
    const peer = await site.openStream();
    peer.say(message(body(`the ${text} files`), 'id="disguise"'));
    const error = await ann.nextError({ within: 5_000 });
    assert.equal(error.error?.condition, 'policy-violation');
    assert.equal((await bob.say(ann.address, `the ${text} files`)).status, 606);
    peer.socket.destroy();
    await site.onlyDelivered();
  });
}

test('what reorders a text without end is refused, what is invisible is taken out', async () => {
  for (const text of ['abc \u202e txt.exe', '\u2067 open', 'closed \u202c only']) {
    const peer = await site.openStream();
    peer.say(message(body(text), 'id="bidi"'));
    assert.equal((await ann.nextError({ within: 5_000 })).error?.condition, 'not-acceptable');
    peer.socket.destroy();
  }
  const peer = await site.openStream();
  peer.say(message(body('a\u200bb\u2060c\ufeffd\u00ade\u{e0041}f')));
  await site.onlyDelivered('abcdef');
  peer.say(message(body('\u200b\u2060\ufeff'), 'id="empty"'));
  assert.equal((await ann.nextError({ within: 5_000 })).error?.condition, 'not-acceptable');
  peer.socket.destroy();
});

test('a thousand marks on one letter are eight', async () => {
  const peer = await site.openStream();
  peer.say(message(body(`z${'\u0336'.repeat(1_000)}algo`)));
  await site.onlyDelivered('abcdef', `z${'\u0336'.repeat(8)}algo`);
  peer.socket.destroy();
});

test('fifty thousand invisible characters, forty times, hold nobody up', async () => {
  const peer = await site.openStream();
  const text = '\u200b\u0301a'.repeat(5_000);
  await site.staysFlat(() =>
    site.keepsAnswering(async () => {
      for (let i = 0; i < 40; i++) {
        peer.say(`<message from="ann@out.example" to="nobody@in.example">${body(text)}</message>`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }),
  );
  peer.socket.destroy();
});
