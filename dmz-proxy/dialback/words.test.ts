// The words of dialback, written and read back (XEP-0220 §2).
import assert from 'node:assert/strict';
import test from 'node:test';
import type { XmlElement } from '../xml/element.ts';
import { createXmlReader } from '../xml/read-elements.ts';
import { dialbackNs, printAnswer, printResult, printVerify, readDialback } from './words.ts';

const header = `<s:stream xmlns:s='http://etherx.jabber.org/streams' xmlns='jabber:server' xmlns:db='${dialbackNs}' xmlns:d='${dialbackNs}'>`;

function read(xml: string): XmlElement {
  const [event] = createXmlReader({ firstLevelBytes: 10_000 })
    .read(Buffer.from(header + xml))
    .slice(1);
  assert.ok(event?.kind === 'element', xml);
  return event.element;
}

const pair = { from: 'in.example', to: 'out.example' };

test('our words have the prefix that every server knows, and can be read back', () => {
  assert.equal(printResult(pair, 'k'), '<db:result from="in.example" to="out.example">k</db:result>');
  assert.equal(
    printVerify(pair, 's"1', 'k'),
    '<db:verify from="in.example" to="out.example" id="s&quot;1">k</db:verify>',
  );
  const verify = readDialback(read(printVerify(pair, 's"1', '<&>')));
  assert.deepEqual(
    [verify?.name, verify?.from, verify?.to, verify?.id, verify?.key],
    ['verify', ...Object.values(pair), 's"1', '<&>'],
  );
});

test('any prefix is read, and only the two elements of the namespace', () => {
  assert.equal(readDialback(read('<d:result from="a" to="b">\n  k\n</d:result>'))?.key, 'k');
  assert.equal(readDialback(read(`<result xmlns="${dialbackNs}" type="valid"/>`))?.type, 'valid');
  assert.equal(readDialback(read('<db:other/>')), undefined);
  assert.equal(readDialback(read('<result/>')), undefined);
});

test('answers turn the addresses round, and an error has one condition of the table (D11)', () => {
  const result = readDialback(read(printResult(pair, 'k')))!;
  const verify = readDialback(read(printVerify(pair, 's1', 'k')))!;
  assert.equal(printAnswer(result, 'valid'), '<db:result from="out.example" to="in.example" type="valid"/>');
  assert.equal(
    printAnswer(verify, 'invalid'),
    '<db:verify from="out.example" to="in.example" id="s1" type="invalid"/>',
  );
  for (const [condition, type] of [
    ['item-not-found', 'cancel'],
    ['remote-connection-failed', 'wait'],
    ['remote-server-not-found', 'cancel'],
    ['remote-server-timeout', 'wait'],
    ['policy-violation', 'modify'],
    ['not-authorized', 'auth'],
    ['forbidden', 'auth'],
    ['not-acceptable', 'modify'],
    ['resource-constraint', 'wait'],
  ] as const) {
    const said = printAnswer(result, condition);
    const error = `<error type="${type}"><${condition} xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error>`;
    assert.equal(said, `<db:result from="out.example" to="in.example" type="error">${error}</db:result>`);
    assert.equal(read(said).children[0]?.ns, 'jabber:server', 'the error is of the content namespace');
    assert.equal(readDialback(read(said))?.condition, condition);
  }
});
