// Findings about trust: TLS, certificates, and how each end proves itself.
import { good, note, partner, type Row, us, wrong } from './finding-row.ts';

export const trustFindings = {
  // TLS
  'tls-spoken': good('tls', 'the versions of TLS that the server speaks'),
  'tls-13-trouble': wrong(
    'tls',
    us(
      'with TLS 1.3 the stream breaks, with TLS 1.2 it does not',
      'write tls: { max: 1.2 } into its entry until they have updated their server',
    ),
  ),
  'tls-13-well-again': note(
    'tls',
    us('TLS 1.3 works, and our entry does not allow it', 'remove tls.max from its entry'),
  ),
  'tls-not-agreed': wrong(
    'tls',
    us('the server speaks no version of TLS that our entry allows', 'change tls in its entry, or have them update'),
  ),
  'tls-too-old': wrong(
    'tls',
    partner('the server speaks only versions of TLS that are too old', 'enable TLS 1.2 or 1.3'),
  ),
  'tls-fails': wrong(
    'tls',
    partner(
      'no TLS handshake succeeds',
      'look into the log of their server: certificate, key, ciphers (ECDHE with AEAD)',
    ),
  ),
  'direct-tls-is-plain': wrong(
    'tls',
    partner(
      'the port is announced for direct TLS and does not speak it',
      'announce it as _xmpp-server (STARTTLS), or give _xmpps-server its own port',
    ),
  ),
  'alpn-refused': wrong(
    'tls',
    partner('the server refuses the protocol name xmpp-server (ALPN)', 'allow xmpp-server, as XEP-0368 asks'),
  ),
  'alpn-silent': note(
    'tls',
    partner(
      'the server does not answer the protocol name (ALPN)',
      'nothing, unless a port is shared with other protocols',
    ),
  ),

  // Certificates
  'certificate-good': good('certificate', 'the certificate proves the domain, as our entry asks'),
  'certificate-not-asked': good('certificate', 'our entry asks for dialback alone; the certificate proves nothing'),
  'certificate-missing': wrong('certificate', partner('the server shows no certificate', 'give it one')),
  'certificate-expired': wrong(
    'certificate',
    partner('the certificate has expired', 'renew it, and have the server read it again'),
  ),
  'certificate-expires-soon': note(
    'certificate',
    partner('the certificate expires within two weeks', 'renew it, and have the server read it again'),
  ),
  'certificate-not-yet-valid': wrong(
    'certificate',
    partner('the certificate is not valid yet', 'use it from its date on, and the one before until then'),
  ),
  'clock-doubtful': wrong(
    'certificate',
    us(
      'the certificate becomes valid within the next hours: most likely one of two clocks is wrong',
      'compare the clock of the proxy with a time source (chronyc tracking); if it is right, the partner compares theirs',
    ),
  ),
  'wrong-name': wrong(
    'certificate',
    partner('the certificate is made for other names', 'get one with the domain as DNS name in its subjectAltName'),
  ),
  'no-name': wrong(
    'certificate',
    partner(
      'the certificate has no subjectAltName; its common name does not count',
      'get one with the domain as DNS name in its subjectAltName',
    ),
  ),
  'self-signed': wrong(
    'certificate',
    partner(
      'the certificate is signed by itself',
      'get one from a CA that we know; or we agree on its key, and write pins and pinsOnly: true',
    ),
  ),
  'chain-incomplete': wrong(
    'certificate',
    partner(
      'the server sends its certificate alone, without the CA certificates between it and a CA that we trust',
      'send the whole chain (fullchain.pem); if none is missing, we add its CA to trust',
    ),
  ),
  'issuer-not-trusted': wrong(
    'certificate',
    us(
      'the chain leads to a CA that our entry does not trust',
      'compare with what was agreed; if it is right, add that CA to trust in its entry',
    ),
  ),
  'chain-expired': wrong(
    'certificate',
    partner('a CA certificate in the chain is out of date', 'have the server send the CA certificates of today'),
  ),
  'chain-faulty': wrong('certificate', partner('the certificate or its chain breaks a rule', 'get one that keeps it')),
  'chain-unordered': note(
    'certificate',
    partner(
      'the certificates come in the wrong order; we sort them, other servers do not',
      'put the own certificate first, then each issuer behind what it signed',
    ),
  ),
  revoked: wrong(
    'certificate',
    partner('a revocation list of its CA names the certificate', 'get another one, and find out why it was taken back'),
  ),
  'revocation-unknown': wrong(
    'certificate',
    us(
      'our entry requires a revocation list, and none in date speaks for the certificate',
      'put the newest list of its CA into trust/',
    ),
  ),
  'key-weak': wrong(
    'certificate',
    partner('the key or the signature is too weak', 'get a certificate with RSA 2048 or P-256, and SHA-256'),
  ),
  'client-only': wrong(
    'certificate',
    partner(
      'the certificate may be used by clients alone (extended key usage)',
      'get one with serverAuth, and clientAuth beside it',
    ),
  ),
  'no-client-auth': note(
    'certificate',
    partner(
      'their certificate lacks clientAuth; we take it when they dial us, stricter servers do not',
      'have both serverAuth and clientAuth where the CA still gives them',
    ),
  ),
  'pin-mismatch': wrong(
    'certificate',
    us(
      'the key is none of those that are pinned',
      'ask the partner by telephone; if the key is theirs, add it to pins',
    ),
  ),
  'ours-good': good('certificate', 'our own certificate, as partners see it'),
  'ours-expired': wrong(
    'certificate',
    us('our own certificate has expired', 'renew it; the proxy reads the new one by itself'),
  ),
  'ours-expires-soon': note(
    'certificate',
    us('our own certificate expires within two weeks', 'renew it; the proxy reads the new one by itself'),
  ),
  'ours-not-yet-valid': wrong(
    'certificate',
    us('our own certificate is not valid yet', 'compare the clock of the proxy with a time source'),
  ),
  'ours-wrong-name': wrong(
    'certificate',
    us('our own certificate does not name our domain', 'get one with all our domains as DNS names'),
  ),
  'ours-no-client-auth': note(
    'certificate',
    us(
      'our own certificate lacks clientAuth: where we dial, old ejabberd and others refuse it',
      'get one with clientAuth if a partner refuses us; else they update',
    ),
  ),

  // Authentication
  'external-out': good('authentication', 'we dial: EXTERNAL works'),
  'external-not-offered': wrong(
    'authentication',
    partner(
      'we dial: they offer no EXTERNAL, so they do not believe our certificate, or never use them',
      'trust the CA of our certificate for our domain, and switch SASL EXTERNAL on between servers',
    ),
  ),
  'external-refused': wrong(
    'authentication',
    partner(
      'we dial: they offer EXTERNAL and refuse ours',
      'look into the log of their server; trust the CA of our certificate',
    ),
  ),
  'our-certificate-refused': wrong(
    'authentication',
    partner('we dial: they refuse our certificate', 'trust the CA of our certificate for our domain'),
  ),
  'dialback-only': wrong(
    'authentication',
    partner(
      'we dial: they offer dialback alone, which our entry does not allow',
      'trust the CA of our certificate, and switch SASL EXTERNAL on between servers; else we allow dialback in its entry',
    ),
  ),
  'dialback-out': good('authentication', 'we dial: dialback works, as our entry allows'),
  'dialback-key-invalid': wrong(
    'authentication',
    us(
      'we dial: they asked the server of our domain about our dialback key, and it said no',
      'have DNS lead our domain to this proxy, and give all our nodes the same dialback secret',
    ),
  ),
  'dialback-refused': wrong(
    'authentication',
    partner(
      'we dial: they do not take our dialback',
      'look whether their server can dial ours (DNS of our domain, our port 5269), and whether it allows dialback',
    ),
  ),
  'external-unused': good(
    'authentication',
    'they dial: EXTERNAL is not used, by our entry or for want of a certificate; dialback is left',
  ),
  'external-in': good('authentication', 'they dial: with the same certificate EXTERNAL works'),
  'no-external-in': wrong(
    'authentication',
    partner('they dial: with the same certificate we would refuse them', 'mend the certificate as said above'),
  ),
  'dialback-in': good('authentication', 'they dial: whether we take dialback'),
  'broken-off': wrong(
    'authentication',
    partner('the stream ends in the middle of the negotiation', 'look into the log of their server'),
  ),
} as const satisfies Readonly<Record<string, Row>>;
