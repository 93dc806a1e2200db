// Numbers that are ones, numbers that only look so, and where they stand in a text.
import assert from 'node:assert/strict';
import test from 'node:test';
import { casedOf } from './cased.ts';
import { findNumbers } from './find-numbers.ts';
import { createFolder } from './fold.ts';
import { isValid, type ValidatorName, validatorNames } from './validators.ts';

const examples: Readonly<Record<ValidatorName, { readonly good: readonly string[]; readonly bad: readonly string[] }>> =
  {
    'payment-card': {
      good: [
        '4111 1111 1111 1111',
        '5555-5555-5555-4444',
        '378282246310005',
        '6011111111111117',
        '3530111333300000',
        '4222222222222',
      ],
      bad: ['4111 1111 1111 1112', '0000 0000 0000 0000', '1234567812345670', '9999999999999995', '411111111111111'],
    },
    iban: {
      good: [
        'GB82 WEST 1234 5698 7654 32',
        'DE89370400440532013000',
        'FR14 2004 1010 0505 0001 3M02 606',
        'NO9386011117947',
      ],
      bad: ['GB82 WEST 1234 5698 7654 33', 'DE8937040044053201300', 'ZZ89370400440532013000'],
    },
    'nhs-number': { good: ['943 476 5919', '9434765919'], bad: ['943 476 5918', '1111111111', '943476591'] },
    'uk-nino': { good: ['AB 12 34 56 C', 'JG103759A'], bad: ['DA123456A', 'AO123456A', 'GB123456A', 'AB123456E'] },
    'us-ssn': {
      good: ['219-09-9998', '536 22 8726'],
      bad: ['000-12-3456', '666-12-3456', '900-12-3456', '123-00-4567', '123-45-0000', '078-05-1120'],
    },
    phone: { good: ['+44 20 7946 0958', '+1 (202) 555-0143'], bad: ['+0 20 7946 0958', '020 7946 0958', '+44 12'] },
    'ip-address': {
      good: ['192.0.2.1', '2001:db8::1', 'fe80:0:0:0:0:0:0:1'],
      bad: ['256.1.1.1', '1.2.3', '12:30', '2001::db8::1'],
    },
    jwt: {
      good: ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln'],
      bad: ['eyJhbGciOiJI.eyJzdWIiOiIxIn0', 'eyJ4IjoxfQ.eyJzdWIiOiIxIn0.c2ln'],
    },
    'private-key': {
      good: ['-----BEGIN PRIVATE KEY-----', '-----BEGIN RSA PRIVATE KEY-----'],
      bad: ['-----BEGIN CERTIFICATE-----', '-----BEGIN PUBLIC KEY-----'],
    },
    'secret-token': {
      good: ['gH7kP2mQ9xR4tV6wY8zA1bC3'],
      bad: ['responsibilities', 'aaaaaaaaaaaaaaaaaaaaaaaA1', '12345678901234567890'],
    },
  };

for (const name of validatorNames) {
  test(`${name} tells one from what only looks like it, alone and in a sentence`, () => {
    const find = (text: string) => {
      const all: string[] = [];
      const folded = createFolder()(text);
      findNumbers([name], folded, casedOf(folded), ({ start, end }) => all.push(text.slice(start, end)));
      return all;
    };
    for (const good of examples[name].good) {
      assert.ok(isValid(name, good), good);
      assert.deepEqual(find(`it is ${good} , ok`), [good]);
    }
    for (const bad of examples[name].bad) {
      assert.ok(!isValid(name, bad), bad);
      assert.deepEqual(find(`it is ${bad} , ok`), [], bad);
    }
  });
}

test('digits of other scripts and dashes of other kinds are digits and dashes', () => {
  const text = '٤١١١\u2011１１１１\u20131111\u2013𝟏𝟏𝟏𝟏';
  const folded = createFolder()(text);
  const found: string[] = [];
  findNumbers(['payment-card'], folded, casedOf(folded), ({ start, end }) => found.push(text.slice(start, end)));
  assert.deepEqual(found, [text]);
});
