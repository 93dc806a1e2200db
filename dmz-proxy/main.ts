// dmz-proxy: an XMPP server to the outside that lets nothing pass unjudged. This file joins its parts and is the
// only one that sees them all.
import { randomBytes } from 'node:crypto';
import { auditOptions, openAudit } from '@sallyport/shared/audit/writer.ts';
import type { Renewal } from '@sallyport/shared/certificates/own-certificate.ts';
import { systemClock as clock } from '@sallyport/shared/clock.ts';
import { createTails } from '@sallyport/shared/content/tails.ts';
import { serveControl } from '@sallyport/shared/control-socket.ts';
import { readControlQuestion } from '@sallyport/shared/finding.ts';
import type { Watcher } from '@sallyport/shared/judge.ts';
import { revisionWords } from '@sallyport/shared/link/agreement.ts';
import { openLog } from '@sallyport/shared/log.ts';
import { serveOperations } from '@sallyport/shared/operations-http.ts';
import { activateFolder } from '@sallyport/shared/policy/activate-folder.ts';
import { openJournal } from '@sallyport/shared/policy/journal.ts';
import { openPolicy } from '@sallyport/shared/policy/policy-in-force.ts';
import { readSettings } from '@sallyport/shared/settings.ts';
import { version } from '@sallyport/shared/software.ts';
import { createDialbackKeys } from './dialback/keys.ts';
import { openDialbackSecret } from './dialback/secret.ts';
import { openDns } from './dns/ask-dns.ts';
import { createAttempts } from './doctor/attempts.ts';
import { gatherDiagnosis } from './doctor/diagnosis.ts';
import { createDoctor } from './doctor/doctor.ts';
import { createFromPartner } from './from-partner.ts';
import { createAllowance } from './link/allowance.ts';
import { type ServedLink, serveLink } from './link/serve-link.ts';
import { createToInside } from './link/to-inside.ts';
import { listen } from './listener.ts';
import { createPartnerAccounts } from './partner-accounts.ts';
import { createPartnerStandings } from './partner-standings.ts';
import { partnerLines, partnerStates, streamLines } from './partner-states.ts';
import { createRecentRefusals } from './recent-refusals.ts';
import { createReplies } from './replies.ts';
import { proxySettings } from './settings.ts';
import { describeEnding } from './stream/ending.ts';
import type { Receive } from './stream/facts.ts';
import { createOutboundStreams } from './stream/outbound-streams.ts';
import { openOwnCredentials } from './tls/own-credentials.ts';
import { createToPartner } from './to-partner.ts';

function giveUp(lines: readonly string[]): never {
  for (const line of lines) process.stderr.write(`${line}\n`);
  process.exit(2);
}

