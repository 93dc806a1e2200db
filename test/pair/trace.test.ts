// Where is my message? From any id that somebody has, both sides' records are found, with the ids of the other side.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { runCommand } from '../../deploy/commands/run-command.ts';
import { dirtyWord } from '../lab/lab-rules.ts';
import { annAndBob, startWholeSite, until, type WholeSite } from './whole-site.ts';

let site: WholeSite;
before(async () => {
  site = await startWholeSite();
});
after(() => site.stop());

type Found = {
  readonly event: string;
  readonly stanzaId?: string;
  readonly callId?: string;
  readonly incident?: string;
};

async function trace(id: string): Promise<readonly Found[]> {
  const said: string[] = [];
  const { proxy, gateway } = site.lab.audit;
  await runCommand(['trace', id, '--audit', proxy, '--audit', gateway, '--json'], {
    say: (line) => said.push(line),
    complain() {},
  });
  return said.map((line) => JSON.parse(line));
}

const events = (found: readonly Found[]) => found.map(({ event }) => event).toSorted();
const callIdOf = (found: readonly Found[]) =>
  found.find(({ callId }) => callId !== undefined)?.callId?.split(' ')[0] ?? '';

test('inward: from the id of the stanza to the Call-ID, and back', async () => {
  const { ann, bob } = annAndBob(site);
  const id = await ann.send(bob.address, 'where am I?');
  await bob.nextMessage({ within: 5_000, from: ann.address });
  await until('both have written it down', async () => (await trace(id)).length === 3);
  const byStanza = await trace(id);
  assert.deepEqual(events(byStanza), ['accepted', 'admitted', 'delivered']);
  assert.notEqual(callIdOf(byStanza), '');
  assert.deepEqual(await trace(callIdOf(byStanza)), byStanza);
});

test('outward: from the Call-ID to the id that the partner saw, and back', async () => {
  const { ann, bob } = annAndBob(site);
  assert.equal((await bob.say(ann.address, 'and I?')).status, 200);
  const { id } = await ann.nextMessage({ within: 5_000, from: bob.address });
  await until('both have written it down', async () => (await trace(id ?? '')).length === 4);
  const byStanza = await trace(id ?? '');
  assert.deepEqual(events(byStanza), ['accepted', 'delivered', 'delivered', 'released']);
  const byCallId = (await trace(callIdOf(byStanza))).map((each) => JSON.stringify(each));
  for (const each of byStanza) assert.ok(byCallId.includes(JSON.stringify(each)), JSON.stringify(each));
});

test('refused: from the incident that the sender was told', async () => {
  const { ann, bob } = annAndBob(site);
  await ann.send(bob.address, `about the ${dirtyWord}`);
  const error = await ann.nextError({ within: 5_000 });
  const incident = /incident ([0-9a-f]{10})/i.exec(error.raw)?.[1] ?? '';
  await until('it is written down', async () => (await trace(incident)).length > 0);
  assert.deepEqual(events(await trace(incident)), ['refused']);
});
