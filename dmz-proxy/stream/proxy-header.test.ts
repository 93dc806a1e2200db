// The reader of PROXY protocol v2: what it takes, what it refuses, and that no bytes at all confuse it.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { blockAtMost, blockBytes, fixedBytes, notAHeader, type ProxyHeader, readProxyHeader } from './proxy-header.ts';

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');

function header(versionAndCommand: number, family: number, block: Buffer, length = block.length): Buffer {
  const rest = Buffer.alloc(4);
  rest[0] = versionAndCommand;
  rest[1] = family;
  rest.writeUInt16BE(length, 2);
  return Buffer.concat([signature, rest, block]);
}

const v4 = (source: string) => Buffer.from([...source.split('.').map(Number), 192, 0, 2, 1, 0x30, 0x39, 0x14, 0x95]);
const v6 = (source: string) => Buffer.concat([Buffer.from(source, 'hex'), Buffer.alloc(16, 1), Buffer.alloc(4, 2)]);

/** All of it at once. */
function read(bytes: Buffer): ProxyHeader {
  const fixed = bytes.subarray(0, fixedBytes);
  const length = blockBytes(fixed);
  if (typeof length === 'string') return { kind: 'refused', note: length };
  return readProxyHeader(fixed, bytes.subarray(fixedBytes, fixedBytes + length));
}

suite('what is taken', () => {
  test('the address of a client, IPv4 and IPv6, a mapped one as Node writes it', () => {
    assert.deepEqual(read(header(0x21, 0x11, v4('203.0.113.9'))), { kind: 'client', address: '203.0.113.9' });
    assert.deepEqual(read(header(0x21, 0x21, v6('20010db8000000000000000000000042'))), {
      kind: 'client',
      address: '2001:db8:0:0:0:0:0:42',
    });
    assert.deepEqual(read(header(0x21, 0x21, v6('00000000000000000000ffffcb007109'))), {
      kind: 'client',
      address: '::ffff:203.0.113.9',
    });
  });
  test('TLVs are passed over, whatever is in them', () => {
    const tlvs = Buffer.concat([
      Buffer.from([0x02, 0, 3, 1, 2, 3]),
      Buffer.from([0x20, 0, 0]),
      Buffer.from([0x03, 0, 4, 9, 9, 9, 9]),
    ]);
    const bytes = header(0x21, 0x11, Buffer.concat([v4('203.0.113.9'), tlvs]));
    assert.deepEqual(read(bytes), { kind: 'client', address: '203.0.113.9' });
  });
  test('LOCAL, with whatever it carries', () => {
    for (const block of [Buffer.alloc(0), v4('203.0.113.9'), Buffer.alloc(100, 7)]) {
      assert.deepEqual(read(header(0x20, 0x00, block)), { kind: 'local' });
      assert.deepEqual(read(header(0x20, 0x11, block)), { kind: 'local' });
    }
  });
});

suite('what is refused', () => {
  const good = v4('203.0.113.9');
  const cases: readonly (readonly [string, Buffer, RegExp])[] = [
    ['version 1', Buffer.from('PROXY TCP4 203.0.113.9 192.0.2.1 1 2\r\n'), /version 1/],
    ['a stream header', Buffer.from('<?xml version="1.0"?>'), /no header/],
    ['a ClientHello', Buffer.from('160301020001000001fc0303aabbccdd', 'hex'), /no header/],
    ['another version', header(0x31, 0x11, good), /version 3/],
    ['an unknown command', header(0x22, 0x11, good), /unknown command/],
    ['UDP', header(0x21, 0x12, good), /without an address of TCP/],
    ['a Unix socket', header(0x21, 0x31, Buffer.alloc(216)), /without an address of TCP/],
    ['no family', header(0x21, 0x00, good), /without an address of TCP/],
    ['IPv6 with a block for IPv4', header(0x21, 0x21, good), /too short/],
    ['eleven bytes of addresses', header(0x21, 0x11, good.subarray(0, 11)), /too short/],
    [
      'a TLV that is longer than the block',
      header(0x21, 0x11, Buffer.concat([good, Buffer.from([1, 0, 9, 1])])),
      /TLVs/,
    ],
    ['half the head of a TLV', header(0x21, 0x11, Buffer.concat([good, Buffer.from([1, 0])])), /TLVs/],
    ['a block beyond the bound', header(0x21, 0x11, good, blockAtMost + 1), /no more than/],
    ['a block of 65,535 bytes', header(0x20, 0x00, good, 65_535), /no more than/],
  ];
  for (const [name, bytes, why] of cases) {
    test(name, () => {
      const said = read(bytes);
      assert.equal(said.kind, 'refused');
      assert.match(said.kind === 'refused' ? said.note : '', why);
    });
  }
  test('a wrong byte is refused before the header is whole', () => {
    for (let at = 0; at < signature.length; at++) {
      const bytes = Buffer.from(signature.subarray(0, at + 1));
      assert.equal(notAHeader(bytes), undefined);
      bytes[at] = (bytes[at] ?? 0) ^ 0x20;
      assert.notEqual(notAHeader(bytes), undefined, `byte ${at}`);
    }
  });
});

test('whatever the bytes are, the answer is one of the three, in the bounds, and an address is an address', () => {
  const block = fc.uint8Array({ maxLength: 120 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 255 }), block, (command, family, bytes) => {
      const said = read(header(command, family, Buffer.from(bytes)));
      if (said.kind === 'client') {
        assert.equal(command, 0x21);
        assert.match(said.address, family === 0x11 ? /^(\d{1,3}\.){3}\d{1,3}$/ : /^[0-9a-f:.]+$/);
      } else if (said.kind === 'local') assert.equal(command, 0x20);
    }),
    { numRuns: 2_000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 64 }), (bytes) => {
      const said = read(Buffer.from(bytes));
      assert.equal(said.kind, 'refused', 'chance does not write the signature');
    }),
  );
});

test('what was written as a header is read back, whatever the address and the TLVs', () => {
  const tlv = fc
    .tuple(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 40 }))
    .map(([type, value]) => Buffer.concat([Buffer.from([type, 0, value.length]), value]));
  const source = fc.uint8Array({ minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(source, fc.array(tlv, { maxLength: 5 }), (bytes, tlvs) => {
      const address = [...bytes].join('.');
      const block = Buffer.concat([v4(address), ...tlvs]);
      assert.deepEqual(read(header(0x21, 0x11, block)), { kind: 'client', address });
    }),
  );
});
