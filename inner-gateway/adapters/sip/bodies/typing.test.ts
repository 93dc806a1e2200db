// Proves that typing is read from its two closed forms and from nothing else (sip-dialect §5.6, RFC 3994).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { printTyping, readTyping, typingContentType } from './typing.ts';

const xml = (body: string) => readTyping('application/xml', Buffer.from(body));
const composing = (body: string) => readTyping('application/im-iscomposing+xml; charset=utf-8', Buffer.from(body));
const root = "<isComposing xmlns='urn:ietf:params:xml:ns:im-iscomposing'>";

test('what we print is what we read', () => {
  assert.equal(readTyping(typingContentType, Buffer.from(printTyping('type'))), 'type');
  assert.equal(readTyping(typingContentType, Buffer.from(printTyping('idle'))), 'idle');
});

test('KeyboardActivity is read with other quotes and spaces', () => {
  assert.equal(xml("<KeyboardActivity>\r\n <status  status = 'idle' ></status>\n</KeyboardActivity >\r\n"), 'idle');
  assert.equal(
    xml('<?xml version="1.0" encoding="utf-8"?>\n<KeyboardActivity><status status="type"/></KeyboardActivity>'),
    'type',
  );
});

test('KeyboardActivity with anything else in it is not read', () => {
  for (const body of [
    '',
    '<KeyboardActivity/>',
    '<KeyboardActivity><status status="dancing"/></KeyboardActivity>',
    '<KeyboardActivity><status status="type" x="y"/></KeyboardActivity>',
    '<KeyboardActivity><status status="type"/><status status="idle"/></KeyboardActivity>',
    '<KeyboardActivity><status status="type"/></KeyboardActivity><x/>',
    '<!DOCTYPE x [<!ENTITY e "type">]><KeyboardActivity><status status="&e;"/></KeyboardActivity>',
    '<!-- --><KeyboardActivity><status status="type"/></KeyboardActivity>',
    `<KeyboardActivity>${' '.repeat(3000)}<status status="type"/></KeyboardActivity>`,
  ]) {
    assert.equal(xml(body), undefined, body);
  }
});

test('isComposing is read: active is typing, every other state is not', () => {
  assert.equal(
    composing(
      `<?xml version="1.0"?>\n${root}<state>active</state><contenttype>text/plain</contenttype><refresh>90</refresh></isComposing>`,
    ),
    'type',
  );
  assert.equal(
    composing(
      '<isComposing xmlns="urn:ietf:params:xml:ns:im-iscomposing" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:ietf:params:xml:ns:im-composing iscomposing.xsd">\n <state> idle </state>\n <lastactive>2003-01-27T10:43:00Z</lastactive>\n</isComposing>',
    ),
    'idle',
  );
  assert.equal(composing(`${root}<state>strange</state></isComposing>`), 'idle');
});

test('isComposing without its namespace, without a state, or with anything else is not read', () => {
  for (const body of [
    '<isComposing><state>active</state></isComposing>',
    `${root}<refresh>90</refresh></isComposing>`,
    `${root}<state>active</state><state>idle</state></isComposing>`,
    `${root}<state>active</state><other/></isComposing>`,
    `${root}<state>&#97;ctive</state></isComposing>`,
    `<!DOCTYPE isComposing>${root}<state>active</state></isComposing>`,
    `${root}<state>active</state></isComposing>x`,
  ]) {
    assert.equal(composing(body), undefined, body);
  }
});

test('other content types are not typing', () => {
  assert.equal(readTyping('text/plain', Buffer.from(printTyping('type'))), undefined);
  assert.equal(readTyping('', Buffer.from(printTyping('type'))), undefined);
});

test('no body makes the reader throw or slow', () => {
  fc.assert(
    fc.property(fc.constantFrom('application/xml', 'application/im-iscomposing+xml'), fc.string(), (type, body) => {
      void readTyping(type, Buffer.from(body));
      void readTyping(type, Buffer.from(root + body));
    }),
    { numRuns: 3000 },
  );
  for (const unit of [' ', '<?xml', ' a="b"', '<state>']) {
    const began = performance.now();
    for (const type of ['application/xml', 'application/im-iscomposing+xml']) {
      readTyping(type, Buffer.from(`<KeyboardActivity${unit.repeat(300)}`));
      readTyping(type, Buffer.from(`<isComposing${unit.repeat(300)}`));
    }
    assert.ok(performance.now() - began < 100, unit);
  }
});