const settingsFile = process.argv[2];
if (settingsFile === undefined) giveUp(['dmz-proxy: say which settings: node dmz-proxy/main.ts SETTINGS.yaml']);
const read = readSettings(settingsFile, proxySettings);
if (!read.ok) giveUp(read.problems);
const settings = read.settings;
const startedAt = clock.now();
const boot = randomBytes(6).toString('hex');
let lastId = 0;
const newId = () => `${boot}.${++lastId}`;
const domains = new Set(settings.domains);
const log = openLog('dmz-proxy', settings.node, settings.log.level);
const opened = openPolicy({
  ...{ folder: settings.policy, side: 'dmz', signatures: settings.policySignatures, log, now: clock.now },
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
  const credentials = openOwnCredentials(settings);
  for (const line of credentials.faults()) log.warn({ reason: line }, 'partners will not like our certificate');
  const recent = createRecentRefusals();
  const { policyJournal } = settings;
  const journal = policyJournal && openJournal(policyJournal.file, policyJournal.megabytes, 'dmz', log);
  const dns = openDns(clock, settings.dns);
  const keys = createDialbackKeys(openDialbackSecret(settings.dialback?.secretFile));
  const common = {
    settings,
    policy,
    credentials: credentials.of,
    keys,
    dns,
    log,
    audit: audit.record,
    clock,
  };
  const judged = {
    policy: journal?.recording(policy) ?? policy,
    domains,
    bodyCharacters: settings.limits.bodyCharacters,
    onRefused: (refusal: Parameters<typeof recent.add>[1], from: string, to: string) =>
      recent.add(clock.now(), refusal, from, to),
    ...(watcher === undefined ? {} : { watcher }),
    tails: createTails(clock),
    clock,
  };

  const accounts = createPartnerAccounts({ policy, clock });
  let listener: Awaited<ReturnType<typeof listen>> | undefined;
  const standings = createPartnerStandings({
    policy,
    streams: () => [...(listener?.streams() ?? []), ...outbound.streams()],
    clock,
    log,
  });
  const told = { onProved: standings.proved, onUnproved: standings.unproved };
  let receive: Receive | undefined;
  const outbound = createOutboundStreams({
    ...common,
    ...told,
    // Before the ports are open no stream is dialled, so that nothing can come.
    receive: (...stanza) => receive?.(...stanza),
    heardFrom: (localDomain, remoteDomain) => listener?.heardFrom(localDomain, remoteDomain) ?? 0,
  });
  const attempts = createAttempts((domain) => policy().partners.has(domain));
  const doctor = createDoctor({
    ...common,
    openDns: () => openDns(clock, { ...settings.dns, withinMs: 5_000 }),
    streams: () => [...(listener?.streams() ?? []), ...outbound.streams()],
    attempts,
  });
  const turnedAway = (domain: string) => attempts.of(domain).findLast(({ joined }) => !joined);
  let link: ServedLink | undefined;
  const toInside = createToInside({ peers: () => link?.peers ?? new Map(), clock });
  link = await serveLink({
    settings: settings.link,
    introduction: () => ({
      software: `dmz-proxy ${version}`,
      node: settings.node,
      boot,
      policyRevision: policy().revision,
    }),
    receive: createToPartner({ ...judged, ship: outbound.ship, audit, onReleased: accounts.released }),
    partners: () =>
      listener === undefined ? [] : partnerStates(policy(), listener, outbound, standings, policies.states()),
    diagnose: doctor.examine,
    policies,
    onUp: toInside.onUp,
    auditHead: audit.head,
    clock,
    log,
  });
  const served = link;
  receive = createFromPartner({
    ...judged,
    newId,
    toInside,
    accounts,
    allowance: createAllowance({ packets: 4_000, bytes: 16 * 1024 * 1024, perPair: 32 }),
    reply: createReplies(outbound.ship),
    pingAnswered: (from, to, id) => doctor.pingAnswered(from, to, id) || outbound.pingAnswered(from, to, id),
    audit: audit.record,
    recording: audit.works,
  });
  const open = await listen({
    ...common,
    ...told,
    receive,
    carry: outbound.carry,
    onOver: (remoteDomain, { ending, ...visit }) =>
      attempts.add(remoteDomain, { at: clock.now(), ...visit, note: describeEnding(ending) }),
  });
  listener = open;

  policies.watch({
    record: audit.record,
    onChange(before) {
      standings.policyChanged(before);
      // Revocation is live (I9): whoever is no partner any more is off at once. Streams see other terms by themselves.
      for (const domain of before.partners.keys()) {
        if (policy().partners.has(domain)) continue;
        open.dropPartner(domain, 'policy-violation');
        outbound.dropPartner(domain, 'policy-violation');
      }
    },
  });
  const renewed = (result: Renewal): void => {
    if (!result.ok) log.error({ reason: result.reason }, 'the new certificate cannot be used; the old one stays');
    else if (result.changed) {
      const until = new Date(credentials.until()).toISOString();
      log.info({ until }, 'our new certificate is in use; streams made with the old one are renewed');
    }
  };
  const stopWatching = credentials.watch(renewed);
  const insideUp = () => [...served.peers.values()].some((peer) => peer.facts().up);
  const operations = await serveOperations(settings.metrics, {
    live: () => undefined,
    ready: () => policies.trouble() ?? (insideUp() ? undefined : 'no gateway is connected'),
  });
  const status = () => ({
    program: 'dmz-proxy',
    node: settings.node,
    since: startedAt,
    link: [...served.peers].map(([uri, peer]) => {
      const facts = peer.facts();
      return {
        peer: uri,
        state: facts.up ? 'up' : 'down',
        since: facts.since,
        detail: facts.up
          ? `${facts.node}, ${facts.software}, ${revisionWords(facts.policyRevision, policy().revision)}`
          : '',
      };
    }),
    certificate: { until: credentials.until(), faults: credentials.faults() },
    partners: partnerLines(policy(), open, outbound, turnedAway),
    streams: streamLines(open, outbound),
    refusals: recent.all(),
    policy: { revision: policy().revision, ...policies.states(), kept: policies.kept(), overdue: policies.overdue() },
  });
  const control = await serveControl(settings.control, async (asked) => {
    const question = readControlQuestion(asked);
    switch (question?.ask) {
      case 'status':
        return status();
      case 'diagnose': {
        const found = doctor.examine(question, 'the control socket');
        return { diagnoses: [await gatherDiagnosis(question, settings.node, found, clock.now)], troubles: [] };
      }
      case 'activate':
        return activateFolder(policies, question.folder);
      case undefined:
        return { error: 'this process does not know the question; is the command of the same version?' };
      default:
        return question satisfies never;
    }
  });
  log.info(
    {
      port: open.port,
      directTlsPort: open.directTlsPort,
      link: served.port,
      metrics: operations.port,
      revision: policy().revision,
    },
    'ready for partners and gateways',
  );

  let stopping = false;
  const stop = async (signal: string) => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'going down');
    policies.close();
    stopWatching();
    // First no more comes in; what is under way gets its end; then the streams out and the link say goodbye.
    await open.stop('system-shutdown');
    await toInside.stop();
    await outbound.stop('system-shutdown');
    await served.stop('the proxy is going down');
    await control.close();
    await operations.close();
    await audit.close();
    await journal?.close();
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop('SIGTERM'));
  process.on('SIGINT', () => void stop('SIGINT'));
  process.on('SIGHUP', () => {
    policies.reload();
    for (const result of credentials.reload()) renewed(result);
  });
} catch (error) {
  giveUp([`dmz-proxy: ${error instanceof Error ? error.message : 'cannot start'}`]);
}
