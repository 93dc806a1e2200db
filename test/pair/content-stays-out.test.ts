// Invariant I6: what people write reaches no log, no audit, no metric and no status, at the most talkative log level.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runCommand } from '../../deploy/commands/run-command.ts';
import { askControl } from '../../shared/control-socket.ts';
import { dirtyWord } from '../lab/lab-rules.ts';
import { annAndBob, startWholeSite, until, type WholeSite } from './whole-site.ts';

const secret = 'xylophone-4711';
let site: WholeSite;

before(async () => {
  site = await startWholeSite({ logLevel: 'trace', proxyJournal: true });
  const { ann, bob, server } = annAndBob(site);
  const raw = await server.openStream({ to: site.lab.internalDomains[0] ?? '' });
  await raw.write(
    `<message from='${ann.address}' to='@@${secret}' id='m'><body>${secret}</body></message><${secret}/>`,
  );
  await raw.closed;
  await ann.send(bob.address, `in ${secret}`);
  await bob.nextMessage({ within: 5_000 });
  await bob.say(ann.address, `out ${secret}`);
  await ann.nextMessage({ within: 5_000 });
  await ann.send(bob.address, `refused ${secret} ${dirtyWord}`);
  await ann.nextError({ within: 5_000 });
  await bob.say(ann.address, `refused ${secret} ${dirtyWord}`);
  await ann.sendXml(
    `<message from='${ann.address}' to='${bob.address}' id='m'><body>${secret}</body><x xmlns='${secret}'>${secret}</x></message>`,
  );
  await bob.nextMessage({ within: 5_000 });
  await until(
    'all is in the audit',
    () => site.decisions.all().filter((each) => each.event === 'delivered').length >= 3,
  );
});
after(() => site.stop());

test('the logs have the stages, and not a word of the texts', () => {
  for (const half of ['proxy', 'gateway'] as const) {
    const log = site.pair.log(half);
    assert.match(log, /"stage":"checkContent"/);
    assert.doesNotMatch(log, new RegExp(secret));
    assert.doesNotMatch(log, new RegExp(dirtyWord));
  }
});

test('the audits have digests, and not a word of the texts', () => {
  for (const file of Object.values(site.lab.audit)) {
    const audit = readFileSync(file, 'utf8');
    assert.match(audit, /"digest":"[0-9a-f]{32}"/);
    assert.doesNotMatch(audit, new RegExp(secret));
    assert.doesNotMatch(audit, new RegExp(dirtyWord));
  }
});

test('the policy journals have what was found and what came of it, and not a word of the texts', async () => {
  const journals = { inside: 'policy-journal.jsonl', dmz: 'proxy-policy-journal.jsonl' };
  for (const [side, name] of Object.entries(journals)) {
    const journal = () => readFileSync(join(site.folder, name), 'utf8');
    await until('it is on disk', () => /"action":"block".*"rule":"lab-words"/.test(journal()));
    assert.match(journal(), new RegExp(`^\\{"revision":"[0-9a-f]{64}","side":"${side}"`));
    assert.match(journal(), /"action":"allow"/);
    assert.doesNotMatch(journal(), new RegExp(secret));
    assert.doesNotMatch(journal(), new RegExp(dirtyWord));
    const complained: string[] = [];
    const asked = ['policy', 'replay', join(site.folder, name), site.lab.policyDir];
    const terminal = { say: () => undefined, complain: (line: string) => complained.push(line) };
    assert.equal(await runCommand(asked, terminal), 0, complained.join());
  }
  assert.match(readFileSync(join(site.folder, journals.dmz), 'utf8'), /"direction":"inward"[^\n]*"action":"block"/);
});

test('the digests of a text are the same on both sides of the wall, so that records can be joined', () => {
  const digests = Object.values(site.lab.audit).map(
    (file) => new Set(readFileSync(file, 'utf8').match(/"digest":"[0-9a-f]{32}"/g)),
  );
  const [proxy, gateway] = digests;
  assert.ok([...(proxy ?? [])].some((digest) => gateway?.has(digest)));
});

test('metrics and status say how many and why, and not what, nor to whom in a label', async () => {
  for (const half of ['proxy', 'gateway'] as const) {
    const metrics = await (await fetch(`http://127.0.0.1:${site.lab[half].metrics}/metrics`)).text();
    assert.match(metrics, /content-refused/);
    assert.doesNotMatch(metrics, new RegExp(`${secret}|ann@|bob@`));
    const status = JSON.stringify(await askControl(join(site.folder, `${half}.sock`), { ask: 'status' }));
    assert.match(status, /content-refused/);
    assert.doesNotMatch(status, new RegExp(`${secret}|${dirtyWord}`));
  }
});

test('the store on disk has the texts sealed', () => {
  for (const file of ['store.db', 'store.db-wal']) {
    assert.ok(!readFileSync(join(site.folder, file)).includes(secret), file);
  }
});
