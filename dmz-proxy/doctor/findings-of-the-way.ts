// Findings on the way to a partner: our own list, DNS, each address and what listens there.
import { firewall, good, note, partner, type Row, us, wrong } from './finding-row.ts';

export const wayFindings = {
  // Our own list, and the question itself
  'on-our-list': good('policy', 'the domain is a partner'),
  'not-a-domain': wrong(
    'policy',
    us('what was asked for is not a domain', 'write the domain as it stands in addresses, such as out.example'),
  ),
  'not-our-domain': wrong(
    'policy',
    us('the domain to dial as is none of ours', 'write one of the domains in the settings of the proxy'),
  ),
  'our-own-domain': wrong('policy', us('the domain is one of our own', 'ask for the domain of a partner')),
  'not-on-our-list': wrong(
    'policy',
    us(
      'the domain is no partner, so nothing was looked up or dialled',
      'to federate with it, add an entry to policies/partners.yaml: domain, connect, trust, mayTalk',
    ),
  ),
  'doctor-busy': wrong('policy', us('the doctor is asked too often, and examined nothing', 'ask again in a minute')),
  'not-finished': note(
    'policy',
    us('there was more to examine than the doctor may do in one visit', 'mend what was found, then ask again'),
  ),

  // DNS
  pinned: good('dns', 'our entry says where its servers are; DNS is not asked'),
  'service-found': good('dns', 'DNS names a server'),
  'no-direct-tls': good('dns', 'DNS names no server for direct TLS; STARTTLS is the usual way'),
  'service-missing': note(
    'dns',
    partner(
      'DNS has no SRV record, so that the address of the domain itself is tried, at port 5269',
      'publish _xmpp-server._tcp',
    ),
  ),
  'service-denied': wrong(
    'dns',
    partner(
      'DNS says "." for the service: the domain has no XMPP server, on purpose',
      'publish a server in _xmpp-server._tcp; where they mean it, we remove the partner or pin its address',
    ),
  ),
  'domain-unknown': wrong(
    'dns',
    partner(
      'DNS knows no such domain (NXDOMAIN)',
      'register or publish it again; we look whether our entry spells it rightly',
    ),
  ),
  'dns-failed': wrong(
    'dns',
    partner(
      'their name servers fail (SERVFAIL)',
      'have the zone looked at: expired DNSSEC signatures, or a zone that does not load',
    ),
  ),
  'dns-silent': wrong(
    'dns',
    firewall(
      'the name servers gave no answer in time',
      'let the proxy ask its name servers (UDP and TCP 53), and these ask the internet',
    ),
  ),
  'dns-refused': wrong(
    'dns',
    us('our name server refuses to answer us', 'allow the proxy to ask it, or name another one in dns.servers'),
  ),
  'dns-broken': wrong('dns', us('the answer of the name server cannot be used', 'look at the name server that we ask')),
  'address-found': good('dns', 'DNS tells the addresses of a server'),
  'address-missing': wrong(
    'dns',
    partner('DNS knows no address of the server that it names', 'publish an A or AAAA record for it'),
  ),
  'address-private': wrong(
    'dns',
    partner(
      'DNS tells a private address, to which we do not connect',
      'publish a public address; where the private one is meant, we write allowPrivate: true, or pin it',
    ),
  ),

  // Each address
  'port-open': good('address', 'the server takes the connection'),
  'port-closed': wrong(
    'address',
    partner('the machine answers, but nobody listens at the port', 'start the server there, or open its port'),
  ),
  'address-silent': wrong(
    'address',
    firewall(
      'the address does not answer at all',
      'let the proxy open this address and port outward; after that it is for the firewall of the partner',
    ),
  ),
  'address-unroutable': note(
    'address',
    us(
      'this machine has no route to the address, often for want of IPv6',
      'nothing, while another address answers; else give the machine a route',
    ),
  ),
  'nothing-reached': wrong('address', us('this machine has no route to any of the addresses', 'give it a route')),
  'no-xmpp': wrong(
    'address',
    partner(
      'what listens there does not speak XMPP between servers',
      'put the server-to-server port there; if TLS begins with the first byte there, publish it as _xmpps-server',
    ),
  ),
  'no-answer': wrong(
    'address',
    partner('the connection is taken, but nothing is said in time', 'look whether the server hangs or is overloaded'),
  ),
  'cut-at-once': wrong(
    'address',
    partner(
      'the connection is cut without a word',
      'look into the log of their server or firewall, which may not let us in',
    ),
  ),
  'host-unknown-there': wrong(
    'address',
    partner(
      'their server says that it does not serve this domain (host-unknown)',
      'serve the domain there; some servers say so to whoever is not on their list: then add our domain',
    ),
  ),
  'not-on-their-list': wrong(
    'address',
    partner('their server does not want to talk with us', 'add our domain to their list of partners'),
  ),
  'speaks-for-another': wrong(
    'address',
    partner('the server answers for another domain', 'have DNS and the server agree on which domain is served where'),
  ),
  'sent-elsewhere': wrong(
    'address',
    partner('the server sends us to another host, which we never follow', 'publish that host in DNS instead'),
  ),
  'stream-refused': wrong(
    'address',
    partner('their server ends the stream with an error', 'look into the log of their server'),
  ),
  'starttls-missing': wrong(
    'address',
    partner('their server offers no TLS', 'give it a certificate and require encryption between servers'),
  ),
  'starttls-refused': wrong(
    'address',
    partner(
      'their server offers TLS and then refuses it',
      'look into the log of their server: often its certificate file cannot be read',
    ),
  ),
} as const satisfies Readonly<Record<string, Row>>;
