// In which language a partner's people read that something was refused (texts.yaml).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileTexts } from '@sallyport/shared/policy/texts.ts';
import { admit } from './inbound.ts';
import { element, situation } from './situation.fixtures.ts';

test('the error is in the language of who reads it, where the policy has it, and says so', () => {
  const de = { incident: 'Vorfall {incident}', withIncident: '{text} (Vorfall {incident})', rooms: 'Keine Räume.' };
  const texts = compileTexts({ default: 'fr', texts: { de, fr: { incident: 'Incident no {incident}' } } });
  const { policy } = situation();
  const said = (lang: string, children = '<body>x</body>', to = 'nobody@third.example') => {
    const stanza = `<message from='ann@out.example' to='${to}' id='m1' xml:lang='${lang}'>${children}</message>`;
    const admitted = admit(element(stanza), stanza.length, situation({ policy: { ...policy, texts } }), () => 'boot-7');
    return admitted.kind === 'refused' ? (admitted.reply ?? '') : '';
  };
  assert.match(said('de-AT'), /<text xmlns="[^"]+" xml:lang="de">Vorfall [0-9a-f]{10}<\/text>/);
  assert.match(said('it'), /<text xmlns="[^"]+" xml:lang="fr">Incident no [0-9a-f]{10}<\/text>/);
  const room = "<x xmlns='jabber:x:conference' jid='r@c.example'/>";
  assert.match(said('de', room, 'bob@in.example'), /xml:lang="de">Keine Räume\. \(Vorfall [0-9a-f]{10}\)<\/text>/);
  // The rule of the fixture has one text for all: it is in the language of all others.
  assert.match(
    said('de', '<body>dirty</body>', 'bob@in.example'),
    /xml:lang="(en|fr)">Mind your words\. \(.*[0-9a-f]{10}\)<\/text>/,
  );
  assert.doesNotMatch(said('&quot;&gt;&lt;x'), /&quot;/);
});
