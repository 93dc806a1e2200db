// Addresses in From, To, Contact and lists of them (RFC 3261 §20.10).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitList } from './message.ts';
import { parameter, readNameAddress, uriHost } from './name-address.ts';

test('the forms of an address are read', () => {
  assert.deepEqual(readNameAddress('"A \\"B\\" <x>"<sip:a@b;p=1>;tag=t'), {
    display: 'A "B" <x>',
    uri: 'sip:a@b;p=1',
    parameters: ';tag=t',
  });
  assert.deepEqual(readNameAddress('Ann Bee <sip:a@b>'), { display: 'Ann Bee', uri: 'sip:a@b', parameters: '' });
  assert.deepEqual(readNameAddress('sip:a@b;tag=t'), { display: '', uri: 'sip:a@b', parameters: ';tag=t' });
});

test('what is not an address is not read as one', () => {
  for (const value of [
    '',
    '"a',
    '"a"',
    '<sip:a@b',
    'sip:a@b>',
    '<>',
    '<sip:a b@c>',
    '"a" x <sip:a@b>',
    '<sip:a@b>x',
    '*',
  ]) {
    assert.equal(readNameAddress(value), undefined, value);
  }
});

test('a tag inside of the URI or of a quoted string is no tag', () => {
  const read = readNameAddress('";tag=1" <sip:a@b;tag=2>;x=";tag=3";tag=4');
  assert.equal(parameter(read?.parameters ?? '', 'tag'), '4');
  assert.equal(parameter(';lr', 'lr'), '');
  assert.equal(parameter(';lr', 'tag'), undefined);
});

test('a list is split at the commas between its members', () => {
  assert.deepEqual(splitList('"a,b"<sip:a@b,c>, <sip:x@y>;p="q,r" ,'), ['"a,b"<sip:a@b,c>', '<sip:x@y>;p="q,r"']);
});

test('the host of a URI is found behind whatever stands before it', () => {
  assert.equal(uriHost('sip:a%40evil:pw@Good.example:5061;transport=tls?x=@bad'), 'good.example');
  assert.equal(uriHost('sip:gw.out.example:5061;transport=tls'), 'gw.out.example');
});
