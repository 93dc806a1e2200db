// Certificates and revocation lists of whoever dials us (RFC 5280): DER as it came, names as they stand in it.
import assert from 'node:assert/strict';
import { matchDomain, matchHost } from '../../../shared/certificates/check-peer.ts';
import { readCertificate, readCertificates } from '../../../shared/certificates/read-certificate.ts';
import { readRevocationLists } from '../../../shared/certificates/revocation.ts';
import type { Target } from '../target.ts';

const domains = ['out.example', 'in.example', 'münchen.example', 'a.b', 'example', '127.0.0.1', ''];

export const certificates: Target = {
  name: 'certificates',
  words: [
    ...['*.', '*', '*.*', 'x*.', '_xmpp-server.', '\0', '.', 'out.example', 'xn--mnchen-3ya.example', 'OUT.EXAMPLE'],
    ...['0\x80', '0\x84\xff\xff\xff\xff', '\x82\x0b', '\xa0', '\x16', '\x0c', '\x06\x08', '\x30\x00', '\x01\x01\xff'],
  ],
  claim(input) {
    const pem = `-----BEGIN CERTIFICATE-----\n${input.toString('base64')}\n-----END CERTIFICATE-----\n`;
    assert.ok(readCertificates(pem).length <= 1);
    readRevocationLists(pem.replaceAll('CERTIFICATE', 'X509 CRL'));
    const read = readCertificate(input);
    if (read === undefined) return;
    assert.ok(read.peer.names.length <= 100);
    for (const domain of domains) {
      const found = matchDomain(read.peer, domain);
      if (found !== undefined)
        assert.doesNotMatch(found.name, /[^!-~\u0080-\u{10ffff}]/u, 'a name that proves has no control characters');
      matchHost(read.peer, [domain], { wildcard: true });
    }
  },
};
