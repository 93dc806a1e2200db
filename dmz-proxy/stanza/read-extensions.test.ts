// Links are taken in one form, and judged in every one of theirs (XEP-0066).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admit } from '../inbound.ts';
import { element, situation } from '../situation.fixtures.ts';
import { readLinks } from './read-extensions.ts';

test('a word does not pass in the escapes of a link', () => {
  const link = (at: string) =>
    `<message from='ann@out.example' to='bob@in.example'><body>x</body><x xmlns='jabber:x:oob'><url>${at}</url></x></message>`;
  const codes = [
    'https://a.example/dirty',
    'https://a.example/%64%69rty',
    'https://dirty.example/',
    'https://a.example/clean',
  ];
  assert.deepEqual(
    codes.map((at) => admit(element(link(at)), 1, situation(), () => 'i').kind),
    ['refused', 'refused', 'refused', 'packet'],
  );
});

test('links are the same text however they were written', () => {
  const links = ['HTTP://A.example:80/b/../c', 'http://a.example/c', ' http://a.example/c\n'].map((text) => ({
    ns: 'jabber:x:oob',
    name: 'x',
    attributes: {},
    children: [{ ns: 'jabber:x:oob', name: 'url', attributes: {}, children: [], text }],
    text: '',
  }));
  assert.deepEqual(readLinks(links, ''), [{ url: 'http://a.example/c', description: '' }]);
  assert.deepEqual(readLinks(links, 'http://a.example/c'), []);
});
