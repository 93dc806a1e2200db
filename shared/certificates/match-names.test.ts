// Which names prove a domain or a host (RFC 9525, RFC 6120 §13.7.1.2, RFC 4985).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchDomain, matchHost } from './check-peer.ts';
import type { PeerCertificate, PeerName } from './peer-certificate.ts';

function leafWith(names: readonly PeerName[], more: Partial<PeerCertificate> = {}): PeerCertificate {
  return {
    sha256: '00',
    notBefore: 0,
    notAfter: 1,
    issuer: '',
    subject: '',
    commonName: undefined,
    hasSan: names.length > 0,
    names,
    ...more,
  };
}

function proves(kind: PeerName['kind'], name: string, domain: string): boolean {
  return matchDomain(leafWith([{ kind, name }]), domain) !== undefined;
}

test('a DNS name proves its own domain, whatever its case and final dot', () => {
  assert.equal(proves('DNS', 'Out.Example.', 'out.example'), true);
  assert.equal(proves('DNS', 'out.example', 'out.example.'), true);
  assert.equal(proves('DNS', 'xout.example', 'out.example'), false);
  assert.equal(proves('DNS', 'chat.out.example', 'out.example'), false);
});

test('a wildcard is one whole label, the first', () => {
  assert.equal(proves('DNS', '*.example.org', 'a.example.org'), true);
  assert.equal(proves('DNS', '*.example.org', 'example.org'), false);
  assert.equal(proves('DNS', '*.example.org', 'a.b.example.org'), false);
  assert.equal(proves('DNS', 'f*.example.org', 'foo.example.org'), false);
  assert.equal(proves('DNS', 'a.*.example.org', 'a.b.example.org'), false);
  assert.equal(proves('DNS', '*.org', 'example.org'), false);
  assert.equal(proves('DNS', '*', 'example'), false);
});

test('a domain in its own letters is matched by its A-labels', () => {
  assert.equal(proves('DNS', 'xn--bcher-kva.example', 'bücher.example'), true);
  assert.equal(proves('DNS', '*.XN--bcher-kva.example', 'chat.bücher.example'), true);
  assert.equal(proves('SRV', '_xmpp-server.xn--bcher-kva.example', 'bücher.example'), true);
  assert.equal(proves('xmppAddr', 'Bücher.example', 'bücher.example'), true);
  assert.equal(proves('xmppAddr', 'xn--bcher-kva.example', 'bücher.example'), true);
  assert.equal(proves('DNS', 'bucher.example', 'bücher.example'), false);
  assert.equal(proves('xmppAddr', 'fass.example', 'faß.example'), false);
  assert.equal(proves('xmppAddr', 'büch\u00ader.example', 'bücher.example'), false);
});

test('names with strange characters are ignored', () => {
  assert.equal(proves('DNS', 'out.example\0.evil.example', 'out.example'), false);
  assert.equal(proves('DNS', 'öut.example', 'öut.example'), false);
});

test('an SRV name counts for _xmpp-server alone, without wildcard', () => {
  assert.equal(proves('SRV', '_xmpp-server.out.example', 'out.example'), true);
  assert.equal(proves('SRV', '_XMPP-Server.Out.Example', 'out.example'), true);
  assert.equal(proves('SRV', '_xmpp-client.out.example', 'out.example'), false);
  assert.equal(proves('SRV', '_xmpp-server.*.example', 'out.example'), false);
  assert.equal(proves('SRV', 'out.example', 'out.example'), false);
});

test('an xmppAddr is a bare domain, in either form', () => {
  assert.equal(proves('xmppAddr', 'Out.example', 'out.example'), true);
  assert.equal(proves('xmppAddr', 'bücher.example', 'xn--bcher-kva.example'), true);
  assert.equal(proves('xmppAddr', 'ann@out.example', 'out.example'), false);
  assert.equal(proves('xmppAddr', 'out.example/x', 'out.example'), false);
  assert.equal(proves('xmppAddr', '*.out.example', 'a.out.example'), false);
  assert.equal(proves('xmppAddr', '%6fut.example', 'out.example'), false);
});

test('URIs, IP addresses and the common name prove no domain', () => {
  assert.equal(proves('URI', 'out.example', 'out.example'), false);
  assert.equal(proves('IP', '10.0.0.1', '10.0.0.1'), false);
  assert.equal(matchDomain(leafWith([], { commonName: 'out.example' }), 'out.example'), undefined);
});

test('the match says which name it was', () => {
  const leaf = leafWith([
    { kind: 'xmppAddr', name: 'out.example' },
    { kind: 'DNS', name: '*.example' },
    { kind: 'DNS', name: 'OUT.example' },
  ]);
  assert.deepEqual(matchDomain(leaf, 'out.example'), { kind: 'DNS', name: 'OUT.example' });
});

test('a SIP peer is one of the expected hosts, exactly', () => {
  const leaf = leafWith([
    { kind: 'DNS', name: 'FE1.skype.example' },
    { kind: 'DNS', name: '*.pool.example' },
  ]);
  const exact = { wildcard: false };
  assert.equal(matchHost(leaf, ['pool.example', 'fe1.skype.example'], exact), 'fe1.skype.example');
  assert.equal(matchHost(leaf, ['fe1.pool.example'], exact), undefined);
  assert.equal(matchHost(leaf, ['fe1.pool.example'], { wildcard: true }), 'fe1.pool.example');
  assert.equal(matchHost(leaf, [], exact), undefined);
});

test('the common name of a SIP peer counts only where there is no subjectAltName at all', () => {
  const bare = leafWith([], { commonName: 'Fe1.skype.example' });
  assert.equal(matchHost(bare, ['fe1.skype.example'], { wildcard: false }), 'fe1.skype.example');
  assert.equal(matchHost({ ...bare, hasSan: true }, ['fe1.skype.example'], { wildcard: false }), undefined);
});
