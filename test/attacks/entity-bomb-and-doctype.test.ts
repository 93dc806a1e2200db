// Entities that expand, document types that fetch, comments and instructions that hide (RFC 6120 §11.1, P4, P5, P8).
import { test } from 'node:test';
import { dial, header } from '../streams/scripted-peer.ts';
import { body, leaveAtEnd, message, refusedWith, startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack();

const laughs = ['lol', 'lo1', 'lo2', 'lo3', 'lo4', 'lo5', 'lo6', 'lo7', 'lo8', 'lo9'];
const bomb = `<!DOCTYPE lolz [${laughs.map((name, i) => `<!ENTITY ${name} "${i === 0 ? 'lol' : `&${laughs[i - 1]};`.repeat(10)}">`).join('')}]>`;
const restricted = {
  'a bomb of entities': bomb,
  'an external entity': '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
  'an external document type': '<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">',
  'a document type that never ends': `<!DOCTYPE ${'x'.repeat(60_000)}`,
  'a comment': '<!-- hidden -->',
  'a comment that never ends': `<!--${'x'.repeat(60_000)}`,
  'an instruction': '<?xml-stylesheet href="x"?>',
};
const references = {
  'an entity that nobody declared': ['&lol9;', 'restricted-xml'],
  'an entity of HTML': ['&nbsp;', 'restricted-xml'],
  'a reference to NUL': ['&#0;', 'not-well-formed'],
  'a reference to a control character': ['&#1;', 'not-well-formed'],
  'a reference to half a character': ['&#xD800;', 'not-well-formed'],
  'a reference beyond Unicode': ['&#x110000;', 'not-well-formed'],
  'a reference padded with zeros': [`&#${'0'.repeat(5_000)}65;`, 'not-well-formed'],
  'a reference that never ends': [`&${'a'.repeat(60_000)}`, 'restricted-xml|policy-violation|not-well-formed'],
} as const;

for (const [what, xml] of Object.entries(restricted)) {
  test(`${what} is restricted XML: as the first word, inside a stream, inside a message`, async () => {
    const first = await dial(site.door);
    first.say(xml + header());
    await refusedWith(first, 'restricted-xml');
    const between = await site.openStream();
    between.say(xml + message(body('behind')));
    await refusedWith(between, 'restricted-xml');
    const inside = await site.openStream();
    inside.say(message(`<body>before ${xml} after</body>`));
    await refusedWith(inside, 'restricted-xml');
  });
}

for (const [what, [reference, condition]] of Object.entries(references)) {
  test(`${what} ends the stream`, async () => {
    const text = await site.openStream();
    text.say(message(body(`x${reference}x</body></message>`)));
    await refusedWith(text, `(?:${condition})`);
    const attribute = await site.openStream();
    attribute.say(`<message from="ann@out.example" to="bob@in.example" id="x${reference}">${body('x')}</message>`);
    await refusedWith(attribute, `(?:${condition})`);
  });
}

test('the five entities and CDATA are text, and stay text', async () => {
  const peer = await site.openStream();
  peer.say(message('<body>&lt;b&gt; &amp;lol9; &quot;&apos; <![CDATA[<!DOCTYPE x> &e;]]></body>'));
  await site.onlyDelivered(`<b> &lol9; "' <!DOCTYPE x> &e;`);
  peer.socket.destroy();
});

test('forty bombs leave memory and other people’s latency alone', async () => {
  await site.staysFlat(() =>
    site.keepsAnswering(async () => {
      for (let i = 0; i < 40; i++) {
        const peer = await site.openStream();
        peer.say(bomb + message(body('&lol9;')));
        await leaveAtEnd(peer);
      }
    }),
  );
  await site.onlyDelivered(`<b> &lol9; "' <!DOCTYPE x> &e;`);
});
