// Asks a proxy's partner doctor, and reads what it says as hostile: bounded in time, number and length, and made of words
// that cannot steer a terminal (invariant I4).
import type { Boundary } from '@sallyport/proto/boundary.ts';
import type { DiagnosisPart__Output } from '@sallyport/proto/generated/sallyport/boundary/v1/DiagnosisPart.ts';
import {
  type Diagnosis,
  type Finding,
  type FindingLevel,
  type FindingTopic,
  type FindingWho,
  shownText,
} from '@sallyport/shared/finding.ts';

type Client = InstanceType<typeof Boundary>;

/** The doctor is done within 75 s. */
const longestMs = 80_000;
const findingsAtMost = 500;

const topics: Readonly<Record<string, FindingTopic>> = {
  POLICY: 'policy',
  DNS: 'dns',
  ADDRESS: 'address',
  TLS: 'tls',
  CERTIFICATE: 'certificate',
  AUTHENTICATION: 'authentication',
  STREAM: 'stream',
  WAY_IN: 'way-in',
};
const levels: Readonly<Record<string, FindingLevel>> = { GOOD: 'good', NOTE: 'note', WRONG: 'wrong' };
const whos: Readonly<Record<string, FindingWho>> = {
  NOBODY: 'nobody',
  US: 'us',
  PARTNER: 'partner',
  FIREWALL: 'firewall',
};

/** What the proxy behind `client` finds; or why it could not be asked, in a sentence. */
export function askDoctor(
  client: Client,
  question: { readonly domain: string; readonly from: string },
): Promise<Pick<Diagnosis, 'proxy' | 'findings'> | { readonly trouble: string }> {
  return new Promise((resolve) => {
    const findings: Finding[] = [];
    let proxy = '';
    const call = client.Diagnose(question, { deadline: Date.now() + longestMs });
    call.on('data', (part: DiagnosisPart__Output) => {
      const finding = readPart(part);
      // Whoever sends something that is no finding, or without an end, is not listened to any longer.
      if (finding === undefined || findings.length >= findingsAtMost) {
        call.cancel();
        resolve({ trouble: 'the proxy answers with something that is no diagnosis; is it of the same version?' });
        return;
      }
      proxy = shownText(part.proxy, 64);
      findings.push(finding);
    });
    call.on('error', (error: Error) =>
      resolve({ trouble: `the proxy could not be asked: ${shownText(error.message, 200)}` }),
    );
    call.on('end', () => resolve({ proxy, findings }));
  });
}

function readPart(part: DiagnosisPart__Output): Finding | undefined {
  const topic = topics[part.topic];
  const level = levels[part.level];
  const who = whos[part.who];
  if (topic === undefined || level === undefined || who === undefined) return undefined;
  if (!/^[a-z0-9-]{1,64}$/.test(part.code)) return undefined;
  return {
    ...{ code: part.code, topic, level, who },
    at: shownText(part.at, 300),
    says: shownText(part.says, 500),
    mend: shownText(part.mend, 500),
  };
}
