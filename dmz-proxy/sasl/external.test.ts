// SASL EXTERNAL word by word (RFC 4422, RFC 6120 §6.5, XEP-0178; xmpp-boundary A1 to A5, A11).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { XmlElement } from '../xml/element.ts';
import { answerExternal, printAnswer, printAuth, readAnswer } from './external.ts';

const ns = 'urn:ietf:params:xml:ns:xmpp-sasl';

function element(name: string, text = '', attributes: Record<string, string> = {}): XmlElement {
  return { ns, name, attributes, children: [], text };
}
const auth = (text: string, mechanism = 'EXTERNAL') =>
  answerExternal(element('auth', text, { mechanism }), 'out.example', false);
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const failure = (condition: string) => ({ kind: 'failure', condition });

test('no identity, our reading of it, and the same bytes are good', () => {
  for (const text of ['=', base64('out.example'), base64('OUT.example'), base64('out.example.')]) {
    assert.deepEqual(auth(text), { kind: 'success' }, text);
  }
});

test('any other identity is refused', () => {
  for (const text of ['other.example', 'sub.out.example', 'ann@out.example', 'out.example\0', ' ']) {
    assert.deepEqual(auth(base64(text)), failure('invalid-authzid'), JSON.stringify(text));
  }
});

test('base64 is taken to the letter', () => {
  const good = base64('out.example');
  for (const text of [
    '!!!!',
    good.replace('=', ''),
    ` ${good}`,
    `${good}\n`,
    '====',
    'b3V0LmV4YW1wbGV=',
    '/w==',
    'A'.repeat(1404),
  ]) {
    assert.deepEqual(auth(text), failure('incorrect-encoding'), JSON.stringify(text));
  }
});

test('an empty auth is challenged, and only then a response is taken', () => {
  assert.deepEqual(auth(''), { kind: 'challenge' });
  const response = element('response', base64('out.example'));
  assert.deepEqual(answerExternal(response, 'out.example', true), { kind: 'success' });
  assert.deepEqual(answerExternal(response, 'out.example', false), failure('malformed-request'));
  assert.deepEqual(answerExternal(element('auth', '='), 'out.example', true), failure('malformed-request'));
});

test('other mechanisms, an abort and other elements have their own answers', () => {
  assert.deepEqual(auth('=', 'PLAIN'), failure('invalid-mechanism'));
  assert.deepEqual(auth('=', 'external'), failure('invalid-mechanism'));
  assert.deepEqual(answerExternal(element('abort'), 'out.example', true), failure('aborted'));
  assert.equal(answerExternal({ ...element('auth'), ns: 'jabber:server' }, 'out.example', false), undefined);
});

test('our own words are those of the specification', () => {
  assert.equal(printAuth('in.example'), `<auth xmlns="${ns}" mechanism="EXTERNAL">aW4uZXhhbXBsZQ==</auth>`);
  assert.equal(printAnswer({ kind: 'failure', condition: 'aborted' }), `<failure xmlns="${ns}"><aborted/></failure>`);
  assert.deepEqual(readAnswer(element('success')), { kind: 'success' });
  const failed = { ...element('failure'), children: [element('text', 'why'), element('not-authorized')] };
  assert.deepEqual(readAnswer(failed), failure('not-authorized'));
  assert.equal(readAnswer(element('auth')), undefined);
});
