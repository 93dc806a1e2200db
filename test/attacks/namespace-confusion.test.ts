// Elements that look like others: prefixes, namespaces of clients, a second content namespace (H1 to H4, P6, P13, P14).
import { test } from 'node:test';
import { authenticatedClient, dial, header } from '../streams/scripted-peer.ts';
import { body, leaveAtEnd, message, refusedWith, startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack();
const names = 'from="ann@out.example/desk" to="bob@in.example"';
const expected: string[] = [];

async function says(xml: string, ...arrives: string[]): Promise<void> {
  const peer = await site.openStream();
  peer.say(xml);
  expected.push(...arrives);
  await site.onlyDelivered(...expected);
  peer.socket.destroy();
}

async function ends(xml: string, condition: string): Promise<void> {
  const peer = await site.openStream();
  peer.say(xml);
  await refusedWith(peer, condition);
  await site.onlyDelivered(...expected);
}

test('a body of jabber:client is no body: alone it says nothing, beside a real one it is not shown', async () => {
  await says(message('<body xmlns="jabber:client">forged</body>'));
  await says(message(`<body xmlns="jabber:client">forged</body>${body('real')}`), 'real');
  await says(message('<x:body xmlns:x="jabber:client">forged</x:body>'));
  await says(message('<body xmlns="">forged</body>'));
  await says(message('<wrapped xmlns="urn:x"><body xmlns="jabber:server">forged</body></wrapped>'));
});

test('a body of jabber:server is one by whatever prefix', async () => {
  await says(message('<s:body xmlns:s="jabber:server">by prefix</s:body>'), 'by prefix');
  await says(`<s:message xmlns:s="jabber:server" ${names}><s:body>both</s:body></s:message>`, 'both');
});

test('stanzas of other namespaces end the stream', async () => {
  for (const ns of ['jabber:client', 'urn:x', '', 'http://etherx.jabber.org/streams', 'JABBER:SERVER']) {
    await ends(`<message xmlns="${ns}" ${names}>${body('forged')}</message>`, 'unsupported-stanza-type');
  }
  await ends(`<stream:message ${names}>${body('forged')}</stream:message>`, 'unsupported-stanza-type');
  await ends('<stream:features/>', 'unsupported-stanza-type');
  await ends(`<xml:message ${names}/>`, 'unsupported-stanza-type|not-well-formed');
});

test('white space in a namespace does not make it another one', async () => {
  await ends(`<message xmlns=" jabber:server " ${names}>${body('forged')}</message>`, 'not-well-formed');
});

test('a prefix that nobody bound, and names that may not be bound', async () => {
  await ends(`<db:result ${names}>x</db:result>`, 'bad-namespace-prefix');
  await ends(message('<a:b/>'), 'bad-namespace-prefix');
  await ends(message('<b xmlns:xmlns="urn:x"/>'), 'not-well-formed');
  await ends(message('<b xmlns:xml="urn:x"/>'), 'not-well-formed');
  await ends(message('<b xmlns:x="http://www.w3.org/XML/1998/namespace"/>'), 'not-well-formed');
  await ends(message('<b xmlns:x=""/>'), 'not-well-formed');
});

test('the prefix "stream" bound to something else is not the stream', async () => {
  const peer = await dial(site.door);
  peer.say('<stream:stream xmlns="jabber:server" xmlns:stream="urn:x" to="in.example" version="1.0">');
  await refusedWith(peer, 'invalid-namespace');
  const rebound = `<stream:error xmlns:stream="jabber:server" ${names}/>`;
  await ends(rebound, 'unsupported-stanza-type');
});

test('a header for clients, or without a content namespace, is refused', async () => {
  for (const ns of ['jabber:client', 'urn:x', 'jabber:component:accept']) {
    const peer = await dial(site.door);
    peer.say(header(undefined, ns));
    await refusedWith(peer, 'invalid-namespace');
  }
  const bare = await dial(site.door);
  bare.say('<stream:stream xmlns:stream="http://etherx.jabber.org/streams" to="in.example" version="1.0">');
  await refusedWith(bare, 'invalid-namespace');
});

test('what a header declared before a restart is forgotten with it', async () => {
  const peer = await authenticatedClient(site.door, site.stolen);
  peer.say(header());
  await peer.hear('</stream:features>');
  peer.say(message('<old:x/>'));
  await refusedWith(peer, 'bad-namespace-prefix');
});

test('a second header inside a stream is not a new stream', async () => {
  const second = header('from="far.example" to="in.example" version="1.0"').replace(/^<\?[^>]*\?>/, '');
  await ends(`${second}</stream:stream>`, 'unsupported-stanza-type');
});

test('a hundred times over it holds up nobody and fills nothing', async () => {
  const confusing = [
    message(`<body xmlns="jabber:client">forged</body>`),
    message('<x:body xmlns:x="jabber:client">forged</x:body>'),
    `<message xmlns="jabber:client" ${names}>${body('forged')}</message>`,
    `<x:message xmlns:x="urn:x" ${names}>${body('forged')}</x:message>`,
  ];
  await site.standsIt(100, async (i) => {
    const peer = await site.openStream();
    peer.say(`${confusing[i % confusing.length]}</stream:stream>`);
    await leaveAtEnd(peer);
  });
  await site.onlyDelivered(...expected);
});
