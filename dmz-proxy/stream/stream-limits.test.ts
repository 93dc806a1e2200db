// What a peer says of its limits (XEP-0478; H21).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { XmlElement } from '../xml/element.ts';
import { limitsIn } from './stream-limits.ts';

const ns = 'urn:xmpp:stream-limits:0';
const element = (name: string, text: string, children: readonly XmlElement[] = []): XmlElement => ({
  name,
  ns,
  attributes: {},
  text,
  children,
});
const said = (maxBytes: string, idleSeconds: string): XmlElement =>
  element('features', '', [
    element('limits', '', [element('max-bytes', maxBytes), element('idle-seconds', idleSeconds)]),
  ]);

test('limits are read, and none that nobody could keep', () => {
  assert.deepEqual(limitsIn(said('262144', ' 60 ')), { maxBytes: 262_144, idleSeconds: 60 });
  assert.deepEqual(limitsIn(said('9999', '9')), {});
  assert.deepEqual(limitsIn(said('-1', '1e3')), {});
  assert.deepEqual(limitsIn(element('features', '')), {});
});
