// Who is refused reads it in the language of his stanza, where the policy has it: from the proxy and from inside alike.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { dirtyWord } from '../lab/lab-rules.ts';
import { annAndBob, startWholeSite, type WholeSite } from './whole-site.ts';

/** In a list that the proxy does not hold. */
const inside = 'firecrest';
const texts = `default: en
texts:
  en: { refused: This is not allowed. }
  de: { refused: Das ist nicht erlaubt., incident: 'Vorfall {incident}', withIncident: '{text} (Vorfall {incident})' }
`;
let site: WholeSite;
before(async () => {
  site = await startWholeSite({}, ({ policyDir }) => {
    const content = join(policyDir, 'content.yaml');
    const list = '  - { id: birds, title: t, file: lists/birds.txt, where: inside, direction: both }\n';
    writeFileSync(content, readFileSync(content, 'utf8').replace('lists:\n', `lists:\n${list}`));
    writeFileSync(join(policyDir, 'lists/birds.txt'), `${inside}\n`);
    writeFileSync(join(policyDir, 'texts.yaml'), texts);
  });
});
after(() => site.stop());

for (const [where, word] of [
  ['inside', inside],
  ['the proxy', dirtyWord],
] as const) {
  test(`refused by ${where}`, async () => {
    const { ann, bob } = annAndBob(site);
    const told = async (lang: string) => {
      const head = `from='${ann.address}' to='${bob.address}' type='chat' id='${lang}' xml:lang='${lang}'`;
      await ann.sendXml(`<message ${head}><body>a ${word}</body></message>`);
      const { error } = await ann.nextError({ within: 10_000 });
      assert.equal(error?.condition, 'policy-violation');
      return [error?.lang, error?.text?.replace(/[0-9a-f]{10,16}/, 'N')];
    };
    const said = { inside: ['This is not allowed.', 'Das ist nicht erlaubt.'], 'the proxy': undefined }[where];
    const [english, german] = [await told('it'), await told('de-AT')];
    if (said === undefined) {
      // The rule of the lab has one text for all: it is in the language of all others, and so is what stands behind it.
      assert.deepEqual(german, english);
      assert.equal(english[0], 'en');
      assert.match(String(english[1]), / \(incident N\)$/);
      return;
    }
    assert.deepEqual(english, ['en', `${said[0]} (incident N)`]);
    assert.deepEqual(german, ['de', `${said[1]} (Vorfall N)`]);
  });
}
