// boundary.proto, loaded: the service that dmz-proxy serves and the client that inner-gateway dials with.
import { loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { ProtoGrpcType } from './generated/boundary.ts';

// The same options that the types are generated with (npm run generate).
const definition = loadSync(new URL('boundary.proto', import.meta.url).pathname, {
  longs: Number,
  enums: String,
  bytes: Buffer,
  defaults: true,
  oneofs: true,
});

// The loader's own type knows nothing of the file; the generated one does, and a test holds the two together.
const loaded = loadPackageDefinition(definition) as unknown as ProtoGrpcType;

export const Boundary = loaded.sallyport.boundary.v1.Boundary;

/** Frames larger than this are refused by both ends; 32 of the largest packets stay below it. */
export const largestFrame = 8 * 1024 * 1024;
