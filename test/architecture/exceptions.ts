// What the house forbids and some files must do all the same: each with its reason. An entry that is no longer needed
// makes the test fail, so that this list only ever says what is true.

/** Longer than 300 lines. */
export const longFiles: Readonly<Record<string, string>> = {};

/** May read the environment or end the process; besides main.ts, the tests, and what runs only in them. */
export const processFiles: Readonly<Record<string, string>> = {
  'deploy/commands/sallyport.ts': 'it is a program of its own: its exit code is its answer to the shell',
};

/** May import node:events: each owns a socket and turns its events into values. */
export const emitterFiles: Readonly<Record<string, string>> = {};

/** Run in the repository and never where the product runs: they may import what only the root installs, for developers. */
export const repositoryTools: Readonly<Record<string, string>> = {
  'deploy/generate-address-tables.ts': 'it reads the Unicode database; what it writes is committed',
  'deploy/generate-content-tables.ts': 'it reads the Unicode database; what it writes is committed',
};

/** Programs that a test beside them starts; they count as tests. */
export const testPrograms: Readonly<Record<string, string>> = {
  'inner-gateway/broker/run-until-killed.ts': 'a whole broker is killed under load, in a process of its own',
  'inner-gateway/broker/hold-until-killed.ts':
    'it is killed at a named step of the quarantine, in a process of its own',
  'inner-gateway/store/measure-store.ts': 'it prints what the store costs, for the figures in the README',
  'inner-gateway/store/keep-until-killed.ts': 'the store is killed in the middle of its work, in a process of its own',
};

/** The runtime dependencies of each workspace: closed lists, equal to its package.json. `@sallyport/…` left out. */
export const dependencies: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  proto: {
    '@grpc/grpc-js': 'the wire of the wall',
    '@grpc/proto-loader': 'reads boundary.proto at start; its generator writes the types',
  },
  shared: {
    '@grpc/grpc-js': 'the generated types name it',
    asn1js: 'reads the DER of certificates',
    pino: 'the operational log',
    pkijs: 'certificate paths, names and CRLs, checked by our own rules',
    'prom-client': 'the metrics',
    re2js: 'regular expressions of policy authors, matched in linear time',
    yaml: 'settings and policy, with the line of each problem',
    zod: 'one schema for check, type and manual',
  },
  'dmz-proxy': {
    '@grpc/grpc-js': 'serves the wall',
    '@xmpp/xml': 'builds and prints elements; never parses what came from outside',
    'grpc-health-check': 'the health service of the wall',
    saxes: 'the XML tokenizer inside the strict reader',
    zod: 'the settings',
  },
  'inner-gateway': {
    '@grpc/grpc-js': 'dials the wall',
    'sip.js': 'the core for INVITE dialogs, behind our own connections and reader',
    zod: 'the settings',
  },
  deploy: {
    asn1js: 'reads the DER of certificates',
    'node-forge': 'issues the certificates of the lab, and requests for real ones',
    pkijs: 'issues revocation lists',
    zod: 'what the control socket answers',
  },
};
