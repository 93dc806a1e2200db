// A signed revision that somebody offers: its manifest has one form and no way out of the folder; its signatures are lines.
import assert from 'node:assert/strict';
import { printManifest, readManifest } from '../../../shared/policy/revision-manifest.ts';
import { printSignatures, readSignatures } from '../../../shared/policy/revision-signatures.ts';
import type { Target } from '../target.ts';

const digest = 'a'.repeat(64);
const head = `sallyport policy revision, format 1\nauthor alice\ntime 2026-11-22T15:00:00.000Z\nprevious none\n`;

export const revisions: Target = {
  name: 'revisions',
  words: [
    ...[
      head,
      `both ${digest} content.yaml\n`,
      `inside ${digest} lists/x.txt\n`,
      `previous ${digest}\n`,
      'author ',
      'time ',
    ],
    ...[
      '../',
      '/',
      'lists/',
      'trust/',
      '.txt',
      '.pem',
      '.crl',
      '\u0000',
      '\r\n',
      ' ',
      '9999-12-31T23:59:59.999Z',
      'bob ',
    ],
    `${'A'.repeat(86)}==\n`,
  ],
  claim(input) {
    const text = input.toString();
    const manifest = readManifest(text);
    if (manifest !== undefined) {
      assert.equal(printManifest(manifest), text, 'a manifest has one form');
      for (const { path } of manifest.entries) assert.ok(!path.includes('..') && !path.startsWith('/'), path);
    }
    const signatures = readSignatures(text);
    if (signatures !== undefined) {
      assert.ok(signatures.length <= 16);
      assert.deepEqual(readSignatures(printSignatures(signatures)), signatures);
    }
  },
};
