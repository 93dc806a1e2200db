// Line ends and terminal commands in ids and addresses, to forge lines of the log and the audit (I6; §2.6, J7).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { body, message, startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack({ logLevel: 'trace' });
const forged = '{"event":"delivered","from":"ceo@in.example"}';

// As references, since attribute values turn plain line ends into spaces. U+009B starts a terminal command.
const nasty = [
  `x&#10;${forged.replaceAll('"', '&quot;')}&#10;`,
  'x&#13;&#10;Evil: yes',
  'x&#9;y',
  'x&#x9b;31mred',
  'x&#x85;next',
  'x&#x7f;y',
  'x\u2028y',
  '\u202eevil',
  'x'.repeat(4_000),
];

for (const text of nasty) {
  for (const xml of [
    message(body('nasty id'), `id="${text}"`),
    `<message from="ann@out.example/${text}" to="bob@in.example" id="r">${body('nasty resource')}</message>`,
    `<message from="ann@out.example" to="${text}@in.example" id="t">${body('nasty recipient')}</message>`,
    `<message from="ann@out.example" to="bob@in.example" id="y" type="${text}" xml:lang="${text}">${body('nasty type')}</message>`,
    `<iq from="ann@out.example" to="in.example" type="get" id="${text}"><query xmlns="${text}"/></iq>`,
    message(`<thread>${text}</thread>${body('nasty thread')}`),
  ]) {
    const peer = await site.openStream();
    peer.say(xml);
    await wait(5);
    peer.socket.destroy();
  }
}
await site.stillServes();

function recordsOf(text: string): readonly Record<string, unknown>[] {
  // The log is kept from somewhere in the middle, and ends there.
  const lines = text.split('\n').slice(1, -1);
  assert.ok(lines.length > 10);
  return lines.map((line) => JSON.parse(line));
}

const audits = () => Object.values(site.lab.audit).map((file) => readFileSync(file, 'utf8'));
const logs = () => [site.pair.log('proxy'), site.pair.log('gateway')];

test('no line of log or audit is more than one line, or forged', () => {
  for (const text of [...audits(), ...logs()]) {
    for (const record of recordsOf(text)) assert.notEqual(record.from, 'ceo@in.example');
  }
});

const commands = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/;

test('the logs have no character that commands a terminal', () => {
  for (const text of logs()) assert.doesNotMatch(text, commands);
});

test('the audits have no character that commands a terminal', () => {
  for (const text of audits()) assert.doesNotMatch(text, commands);
});

test('an id longer than an id may be does not stand in the audit', () => {
  for (const text of audits()) {
    for (const { stanzaId } of recordsOf(text)) assert.ok(String(stanzaId ?? '').length <= 256);
  }
});

test('nobody whose address cannot be was written to', () => {
  assert.ok(!site.delivered().includes('nasty recipient'));
});
