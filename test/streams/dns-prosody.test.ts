// A real Prosody that we find by SRV records, and speak to with TLS from the first byte (XEP-0368; N2, N7, T8).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOutboundStreams } from '../../dmz-proxy/stream/outbound-streams.ts';
import { systemClock } from '../../shared/clock.ts';
import type { Said, Srv } from '../fakes/dns/dns-message.ts';
import { startDnsServer } from '../fakes/dns/dns-server.ts';
import { startProsody } from '../interop/prosody.ts';
import { startXmppClient } from '../interop/xmpp-client.ts';
import { firstMissing } from '../peers/peers.ts';
import {
  authority,
  credentialsOf,
  keys,
  log,
  ours,
  partner,
  policyOf,
  serve,
  settingsOf,
  shipment,
  theirs,
} from './setting.ts';

const missing = firstMissing(['prosody']);
const skip = missing !== undefined && process.env.REQUIRE_PEERS !== '1' && `${missing} is not installed`;

test('Prosody is found by SRV and reached by direct TLS, or by STARTTLS where that fails', {
  skip,
  timeout: 30_000,
}, async () => {
  const zone = new Map<string, Said>([['A s2s.out.example', ['127.0.0.1']]]);
  const name = await startDnsServer(new Map(), zone);
  const inbound = await serve();
  const prosody = await startProsody({
    domain: 'out.example',
    users: [{ name: 'ann', password: 'secret' }],
    certs: { cert: theirs.certPem, key: theirs.keyPem, ca: authority.certPem },
    hosts: new Map([['in.example', { host: '127.0.0.1', port: inbound.listener.port }]]),
    logLevel: 'debug',
  });
  const dialled = () =>
    createOutboundStreams({
      keys,
      settings: { ...settingsOf('in.example'), dns: { servers: [`127.0.0.1:${name.port}`] } },
      policy: () => policyOf({ ...partner('out.example'), connect: 'dns', allowPrivate: true }),
      credentials: credentialsOf(ours),
      log,
      audit: () => {},
      clock: systemClock,
      times: { sweep: 20, close: 300, retry: 100 },
    });
  const srv = (port: number, priority: number): Srv => ({ priority, weight: 0, port, target: 's2s.out.example' });
  try {
    const ann = await startXmppClient({
      domain: 'out.example',
      name: 'ann',
      password: 'secret',
      port: prosody.c2sPort,
      ca: authority.certPem,
    });
    const { s2sPort, directTlsPort } = prosody;
    // The third: what the direct record names speaks STARTTLS, so that TLS fails and the next record counts.
    for (const [text, direct, starttls] of [
      ['direct 🙂', srv(directTlsPort, 1), srv(1, 2)],
      ['starttls שלום', srv(1, 1), srv(s2sPort, 2)],
      ['after a failed handshake', srv(prosody.c2sPort, 1), srv(s2sPort, 2)],
    ] as const) {
      zone.set('SRV _xmpps-server._tcp.out.example', [direct]);
      zone.set('SRV _xmpp-server._tcp.out.example', [starttls]);
      const streams = dialled();
      const one = shipment(text);
      streams.ship(one.shipment);
      assert.equal((await ann.nextMessage({ from: 'bob@in.example' })).body, text);
      await streams.stop('system-shutdown');
    }
    assert.match(prosody.log(), /Accepting SASL EXTERNAL identity from in\.example/);
    await ann.stop();
  } finally {
    await prosody.stop();
    await inbound.listener.stop('system-shutdown');
    await name.stop();
  }
});
