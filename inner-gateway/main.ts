// inner-gateway: knows the people and the networks, and believes nothing that the DMZ tells it. This file joins its
// parts and is the only one that sees them all.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { auditOptions, openAudit } from '@sallyport/shared/audit/writer.ts';
import { systemClock as clock } from '@sallyport/shared/clock.ts';
import { serveControl } from '@sallyport/shared/control-socket.ts';
import { readControlQuestion } from '@sallyport/shared/finding.ts';
import type { Watcher } from '@sallyport/shared/judge.ts';
import { openLog } from '@sallyport/shared/log.ts';
import { serveOperations } from '@sallyport/shared/operations-http.ts';
import { activateFolder } from '@sallyport/shared/policy/activate-folder.ts';
import { openJournal } from '@sallyport/shared/policy/journal.ts';
import { openPolicy } from '@sallyport/shared/policy/policy-in-force.ts';
import { cutForDmz } from '@sallyport/shared/policy/signed-revision.ts';
import { readSettings } from '@sallyport/shared/settings.ts';
import { version } from '@sallyport/shared/software.ts';
import { createBoundaryAdapter } from './adapters/boundary/boundary-adapter.ts';
import { partnerLines } from './adapters/boundary/partner-lines.ts';
import { createSipAdapter } from './adapters/sip/sip-adapter.ts';
import { createBroker } from './broker/broker.ts';
import { createSentIds } from './broker/sent-ids.ts';
import { answerOperator, readHeldQuestion } from './quarantine/answer-operator.ts';
import { openQuarantine } from './quarantine/open-quarantine.ts';
import { gatewaySettings } from './settings.ts';
import { openSqliteStore } from './store/sqlite-store.ts';

function giveUp(lines: readonly string[]): never {
  for (const line of lines) process.stderr.write(`${line}\n`);
  process.exit(2);
}

const settingsFile = process.argv[2];
if (settingsFile === undefined) giveUp(['inner-gateway: say which settings: node inner-gateway/main.ts SETTINGS.yaml']);
const read = readSettings(settingsFile, gatewaySettings);
if (!read.ok) giveUp(read.problems);
const settings = read.settings;
const startedAt = clock.now();
const boot = randomBytes(6).toString('hex');
const log = openLog('inner-gateway', settings.node, settings.log.level);
const opened = openPolicy({
  ...{ folder: settings.policy, side: 'inside', signatures: settings.policySignatures, log, now: clock.now },
  contentKeyFile: settings.contentKeyFile,
});
if (!opened.ok) giveUp(opened.problems);
const policies = opened.policy;
const policy = policies.current;
const watcher: Watcher | undefined =
  settings.log.level === 'trace'
    ? (stage, verdict) => log.trace({ stage, verdict: verdict.passed ? 'pass' : verdict.refusal.code }, 'verdict')
    : undefined;

try {
  const audit = await openAudit(settings.audit.file, auditOptions(settings, log));
  const store = await openSqliteStore({ ...settings.store, log });
  const quarantine = settings.quarantine && (await openQuarantine({ ...settings.quarantine, log }));
  const sip = createSipAdapter({ settings, log, clock, bootId: boot, words: policy });
  const boundary = createBoundaryAdapter({
    settings: settings.link,
    introduction: () => ({
      software: `inner-gateway ${version}`,
      node: settings.node,
      boot,
      policyRevision: policy().revision,
    }),
    async lookUp(id) {
      const found = await store.lookUp(id);
      if (found === undefined) return undefined;
      // Kept, or ended: either way it is the gateway's, and whoever must be told is told by a packet.
      return found === 'kept' ? { state: 'held', ended: broker.ended(id) } : { state: 'delivered' };
    },
    onUnreadable: (packet, { code, note = '' }) =>
      audit.record({ event: 'refused', direction: 'inward', packet, code, stage: 'packetFromWire', note }),
    onPartnerOff: (domain, why) => broker.presence.partnerIsGone(domain, why),
    witness: audit.witness,
    policyForDmz() {
      const signed = settings.policySignatures?.deliver === true ? policies.signed() : undefined;
      return signed === undefined ? undefined : cutForDmz(signed);
    },
    clock,
    log,
  });
  const { policyJournal } = settings;
  const journal = policyJournal && openJournal(policyJournal.file, policyJournal.megabytes, 'inside', log);
  const broker = createBroker({
    store,
    adapters: [boundary, sip],
    domains: settings.domains,
    users: settings.users,
    policy: journal?.recording(policy) ?? policy,
    audit,
    log,
    clock,
    bootId: boot,
    sentIds: createSentIds(readFileSync(settings.store.keyFile)),
    ...(watcher === undefined ? {} : { watcher }),
    ...(quarantine === undefined ? {} : { quarantine }),
  });
  await broker.start();

  policies.watch({
    record: audit.record,
    onChange(before) {
      // The proxies say so as well; whoever hears of it first acts.
      for (const domain of before.partners.keys()) {
        if (!policy().partners.has(domain)) broker.presence.partnerIsGone(domain, 'removed');
      }
      boundary.policyChanged();
    },
  });
  const operations = await serveOperations(settings.metrics, {
    live: () => undefined,
    ready: () =>
      policies.trouble() ??
      (boundary.status().some((proxy) => proxy.state === 'up') ? undefined : 'no proxy is connected'),
  });
  const status = async () => ({
    program: 'inner-gateway',
    node: settings.node,
    since: startedAt,
    link: boundary.status(),
    partners: partnerLines(boundary.partners(), broker.presence.available),
    peers: sip.status(),
    outbox: await store.counts(),
    quarantine: await quarantine?.counts(),
    refusals: broker.lastRefusals(),
    policy: { revision: policy().revision, ...policies.states(), kept: policies.kept(), overdue: policies.overdue() },
  });
  const control = await serveControl(settings.control, async (asked) => {
    const heldQuestion = readHeldQuestion(asked);
    if (heldQuestion !== undefined) return answerOperator(heldQuestion, broker.held, policy().operators, clock.now());
    const question = readControlQuestion(asked);
    switch (question?.ask) {
      case 'status':
        return status();
      case 'diagnose':
        return boundary.diagnose({ domain: question.domain, from: question.from });
      case 'activate':
        return activateFolder(policies, question.folder);
      case undefined:
        return { error: 'this process does not know the question; is the command of the same version?' };
      default:
        return question satisfies never;
    }
  });
  log.info(
    { sip: sip.port(), metrics: operations.port, revision: policy().revision },
    'ready for front ends; dialling the proxies',
  );

  let stopping = false;
  const stop = async (signal: string) => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'going down');
    policies.close();
    // The broker says BYE and goodbye; what has no end yet stays in the store for the next start.
    await broker.stop();
    await control.close();
    await store.close();
    await quarantine?.close();
    await operations.close();
    await audit.close();
    await journal?.close();
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop('SIGTERM'));
  process.on('SIGINT', () => void stop('SIGINT'));
  process.on('SIGHUP', () => {
    policies.reload();
    sip.reload();
  });
} catch (error) {
  giveUp([`inner-gateway: ${error instanceof Error ? error.message : 'cannot start'}`]);
}
