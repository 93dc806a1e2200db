// All that one visit of the doctor finds, gathered for the control socket.
import type { Diagnosis, Finding } from '@sallyport/shared/finding.ts';

export async function gatherDiagnosis(
  question: { readonly domain: string; readonly from: string },
  proxy: string,
  found: AsyncIterable<Finding>,
  now: () => number,
): Promise<Diagnosis> {
  const begun = now();
  const findings: Finding[] = [];
  for await (const finding of found) findings.push(finding);
  return { domain: question.domain, from: question.from, proxy, tookMs: now() - begun, findings };
}
