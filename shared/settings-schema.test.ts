// Domains and addresses in settings and policy: two ways of writing, one that is kept (RFC 7622, RFC 5890).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partnersFile } from './policy/policy-schema.ts';
import { bareAddress, domainName, hostName } from './settings-schema.ts';

const trouble = (schema: typeof domainName, text: string) => schema.safeParse(text).error?.issues[0]?.message;

test('a domain is written in its own letters or with A-labels, and kept in its own letters', () => {
  assert.equal(domainName.parse('bücher.example'), 'bücher.example');
  assert.equal(domainName.parse('xn--bcher-kva.example'), 'bücher.example');
  assert.equal(domainName.parse('in.example'), 'in.example');
  for (const text of [
    'In.Example',
    'Bücher.example',
    'in.example.',
    'example',
    'a_b.example',
    '10.0.0.1',
    '',
    'ab--c.example',
  ]) {
    assert.equal(trouble(domainName, text), 'write a domain name in lower case, such as in.example', text);
  }
});

test('an address likewise', () => {
  assert.equal(bareAddress.parse('jürgen@xn--bcher-kva.example'), 'jürgen@bücher.example');
  assert.equal(bareAddress.parse('jürgen@bücher.example'), 'jürgen@bücher.example');
  for (const text of [
    'Bob@in.example',
    'bob',
    'in.example',
    'bob@in.example/x',
    'b ob@in.example',
    'Jürgen@in.example',
  ]) {
    assert.equal(trouble(bareAddress, text), 'write an address in lower case, such as bob@in.example', text);
  }
});

test('what the eye does not see is told', () => {
  assert.equal(
    trouble(domainName, 'аpple.example'),
    '"аpple.example": the domain mixes Cyrillic and Latin; write a domain name in lower case, such as in.example',
  );
  assert.equal(
    trouble(bareAddress, 'bo\u200bb@in.example'),
    '"bo\\u200bb@in.example": the name before the @ has U+200B, which is in none; write an address in lower case, such as bob@in.example',
  );
});

test('a host has A-labels', () => {
  assert.equal(hostName.parse('gw.xn--bcher-kva.example'), 'gw.xn--bcher-kva.example');
  assert.match(trouble(hostName, 'gw.bücher.example') ?? '', /^write a host name/);
});

test('a policy is compared in one form: partners that are one domain, and the people of a partner', () => {
  const partner = (domain: string, external: string) => ({
    domain,
    connect: [{ host: '192.0.2.10' }],
    trust: ['trust/x.pem'],
    mayTalk: [{ external, internal: '*' }],
  });
  const read = partnersFile.parse({ partners: [partner('bücher.example', '*@xn--bcher-kva.example')] });
  assert.deepEqual(read.partners[0]?.mayTalk, [{ external: '*@bücher.example', internal: '*' }]);
  const twice = { partners: [partner('bücher.example', '*'), partner('xn--bcher-kva.example', '*')] };
  assert.match(partnersFile.safeParse(twice).error?.issues[0]?.message ?? '', /bücher.example stands here again/);
});
