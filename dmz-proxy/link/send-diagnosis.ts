// Sends what the partner doctor finds to the gateway that asked, as it finds it, and stops with the call.
import type { ServerWritableStream } from '@grpc/grpc-js';
import type { DiagnoseRequest__Output } from '@sallyport/proto/generated/sallyport/boundary/v1/DiagnoseRequest.ts';
import type { DiagnosisPart } from '@sallyport/proto/generated/sallyport/boundary/v1/DiagnosisPart.ts';
import type { Finding } from '@sallyport/shared/finding.ts';

const topics = {
  policy: 'POLICY',
  dns: 'DNS',
  address: 'ADDRESS',
  tls: 'TLS',
  certificate: 'CERTIFICATE',
  authentication: 'AUTHENTICATION',
  stream: 'STREAM',
  'way-in': 'WAY_IN',
} as const;
const levels = { good: 'GOOD', note: 'NOTE', wrong: 'WRONG' } as const;
const whos = { nobody: 'NOBODY', us: 'US', partner: 'PARTNER', firewall: 'FIREWALL' } as const;

/** `proxy` is the name of this node. Resolves when all is sent, or nobody listens any more. */
export async function sendDiagnosis(
  call: ServerWritableStream<DiagnoseRequest__Output, DiagnosisPart>,
  proxy: string,
  findings: AsyncIterable<Finding>,
): Promise<void> {
  let gone = false;
  for (const event of ['cancelled', 'close', 'error'] as const) {
    call.on(event, () => {
      gone = true;
    });
  }
  for await (const { topic, level, who, code, at, says, mend } of findings) {
    if (gone) break;
    call.write({
      ...{ proxy, code, at, says, mend },
      topic: topics[topic],
      level: levels[level],
      who: whos[who],
    });
  }
  if (!gone) call.end();
}
