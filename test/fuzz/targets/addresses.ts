// Addresses: JIDs (RFC 7622), domains (IDNA2008), and the way to SIP URIs and back (RFC 7247, XEP-0106).
import assert from 'node:assert/strict';
import { prepareDomain, toAsciiDomain } from '../../../shared/address/domain-name.ts';
import { addressTrouble, jidText, parseJid } from '../../../shared/address/jid.ts';
import { jidToSip, sipToJid } from '../../../shared/address/sip-uri.ts';
import type { Target } from '../target.ts';

export const addresses: Target = {
  name: 'addresses',
  words: [
    ...['@', '/', '.', ':', 'sip:', 'sips:', ';gr=', ';user=phone', '%40', '%2f', '%', '\\20', '\\5c', '\\2F', '[::1]'],
    ...['xn--', 'xn--mnchen-3ya', 'xn--a', '。', '．', '·', 'ſ', 'K', 'Å', 'ª', 'ﬁ', 'ς', 'א', 'ا', '٠', '0', 'а', 'ο'],
    ...[
      '\u0301',
      '\u200c',
      '\u00ad',
      '\u3000',
      '\u202e',
      '\u{10ffff}',
      '\u0378',
      '一',
      '\u1100',
      '-',
      '--',
      ' ',
      '\r\n',
    ],
  ],
  claim(input) {
    const text = input.toString();
    const jid = parseJid(text);
    addressTrouble(text);
    if (jid !== undefined) {
      assert.deepEqual(parseJid(jidText(jid)), jid, 'a prepared address is prepared');
      assert.doesNotMatch(jidText(jid), /[\u0000-\u001f\u007f]/);
      const uri = jidToSip(jid);
      if (uri !== undefined) assert.equal(sipToJid(uri)?.bare, jid.bare, 'to SIP and back');
      if (uri !== undefined) assert.match(uri, /^sip:[!-~]+$/);
    }
    const fromSip = sipToJid(text);
    if (fromSip !== undefined) {
      const back = jidToSip(fromSip);
      assert.ok(back !== undefined, 'from SIP and back');
      assert.equal(sipToJid(back)?.bare, fromSip.bare);
      assert.deepEqual(parseJid(jidText(fromSip)), fromSip);
    }
    const domain = prepareDomain(text);
    if ('text' in domain) {
      const ascii = toAsciiDomain(domain.text);
      assert.deepEqual(prepareDomain(ascii), domain, 'both forms of a domain are one');
    }
  },
};
