// A partner that is taken out of the policy, or whose certificate is taken back, is off, and all of its people are
// unavailable inside, within a minute and across the whole wall (invariant I9, T14).
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { issueCrl } from '../../deploy/certificates/issue.ts';
import { askControl } from '../../shared/control-socket.ts';
import { startWholeSite, until, type WholeSite } from './whole-site.ts';

let site: WholeSite;
before(async () => {
  site = await startWholeSite();
});
after(() => site.stop());

const status = z.object({ partners: z.array(z.object({ domain: z.string(), people: z.string() })) });

/** What the gateway tells an operator of the people of a partner. */
async function people(domain: string): Promise<string> {
  const said = status.parse(await askControl(join(site.folder, 'gateway.sock'), { ask: 'status' }));
  return said.partners.find((each) => each.domain === domain)?.people ?? '';
}

async function metric(name: string): Promise<string> {
  const { host, metrics } = site.lab.gateway;
  const text = await (await fetch(`http://${host}:${metrics}/metrics`)).text();
  return text.split('\n').find((line) => line.startsWith(name)) ?? '';
}

/** Changes the entry of a partner in the policy; undefined takes it out. */
function change(domain: string, edit: (entry: Record<string, unknown>) => Record<string, unknown> | undefined): void {
  const file = join(site.lab.policyDir, 'partners.yaml');
  const { partners } = parse(readFileSync(file, 'utf8')) as { partners: Record<string, unknown>[] };
  const changed = partners.flatMap((entry) => (entry.domain === domain ? (edit(entry) ?? []) : [entry]));
  writeFileSync(file, stringify({ partners: changed }));
}

async function isThere(domain: string, user: string): Promise<void> {
  const server = site.neighbours.partners.get(domain);
  const bob = site.lab.internalUsers[0] ?? '';
  assert.ok(server !== undefined);
  await server.user(user).sendXml(`<presence from='${user}/desk' to='${bob}'><show>away</show></presence>`);
  await server.user(user).sendXml(`<presence from='${user}/phone' to='${bob}'/>`);
  await until('they are seen', async () => (await people(domain)) === '1 away, 1 available');
}

test('whose certificate is taken back is off, and its people are unavailable', async () => {
  const [partner] = site.lab.partners;
  assert.ok(partner !== undefined);
  const { domain, issuer } = partner;
  const authority = { certPem: readFileSync(issuer.certFile, 'utf8'), keyPem: readFileSync(issuer.keyFile, 'utf8') };
  const list = join(site.lab.policyDir, 'trust', `${domain}.crl`);
  writeFileSync(list, await issueCrl(authority, []));
  change(domain, (entry) => ({ ...entry, crl: { file: `trust/${domain}.crl` } }));
  await until('the list is in force', () => site.pair.log('proxy').includes('a new policy is in force'), 15_000);
  await isThere(domain, partner.users[0] ?? '');
  assert.match(await metric('sallyport_presence_known'), / 2$/);

  const takenBack = Date.now();
  writeFileSync(list, await issueCrl(authority, [readFileSync(partner.certFile, 'utf8')]));
  await until(
    'they are unavailable',
    async () => (await people(domain)) === 'off: its certificate no longer holds',
    60_000,
  );
  assert.ok(Date.now() - takenBack < 60_000);
  assert.match(await metric('sallyport_presence_known'), / 0$/);
  assert.match(await metric('sallyport_presence_partner_gone_total{why="unproved"}'), / 1$/);
  assert.match(site.pair.log('gateway'), /are unavailable from now on/);

  // Given back, it is proved again by its next stream.
  writeFileSync(list, await issueCrl(authority, []));
  const ann = site.neighbours.partners.get(domain)?.user(partner.users[0] ?? '');
  await until(
    'it is seen again',
    async () => {
      await ann?.sendXml(`<presence from='${ann.address}/desk' to='${site.lab.internalUsers[0]}'/>`).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 300));
      return (await people(domain)) === '1 available';
    },
    30_000,
  );
});

test('who is taken out of the policy is off, and its people are unavailable, its own and nobody else’s', async () => {
  const [first, second] = site.lab.partners;
  assert.ok(first !== undefined && second !== undefined);
  await isThere(second.domain, second.users[0] ?? '');
  const before = await people(first.domain);
  change(second.domain, () => undefined);
  await until('they are unavailable', async () => (await people(second.domain)) === 'off: no partner any more', 60_000);
  assert.match(await metric('sallyport_presence_partner_gone_total{why="removed"}'), / 1$/);
  assert.equal(await people(first.domain), before);
});
