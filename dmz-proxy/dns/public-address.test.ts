// What a record in foreign hands may lead us to.
import assert from 'node:assert/strict';
import { BlockList } from 'node:net';
import { test } from 'node:test';
import { mayConnectTo } from './public-address.ts';

test('public addresses are good', () => {
  for (const address of ['8.8.8.8', '172.32.0.1', '11.0.0.1', '2a00:1450::1', '2606:4700::1111']) {
    assert.equal(mayConnectTo(address, false), true, address);
  }
});

test('private, loopback, link-local and reserved addresses are good only where the entry allows them', () => {
  const addresses = [
    '10.1.2.3',
    '127.0.0.1',
    '127.9.9.9',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
  ];
  for (const address of [
    ...addresses,
    '198.18.0.1',
    '192.0.2.1',
    '::1',
    'fe80::1',
    'fd00::1',
    '2001:db8::1',
    '2002:a00::',
  ]) {
    assert.equal(mayConnectTo(address, false), false, address);
    assert.equal(mayConnectTo(address, true), true, address);
  }
});

test('nobody is at a multicast, unspecified, reserved or mapped address', () => {
  const addresses = ['0.0.0.0', '0.1.2.3', '224.0.0.1', '240.0.0.1', '255.255.255.255', '::', 'ff02::1'];
  for (const address of [
    ...addresses,
    '::ffff:8.8.8.8',
    '::ffff:127.0.0.1',
    '::127.0.0.1',
    '64:ff9b::a00:1',
    'x',
    '',
  ]) {
    assert.equal(mayConnectTo(address, false), false, address);
    assert.equal(mayConnectTo(address, true), false, address);
  }
});

test('the addresses of this host are not those of a partner, public as they may be', () => {
  const own = { ipv4: new BlockList(), ipv6: new BlockList() };
  own.ipv4.addAddress('8.8.8.8', 'ipv4');
  own.ipv6.addAddress('2a00:1450::1', 'ipv6');
  for (const address of ['8.8.8.8', '2a00:1450::1', '2a00:1450:0::1']) {
    assert.equal(mayConnectTo(address, false, own), false, address);
    assert.equal(mayConnectTo(address, true, own), true, address);
  }
  assert.equal(mayConnectTo('8.8.4.4', false, own), true);
});
